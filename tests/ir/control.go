// Statements.

package main

func loop(n int) (fs []func() int) {
	for i := 0; i < n; i++ {
		fs = append(fs, func() int {
			i++
			return i
		})
	}
	return
}

func word(n int) string {
	switch n {
	case 1, 2:
		return "few"
	case 3:
		fallthrough
	case 4:
		n++
	default:
		return "many"
	}
	return "some"
}

func kind(x any) int {
	switch v := x.(type) {
	case nil:
		return 0
	case int:
		return v
	case error:
		return len(v.Error())
	case string, bool:
		_ = v
	}
	return -1
}

func runes(s string) (n rune) {
outer:
	for _, r := range s {
		for range 3 {
			if r == 'x' {
				continue outer
			}
		}
		n += r
	}
	return n
}

func choose(a, b chan int) int {
	select {
	case v, ok := <-a:
		if ok {
			return v
		}
	case b <- 1:
	default:
		return -1
	}
	return 0
}
