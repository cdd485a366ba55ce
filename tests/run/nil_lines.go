package main

import (
	"runtime"
	"strings"
)

// A nil pointer is told with the line that dereferences it: not with that of what is computed with the value, nor with
// that of a callee that was inlined and loads first.

type Inner struct{ a, err int }

func (i *Inner) Plus() int {
	return 17 + i.err
}

type Outer struct{ Inner }

//go:noinline
func convert(p *int32) int64 {
	defer where("convert")
	v := *p
	return int64(v)
}

//go:noinline
func add(p *int, n int) int {
	defer where("add")
	v := *p
	n *= 3
	return n +
		v
}

//go:noinline
func promoted(o *Outer) int {
	defer where("promoted")
	return o.Plus()
}

func where(what string) {
	recover()
	var buf [2048]byte
	s := string(buf[:runtime.Stack(buf[:], false)])
	i := strings.LastIndex(s, "main."+what+"(")
	at := s[i:]
	at = at[strings.Index(at, ".go:")+4:]
	at = at[:strings.IndexAny(at, " \n")]
	println(what, at, strings.Contains(s, "Plus"))
}

func main() {
	convert(nil)
	add(nil, 2)
	promoted(nil)
}
