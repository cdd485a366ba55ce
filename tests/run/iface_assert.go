// run

// Assertions and type switches: concrete and interface targets, comma-ok and panicking, from any and from interfaces
// with methods, through embedding, in generic code, with nil, and their messages.
package main

import "unsafe"

type Shape interface {
	Area() int
	Name() string
}
type Namer interface{ Name() string }
type hidden interface{ secret() int }
type Both interface {
	Shape
	hidden
}

type Square struct{ side int }

func (s Square) Area() int    { return s.side * s.side }
func (s Square) Name() string { return "square" }

type Circle struct{ r int }

func (c *Circle) Area() int    { return 3 * c.r * c.r }
func (c *Circle) Name() string { return "circle" }
func (c *Circle) secret() int  { return c.r }

type Wrap struct{ *Circle }
type Deep struct {
	Wrap
	n int
}
type Num int

func (n Num) Name() string { return "num" }

type Fn func() int

func (f Fn) Area() int    { return f() }
func (f Fn) Name() string { return "fn" }

type Arr [1]*int

func (a Arr) Name() string { return "arr" }

type Empty struct{}

func (Empty) Name() string { return "empty" }

type M map[string]int

func (m M) Name() string { return "map" }

func try(what string, f func()) {
	defer func() {
		if e := recover(); e != nil {
			err, ok := e.(error)
			if !ok {
				println(what, "not an error")
				return
			}
			println(what, err.Error())
		}
	}()
	f()
	println(what, "fine")
}

func to[T any](x any) (string, bool) {
	_, ok := x.(T)
	switch any(*new(T)).(type) {
	case int:
		return "int", ok
	case Square:
		return "Square", ok
	}
	return "other", ok
}

func must[T any](x any) T { return x.(T) }

func kind(x any) string {
	switch y := x.(type) {
	case nil:
		return "nil"
	case int, int8:
		return "integer"
	case Both:
		return "both " + y.Name()
	case Square:
		return "Square itself"
	case Shape:
		return "shape " + y.Name()
	case Namer:
		return "namer " + y.Name()
	case error:
		return "error " + y.Error()
	case func() int:
		return "func"
	case []int:
		return "slice"
	case struct{ X int }:
		return "struct"
	case *int, unsafe.Pointer:
		return "pointer"
	default:
		return "something"
	}
}

func fromShape(s Shape) string {
	switch y := s.(type) {
	case nil:
		return "nil shape"
	case *Circle:
		return "circle"
	case hidden:
		return "hidden"
	case Namer:
		return "namer " + y.Name()
	}
	return "?"
}

func main() {
	c := &Circle{2}
	one := 1
	all := []any{nil, 1, int8(1), uint8(200), Square{3}, c, Wrap{c}, &Wrap{c}, Deep{Wrap{c}, 1}, Num(300), Fn(func() int { return 5 }),
		Arr{&one}, Empty{}, M{}, func() int { return 1 }, []int{1}, struct{ X int }{1}, &one, unsafe.Pointer(&one), 1.5, "s", 'x', [2]string{}}
	for round := 0; round < 2; round++ {
		for _, x := range all {
			println(kind(x))
		}
	}
	for _, x := range all {
		s, ok := x.(Shape)
		if ok {
			println(s.Area(), s.Name(), fromShape(s))
		}
		n, ok := x.(Namer)
		print(ok, " ", n == nil, " ")
		_, ok = x.(hidden)
		println(ok)
	}
	println(fromShape(nil))

	try("any to int", func() { _ = all[4].(int) })
	try("nil any to int", func() { _ = all[0].(int) })
	try("nil any to Shape", func() { _ = all[0].(Shape) })
	try("Circle to Shape", func() { _ = any(*c).(Shape) })
	try("Square to Both", func() { _ = any(Square{}).(Both) })
	try("Deep to Both", func() { println(any(Deep{Wrap{c}, 1}).(Both).secret()) })
	var sh Shape = Square{4}
	try("Shape to *Circle", func() { _ = sh.(*Circle) })
	try("Shape to hidden", func() { _ = sh.(hidden) })
	try("Shape to any", func() { _ = sh.(any) })
	try("Shape to Namer", func() { println(sh.(Namer).Name()) })
	sh = nil
	try("nil Shape to Namer", func() { _ = sh.(Namer) })
	try("nil Shape to Square", func() { _ = sh.(Square) })
	try("nil Shape to any", func() { _ = sh.(any) })
	try("call of nil Shape", func() { sh.Name() })
	try("method value of nil Shape", func() { _ = sh.Name })
	var nilCircle *Circle
	sh = nilCircle
	println(sh == nil, sh != Shape(nilCircle), sh.Name())
	try("call through nil *Circle", func() { sh.Area() })
	var nilSquare *Square
	var nm Namer = nilSquare
	names := []func(Namer) string{Namer.Name}
	try("value method through nil", func() { names[0](nm) })

	println(to[int](1))
	println(to[Square](Square{}))
	println(to[Shape](Square{}))
	println(to[Shape](Num(1)))
	println(must[Namer](Num(1)).Name(), must[Num](Num(2)))
	try("generic", func() { must[string](1) })
	try("generic interface", func() { must[Both](Square{}) })

	f := Square.Area
	g := (*Circle).secret
	h := Shape.Name
	k := Square{9}.Area
	println(f(Square{2}), g(c), h(Fn(nil)), k(), Deep{Wrap{c}, 0}.Area())
}
