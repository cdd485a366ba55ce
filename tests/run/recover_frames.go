// run

// What counts as called by a panic: one function besides wrappers, inlined or not.
package main

type T struct{ a, b, c int }

//go:noinline
func mustNot(n int) {
	if recover() != nil {
		println("spurious", n)
	}
}
func without(n int)    { mustNot(n) }
func (t T) Without()   { mustNot(t.a) }
func (t *T) WithoutP() { mustNot(t.a) }
func (t T) With()      { println("ok", t.a, recover() != nil) }
func (t *T) WithP()    { println("ok", t.a, recover() != nil) }
func with(n int)       { println("ok", n, recover() != nil) }

type I interface{ Without() }
type W interface{ With() }
type E struct{ T }
type F struct{ *T }

func try(f func()) {
	defer func() { recover() }()
	f()
}

func main() {
	t := T{7, 8, 9}
	var i I = t
	var w W = &t
	var e W = E{t}
	var g W = &F{&t}
	try(func() { defer without(1); panic(1) })
	try(func() { defer t.Without(); panic(1) })
	try(func() { defer t.WithoutP(); panic(1) })
	try(func() { defer i.Without(); panic(1) })
	try(func() { defer E{t}.Without(); panic(1) })
	try(func() { f := i.Without; defer f(); panic(1) })
	try(func() { defer func() { without(2) }(); panic(1) })
	try(func() { defer func() { defer without(3) }(); panic(1) })
	try(func() { defer with(1); panic(1) })
	try(func() { defer func() { defer with(2) }(); panic(1) })
	try(func() { defer t.With(); panic(1) })
	try(func() { defer t.WithP(); panic(1) })
	try(func() { defer w.With(); panic(1) })
	try(func() { defer e.With(); panic(1) })
	try(func() { defer g.With(); panic(1) })
	try(func() { f := e.With; defer f(); panic(1) })
	try(func() { defer T.With(t); panic(1) })
	try(func() { defer W.With(e); panic(1) })
	try(func() {
		for k := range 3 {
			defer with(k)
			panic(k)
		}
	})
	func() {
		defer func() { println(recover() == nil) }()
		defer func() { defer recover() }()
		panic("direct")
	}()
	func() {
		defer func() { println(recover() != nil) }()
		defer recover()
		panic("direct")
	}()
	func() {
		defer func() { println(recover() != nil) }()
		for range 2 {
			defer recover()
		}
		panic("direct")
	}()
	func() {
		defer func() { println(recover() == nil) }()
		defer func() {
			for range 2 {
				defer recover()
			}
		}()
		panic("direct")
	}()
}
