// Maps: integer, string and interface keys; iteration.
package main

type key struct {
	a int
	b string
}

func main() {
	const n = 4096
	mi := map[int]int{}
	ms := map[string]int{}
	ma := map[any]int{}
	mk := map[key]int{}
	names := make([]string, n)
	anys := make([]any, n)
	for i := 0; i < n; i++ {
		names[i] = "key" + string(rune(i+1000))
		switch i % 3 {
		case 0:
			anys[i] = i
		case 1:
			anys[i] = names[i]
		case 2:
			anys[i] = key{i, names[i]}
		}
		mi[i*7] = i
		ms[names[i]] = i
		ma[anys[i]] = i
		mk[key{i, names[i]}] = i
	}
	best("maps/get_int", n*10, func() {
		for r := 0; r < 10; r++ {
			for i := 0; i < n; i++ {
				sink += mi[i*7]
			}
		}
	})
	best("maps/get_string", n*10, func() {
		for r := 0; r < 10; r++ {
			for _, s := range names {
				sink += ms[s]
			}
		}
	})
	best("maps/get_any", n*10, func() {
		for r := 0; r < 10; r++ {
			for _, k := range anys {
				sink += ma[k]
			}
		}
	})
	best("maps/get_struct", n*10, func() {
		for r := 0; r < 10; r++ {
			for i, s := range names {
				sink += mk[key{i, s}]
			}
		}
	})
	best("maps/insert_int", n, func() {
		m := map[int]int{}
		for i := 0; i < n; i++ {
			m[i] = i
		}
		sink += len(m)
	})
	best("maps/range", n*10, func() {
		for r := 0; r < 10; r++ {
			for k, v := range mi {
				sink += k ^ v
			}
		}
	})
}
