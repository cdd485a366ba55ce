// run

// In an assignment, calls come first, in order, then the value, then the checks of where it goes.

package main

type S struct{ a, b int }
type B struct{ a [20]int }

func try(f func()) {
	defer func() { println(recover().(error).Error()) }()
	f()
}

var p *S
var s []int
var q []*int
var bs []B
var zero int

func idx(i int) int { println("idx", i); return i }

func main() {
	try(func() { *q[idx(2)] = *q[1] })
	try(func() { s[3] = p.a })
	try(func() { p.a = s[3] })
	try(func() { s[idx(1)] = p.a })
	try(func() { p.a = s[idx(1)] })
	try(func() { bs[3] = bs[4] })
	try(func() { bs[idx(3)] = bs[4] })
	try(func() { s[3] = 1 / zero })
	try(func() { s[3] /= zero })
	try(func() { s[3] += s[4] })
	try(func() { s[idx(3)] += s[4] })
}
