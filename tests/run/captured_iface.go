// run

// What an interface variable holds that is never assigned again is known in the closures that capture it.
package main

import "fmt"

type Shape interface {
	Area() int
	Name() string
}
type A struct{ x, y int }

func (a *A) Area() int    { return a.x }
func (a *A) Name() string { return "A" }

type L1 struct{ *A }
type L2 struct{ L1 }
type L3 struct{ *L2 }
type V struct{ a, b, c int }

func (v V) Area() int    { return v.a + v.b }
func (v V) Name() string { return "V" }

var sink int
var keep Shape

//go:noinline
func best(n int, f func()) { f() }
func main() {
	l := L3{&L2{L1{&A{1, 2}}}}
	var sh Shape = l
	var v Shape = V{3, 4, 5}
	var e any = l
	var s2 Shape = sh
	best(3, func() {
		for i := 0; i < 10; i++ {
			sink += sh.Area() + v.Area()
		}
		keep = v
		switch x := e.(type) {
		case int:
			fmt.Println("int")
		case Shape:
			fmt.Println(x.Name())
		}
		_, ok := v.(interface{ Foo() })
		fmt.Println(ok, sh == sh, v == keep, e == any(sh), s2.Name())
		func() { fmt.Println(v.(V).c, v.(interface{ Area() int }).Area()) }()
	})
	fmt.Println(sink, keep.Area())
	defer func() { fmt.Println(recover().(error).Error()) }()
	func() { fmt.Println(v.(*A)) }()
}
