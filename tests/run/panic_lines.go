package main

import (
	"runtime/debug"
	"strings"
)

type T struct {
	n int
	p *T
}

func (t *T) F() *T { return t }
func (t *T) Panic() *T {
	panic("x")
}

var zero, five = 0, 5
var nilT *T
var e any = 1
var b []int
var s = "abc"
var fn func(int) int
var m map[any]int
var arr *[4]int

func try(name string, f func()) {
	defer func() {
		r := recover()
		lines := strings.Split(string(debug.Stack()), "\n")
		for i, l := range lines {
			if strings.HasPrefix(l, "main.main.func") || strings.HasPrefix(l, "main.init.func") {
				at := lines[i+1]
				at = at[strings.LastIndexByte(at, ':')+1:]
				at, _, _ = strings.Cut(at, " ")
				println(name, at, r != nil)
				return
			}
		}
	}()
	f()
}

func g(x int) int { return x }

func main() {
	t := &T{}
	try("chain", func() {
		t.
			F().
			Panic().
			F()
	})
	try("callargs", func() {
		g(
			g(1) /
				zero,
		)
	})
	try("callee", func() {
		t.
			Panic(
			)
	})
	try("index", func() {
		println(b[
			five])
	})
	try("indexbracket", func() {
		println((b)[ // x
			five])
	})
	try("slice", func() {
		println(len(b[
			five:
			five]))
	})
	try("string", func() {
		println(s[
			five])
	})
	try("nilfield", func() {
		println(nilT.
			n)
	})
	try("nilfieldchain", func() {
		println(t.
			p.
			n)
	})
	try("nilstore", func() {
		nilT.
			n =
			five
	})
	try("indexstore", func() {
		b[
			five] =
			five
	})
	try("div", func() {
		println(five /
			zero)
	})
	try("rem", func() {
		println(
			five +
				five %
					zero)
	})
	try("assert", func() {
		println(e.
			(string))
	})
	try("nilfunc", func() {
		println(fn(
			five))
	})
	try("mapkey", func() {
		println(m[
			b])
	})
	try("mapstore", func() {
		m[
			five] =
			1
	})
	try("deref", func() {
		println(five +
			*(*int)(
				nil))
	})
	try("conv", func() {
		println(len([4]int(
			b)))
	})
	try("arrp", func() {
		println(arr[
			five-4])
	})
	try("opassign", func() {
		five /=
			zero
	})
	try("make", func() {
		println(len(make(
			[]int,
			five-10)))
	})
	try("compare", func() {
		var x, y any = b, b
		println(x ==
			y)
	})
	try("panic", func() {
		panic(
			five)
	})
	try("complit", func() {
		_ = []*int{
			&b[0],
			&b[
				five],
		}
	})
	try("iface", func() {
		var i interface{ F() *T }
		i.
			F()
	})
	try("appendelem", func() {
		b = append(b,
			b[
				five])
	})
	try("shift", func() {
		println(five <<
			(zero - 1))
	})
	try("returnv", func() {
		func() int {
			return five /
				zero
		}()
	})
	try("if", func() {
		if five > 3 &&
			b[
				five] == 2 {
		}
	})
}
