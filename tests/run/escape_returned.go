// run

// What a returned object holds outlives the function.
package main

type node struct {
	next *node
	v    any
}

//go:noinline
func boxes(n int) []any { return []any{n, n + 1} }

//go:noinline
func nodes(n int) *node {
	x := n
	return &node{&node{nil, &x}, n * 1000}
}

//go:noinline
func funcs(n int) map[string]func() int {
	return map[string]func() int{"f": func() int { n++; return n }}
}

//go:noinline
func clobber(n int) int {
	var a [64]int
	for i := range a {
		a[i] = n - i
	}
	return a[n%64]
}

func main() {
	a, b := boxes(500), boxes(600)
	c, d := nodes(7), nodes(8)
	e, f := funcs(10), funcs(20)
	clobber(3)
	println(a[0].(int), a[1].(int), b[0].(int), b[1].(int))
	println(c.v.(int), *c.next.v.(*int), d.v.(int), *d.next.v.(*int))
	println(e["f"](), e["f"](), f["f"]())
}
