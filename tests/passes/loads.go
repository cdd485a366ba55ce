// passes: -preempt
package main

type t struct {
	a, b int
	s    []int
	f    float64
}

// One load of each field, until something may write it.
func fields(p *t, q *t) int {
	n := p.a
	q.b = 1
	n += p.a
	q.a = 2
	return n + p.a
}

// Other types do not meet.
func types(p *int, q *float64) int {
	n := *p
	*q = 1
	return n + *p
}

//go:noinline
func effect() {}

func calls(p *int) int {
	n := *p
	effect()
	return n + *p
}

// The slice is loaded once and checked once.
func twice(p *t, i int) int { return p.s[i] + p.s[i] }

// The row is loaded before the loop over it.
func row(a [][]int, i int) int {
	n := 0
	if i >= 0 && i < len(a) {
		for k := 0; k < 8; k++ {
			n += a[i][k]
		}
	}
	return n
}

// What is stored is no slice, so the row is loaded before the loop all the same.
func written(a [][]int, b []int, n int) {
	if n > 0 && n < len(a) {
		for k := range b {
			a[n][k] = b[k]
		}
	}
}
