// run

// Methods with type parameters of their own, new(expression), promoted fields as keys.
package main

type L[T any] struct{ xs []T }

func (l L[T]) Map[U any](f func(T) U) L[U] {
	var r L[U]
	for _, x := range l.xs {
		r.xs = append(r.xs, f(x))
	}
	return r
}
func (l *L[T]) Fold[A any](a A, f func(A, T) A) A {
	for _, x := range l.xs {
		a = f(a, x)
	}
	return a
}
func double(i int) float64 { return float64(i) * 2.5 }
func main() {
	l := L[int]{[]int{1, 2, 3}}
	for _, x := range l.Map(double).xs {
		println(x)
	}
	mv := l.Map[string]
	for _, s := range mv(func(i int) string { return string(rune('a' + i)) }).xs {
		println(s)
	}
	me := (*L[int]).Fold[string]
	println(me(&l, "x", func(a string, i int) string { return a + string(rune('0'+i)) }))
	mf := l.Fold[int]
	l.xs = l.xs[:2]
	println(mf(10, func(a, b int) int { return a + b }), L[int].Map[bool](l, func(i int) bool { return i > 1 }).xs[1])
	p := new(l.xs[0] + 41)
	println(*p)
	type D struct{ F int }
	type E struct {
		D
		G int
	}
	e := E{F: 3, G: 4}
	println(e.F, e.D.F)
}
