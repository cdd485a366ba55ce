// m[k] op= v looks the element up once, after v is computed; a division looks before it makes one.
package main

func try(name string, f func()) {
	defer func() {
		if r := recover(); r != nil {
			println(name, r.(error).Error())
		}
	}()
	f()
}

type key struct{ a any }

func main() {
	counts := map[string]int{}
	for _, w := range []string{"a", "b", "a", "c", "a"} {
		counts[w]++
	}
	counts["b"] += 10
	counts["d"]--
	println(len(counts), counts["a"], counts["b"], counts["c"], counts["d"])

	texts := map[int]string{}
	for i := range 5 {
		texts[i%2] += string(rune('a' + i))
	}
	println(texts[0], texts[1])

	none := []int{}
	inserted := map[string]int{}
	try("index", func() { inserted["x"] += none[len(inserted)] })
	println("inserted", len(inserted))
	try("divide", func() { inserted["y"] /= none[len(inserted)-1] })
	println("inserted", len(inserted))
	zero := 0
	try("zero", func() { inserted["z"] %= zero })
	println("inserted", len(inserted))
	negative := -1
	try("shift", func() { inserted["w"] <<= negative })
	println("inserted", len(inserted))

	var nilMap map[string]int
	try("nil", func() { nilMap["a"]++ })
	anys := map[any]int{}
	var bad any = map[string]int{}
	try("unhashable", func() { anys[bad] += 1 })
	try("unhashable key", func() { anys[key{bad}]++ })
	try("unhashable division", func() { anys[bad] /= 2 })

	// What the right side does to the map comes first.
	grow := map[int]int{}
	more := func() int {
		for i := range 100 {
			grow[i] = i
		}
		return 1
	}
	grow[7] += more()
	println(len(grow), grow[7])

	structs := map[[2]int]float64{}
	for i := range 10 {
		structs[[2]int{i % 3, 1}] += float64(i)
	}
	println(structs[[2]int{0, 1}], structs[[2]int{1, 1}], structs[[2]int{2, 1}])
}
