// run

// One program on the whole road: calls through interfaces, assertions, boxing, closures, method values, panics,
// nil dereferences and a collection in the middle.
package main

import "runtime"

type Shape interface {
	Area() int
	Name() string
}

type Namer interface{ Name() string }

type Square struct{ side int }

func (s Square) Area() int    { return s.side * s.side }
func (s Square) Name() string { return "square" }

type Rect struct{ w, h int }

func (r *Rect) Area() int    { return r.w * r.h }
func (r *Rect) Name() string { return "rect" }
func (r *Rect) Grow(n int)   { r.w += n; r.h += n }

type Celsius int

func (c Celsius) Warm() bool { return c > 20 }

func total(shapes []Shape) int {
	sum := 0
	for i := 0; i < len(shapes); i++ {
		sum += shapes[i].Area()
	}
	return sum
}

func assertConcrete(x any) {
	if s, ok := x.(Square); ok {
		println("square of side", s.side)
	} else {
		println("no square")
	}
}

func assertInterface(x any) {
	if n, ok := x.(Namer); ok {
		println("named", n.Name())
	} else {
		println("nameless")
	}
}

func catch(what string, f func()) {
	defer func() {
		if e := recover(); e != nil {
			if err, ok := e.(error); ok {
				println(what, "panics:", err.Error())
			} else {
				println(what, "panics with a value")
			}
		}
	}()
	f()
	println(what, "returns")
}

func counter(start int) func(int) int {
	n := start
	return func(d int) int {
		n += d
		return n
	}
}

func double(x int) int { return 2 * x }

func apply(f func(int) int, x int) int { return f(x) }

type node struct {
	next *node
	v    int
}

func list(n int) *node {
	var head *node
	for i := 0; i < n; i++ {
		head = &node{head, i}
	}
	return head
}

func sum(n *node) int {
	s := 0
	for n != nil {
		s += n.v
		n = n.next
	}
	return s
}

func kind(x any) string {
	switch v := x.(type) {
	case nil:
		return "nil"
	case int:
		if v > 255 {
			return "large int"
		}
		return "int"
	case string:
		return "string " + v
	case Shape:
		return "shape " + v.Name()
	case error:
		return "error"
	}
	return "something else"
}

func main() {
	r := &Rect{3, 4}
	shapes := []Shape{Square{2}, r, Square{5}}
	println(total(shapes))
	assertConcrete(Square{7})
	assertConcrete(7)
	assertInterface(r)
	assertInterface("text")

	var large, small any = 1 << 40, 7
	println(large.(int), small.(int), large == any(1<<40), small == large)

	c := counter(10)
	c(5)
	println(c(1), apply(c, 100), apply(double, 21))

	grow := r.Grow
	area := Square{9}.Area
	warm := Celsius(30).Warm
	l := list(1000)
	runtime.GC()
	grow(1)
	println(r.w, r.h, area(), warm(), sum(l), c(0), large.(int))

	catch("missing method", func() { _ = any(7).(Shape) })
	catch("wrong type", func() { _ = any("x").(int) })
	catch("nil assertion", func() { var x any; _ = x.(Shape) })
	catch("nil pointer", func() { var p *Rect; println(p.w) })
	catch("nil interface", func() { var s Shape; println(s.Area()) })
	catch("index", func() { println(shapes[len(shapes)].Area()) })
	catch("division", func() { z := 0; println(1 / z) })
	catch("value", func() { panic("own") })
	catch("nothing", func() {})

	println(kind(nil), kind(3), kind(300), kind("s"), kind(r), kind(2.5))

	done := make(chan int)
	go func() {
		done <- total(shapes)
	}()
	println(<-done)
}
