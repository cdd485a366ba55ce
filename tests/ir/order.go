// What is read late and what is called first.

package main

var global = 1

func change() int {
	global = 5
	return 1
}

func sum() int { return global + change() }

func store(a []int, i int) {
	a[i], i = change(), global
}

func iface(x *int) any { return *x }

func variadic(xs ...any) int { return len(xs) }

func pass(p *int) int { return variadic(*p, change(), "text") }
