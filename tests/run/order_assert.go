// run

// A call comes before an assertion to a type that is one pointer, wherever they stand.
package main

type S struct{ n int }

func (s S) M(i int) int { return s.n + i }

type P struct{ *S }

func main() {
	defer func() { println(recover().(error).Error()) }()
	var a *P
	v, ok := any(any(P{})).(map[int]uint)[a.M(1)]
	println(v, ok)
}
