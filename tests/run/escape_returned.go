// run

// What a returned object holds outlives the frame, as does what a type switch takes out of an interface.
package main

type N int
type S struct {
	p *N
	s []int64
	q any
}

//go:noinline
func clobber(n int) int {
	var a [40]int
	for i := range a {
		a[i] = i * n
	}
	if n > 0 {
		return clobber(n-1) + a[n]
	}
	return a[3]
}

//go:noinline
func slice(a int64) any { return []int64{a, a + 1} }

//go:noinline
func pointer(a N) *S { return &S{p: &a, s: []int64{1, int64(a)}, q: a} }

//go:noinline
func value(a N) S { return S{p: &a, s: []int64{1, int64(a)}, q: a} }

//go:noinline
func closure(a N) func() N {
	s := S{p: &a, q: []N{a}}
	return func() N { return *s.p + s.q.([]N)[0] }
}

//go:noinline
func sw(x any) []int64 {
	switch x := x.(type) {
	case []int64:
		return x
	case S:
		return x.s
	case *S:
		return x.s
	}
	return nil
}

//go:noinline
func local(a int64) []int64 {
	return sw([]int64{a, a})
}

//go:noinline
func local2(a int64) []int64 {
	return sw(S{s: []int64{a, a}})
}

//go:noinline
func local3(a int64) []int64 {
	return sw(&S{s: []int64{a, a}})
}

func main() {
	x, y, z, c := slice(7), pointer(8), value(9), closure(10)
	l, m, n := local(4), local2(5), local3(6)
	clobber(20)
	println(x.([]int64)[0], x.([]int64)[1])
	println(*y.p, y.s[1], y.q.(N))
	println(*z.p, z.s[1], z.q.(N))
	println(c())
	println(l[1], m[1], n[1])
}
