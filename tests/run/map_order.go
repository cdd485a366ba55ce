package main

type P struct{ x int }

var m = map[int]int{1: 1}

//go:noinline
func change() int {
	m[1]++
	return m[1]
}

func add(a int, list ...int) int {
	for _, x := range list {
		a = a*10 + x
	}
	return a
}

type S []int

var list = []int{1, 2, 3}

func first(s S, n int) int { return s[0]*10 + n }

func replace(n int) int {
	list = []int{n}
	return n
}

// A map is read when variables are, after all calls; so are a converted slice and bounds of a slice, but not a field of
// what a call returned.
func main() {
	println(m[1] + change())
	println(m[1], change(), m[1])
	println(add(m[1], change(), m[1]))
	x, y := m[1], change()
	println(x, y)
	b := []byte("k")
	n := map[string]int{"k": 1, "l": 2}
	println(n[string(b)] + func() int { b[0] = 'l'; n["k"] = 5; return 10 }())
	k := struct{ a, b int8 }{1, 2}
	t := map[struct{ a, b int8 }]int{k: 3, {2, 2}: 4}
	p := &k
	println(t[*p] + func() int { p.a = 2; return 10 }())
	w := map[[4]byte]int{{1}: 1, {2}: 2}
	a := [4]byte{1}
	q := &a
	println(w[*q] + func() int { q[0] = 2; return 10 }())
	println(first(S(list), replace(5)))
	get := func() *struct{ f func(int) int } {
		return &fn
	}
	println(get().f(func() int { fn.f = func(int) int { return 2 }; return 0 }()))
}

var fn = struct{ f func(int) int }{func(int) int { return 1 }}
