// run

// What deferred calls hold lies beside their frame when their statements run once.
package main

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
)

type box struct{ p *int }

func (b box) show(s string, args ...any) { fmt.Println("show", *b.p, s, args) }
func (b *box) close() error              { *b.p++; return nil }
func (b *box) String() string            { return fmt.Sprint(*b.p) }

//go:noinline
func fill(n int) int {
	var a [200]int
	for i := range a {
		a[i] = n
	}
	return a[n%200] + len(strings.Repeat("x", n))
}

func simple(n int) (r int) {
	x := n
	p := &x
	defer func() { r += *p }()
	defer func() { x *= 2 }()
	x++
	runtime.GC()
	return fill(3)
}

func named(n int) (err error) {
	defer func() {
		if e := recover(); e != nil {
			err = fmt.Errorf("recovered %v, %w", e, err)
		}
	}()
	defer func() { err = errors.New("from defer") }()
	if n > 1 {
		panic(fmt.Sprint("n=", n))
	}
	return nil
}

// After a recovery the frame of the function is gone; older calls run all the same.
func remaining() (list []string) {
	b := box{new(int)}
	s := []string{"one", "two"}
	defer func() { list = append(list, s...); list = append(list, b.String()) }()
	defer b.close()
	defer func() { b.close() }()
	defer func() { recover(); fill(100); runtime.GC() }()
	s = append(s, "three")
	var m map[string]int
	m["x"] = fill(5)
	return nil
}

func interfaces(v any) {
	local := 7
	b := box{&local}
	var c interface{ close() error } = &b
	defer fmt.Println("println", v, local, b.p == &local)
	defer b.show("deferred", v, local, "x")
	defer c.close()
	defer func(s string, n int) { fmt.Println(s, n, local) }("arg"+fmt.Sprint(v), local)
	local += 10
	fill(50)
}

func loop(n int) {
	for i := 0; i < n; i++ {
		defer func() { fmt.Print(i, " ") }()
		x := i * i
		defer func(p *int) { fmt.Print(*p, " ") }(&x)
	}
	defer fmt.Print("loop: ")
	i := 0
again:
	defer func(k int) { fmt.Print("goto", k, " ") }(i)
	if i++; i < 3 {
		goto again
	}
}

func conditional(b bool) {
	s := []int{1, 2, 3}
	if b {
		t := s[1:]
		defer func() { fmt.Println("conditional", s, t) }()
	}
	s[2] = fill(4)
}

func nested() {
	x := 1
	defer func() {
		y := 2
		defer func() {
			z := recover()
			defer func() { x++; fmt.Println("nested", x, y, z) }()
			y++
		}()
		panic("inner")
	}()
	x = 10
}

func again() {
	defer func() { fmt.Println("outer", recover()) }()
	v := "second"
	defer func() { fill(20); panic(v) }()
	w := "third"
	defer func() { defer func() { w += v; fmt.Println(w) }() }()
	panic("first")
}

func overFunc() {
	x := 0
	for i := range func(yield func(int) bool) { _ = yield(1) && yield(2) } {
		defer func() { x += i; fmt.Print("overFunc ", x, "\n") }()
	}
	x = 100
}

func goexit() {
	done := make(chan string)
	go func() {
		s := "goexit"
		defer func() { done <- s }()
		defer func() { s += fmt.Sprint(fill(2)) }()
		runtime.Goexit()
	}()
	fmt.Println(<-done)
}

func kept() func() int {
	x := 1
	f := func() int { x++; return x }
	defer f()
	return f
}

func deferNil() {
	defer func() { fmt.Println(recover()) }()
	var f func()
	defer f()
	fmt.Println("before")
}

func many() (n int) {
	a, b, c, d := 1, 2, 3, 4
	defer func() { n += a }()
	defer func() { n += b + a }()
	defer func() { n += c; c++ }()
	defer func() { n += d + c; d++ }()
	a, b, c, d = b, c, d, a
	return 1000
}

func text(s string) {
	t := s + "!"
	u := []byte(t)
	defer func() { fmt.Println(t, string(u)) }()
	u[0] = '?'
	fill(30)
}

func main() {
	fmt.Println(simple(4))
	fmt.Println(named(1), "/", named(2))
	fmt.Println(remaining())
	interfaces("v")
	loop(3)
	fmt.Println()
	conditional(true)
	conditional(false)
	nested()
	again()
	overFunc()
	goexit()
	f := kept()
	fmt.Println(f(), f())
	deferNil()
	fmt.Println(many())
	text("text")
}
