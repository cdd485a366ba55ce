// run

// append(s, make([]T, n)...) grows in place and gives zeros.
package main

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
)

type pair struct {
	p *int
	n int
}

//go:noinline
func grow[S ~[]E, E any](s S, n int) S { return append(s, make(S, n)...) }

func try(what string, f func()) {
	defer func() {
		r := recover()
		var e runtime.Error
		if err, ok := r.(error); ok && errors.As(err, &e) {
			fmt.Println(what, err)
		}
	}()
	f()
}

var calls []string

//go:noinline
func call(s string, n int) int {
	calls = append(calls, s)
	return n
}

func main() {
	s := grow([]int{1, 2, 3}, 2)
	fmt.Println(s, len(s), cap(s))
	full := []int{1, 2, 3, 4, 5, 6, 7, 8}
	part := grow(full[:3], 4)
	fmt.Println(part, full)
	x := 7
	pairs := grow([]pair{{&x, 1}}, 3)
	fmt.Println(*pairs[0].p, pairs[1:], len(pairs), cap(pairs))
	dirty := []pair{{&x, 1}, {&x, 2}, {&x, 3}}
	dirty = grow(dirty[:1], 2)
	fmt.Println(dirty[1:], cap(dirty))
	fmt.Println(grow([]int(nil), 0) == nil, grow([]struct{}(nil), 5))
	var n8 uint8 = 200
	fmt.Println(len(append([]byte("ab"), make([]byte, n8)...)))
	fmt.Println(append([]byte("ab"), make([]byte, 3)...))
	ab := append([]int{call("a", 1)}, make([]int, call("b", 2))...)
	fmt.Println(ab, calls)
	try("negative", func() { grow([]int{1}, call("n", -1)) })
	try("huge", func() { grow([]int{1}, 1<<62) })
	try("overflow", func() { grow(make([]struct{}, 10), 1<<63-1) })
	var u uint64 = 1 << 63
	try("unsigned", func() { _ = append([]int{}, make([]int, u)...) })
	g := slices.Grow([]string{"a"}, 10)
	fmt.Println(g, len(g), cap(g) >= 11)
	fmt.Println(slices.Insert([]int{1, 2, 3}, 1, 7, 8, 9, 10, 11, 12, 13, 14), slices.Concat([]int{1}, nil, []int{2, 3}))
}
