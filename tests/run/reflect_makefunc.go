// run

// Functions that reflection makes, of types known to the compiler and of new ones.
package main

import "reflect"

type wide struct {
	a, b, c, d, e int64
	s             string
	t             [3]uint8
}

func makeSwap(p any) {
	f := reflect.ValueOf(p).Elem()
	f.Set(reflect.MakeFunc(f.Type(), func(in []reflect.Value) []reflect.Value {
		return []reflect.Value{in[1], in[0]}
	}))
}

func echo(p any) {
	f := reflect.ValueOf(p).Elem()
	f.Set(reflect.MakeFunc(f.Type(), func(in []reflect.Value) []reflect.Value { return in }))
}

func fails(what string, f func()) {
	defer func() {
		switch e := recover().(type) {
		case nil:
			println(what, "did not panic")
		case string:
			println(what, e)
		case error:
			println(what, e.Error())
		}
	}()
	f()
}

type op func(a, b int) int

func (f op) twice(a int) int { return f(a, a) }

func catches() (text string) {
	catch := reflect.MakeFunc(reflect.TypeOf(func() {}), func([]reflect.Value) []reflect.Value {
		text = recover().(string)
		return nil
	}).Interface().(func())
	defer catch()
	panic("caught by a made func")
}

func main() {
	var ints func(int, int) (int, int)
	makeSwap(&ints)
	println(ints(1, 2))
	var strs func(string, string) (string, string)
	makeSwap(&strs)
	println(strs("a", "b"))
	var mixed func(float32, []int) ([]int, float32)
	makeSwap(&mixed)
	s, f := mixed(1.5, []int{4, 5})
	println(len(s), s[1], f)
	var wides func(wide, wide) (wide, wide)
	makeSwap(&wides)
	x, y := wides(wide{a: 1, e: 5, s: "x", t: [3]uint8{1, 2, 3}}, wide{b: 2, s: "y", t: [3]uint8{4, 5, 6}})
	println(x.b, x.s, x.t[2], y.a, y.e, y.s, y.t[0])

	var many func(int8, float32, uint16, string, bool, any, complex64, [3]byte, [0]int, int32, float64, []byte, error) (int8, float32, uint16, string, bool, any, complex64, [3]byte, [0]int, int32, float64, []byte, error)
	echo(&many)
	a, b, c, d, e, g, h, i, _, j, k, l, m := many(-3, 2.5, 65535, "str", true, 7, 1+2i, [3]byte{9, 8, 7}, [0]int{}, -4, 0.125, []byte("raw"), nil)
	println(a, b, c, d, e, g.(int), h, i[0], i[2], j, k, string(l), m == nil)

	var vararg func(string, ...int) int
	v := reflect.ValueOf(&vararg).Elem()
	v.Set(reflect.MakeFunc(v.Type(), func(in []reflect.Value) []reflect.Value {
		println(len(in), in[0].String(), in[1].Len())
		return []reflect.Value{reflect.ValueOf(in[1].Len() * 10)}
	}))
	println(vararg("none"), vararg("three", 1, 2, 3))

	// Results are assigned to the result types.
	var iface func() (error, any)
	v = reflect.ValueOf(&iface).Elem()
	v.Set(reflect.MakeFunc(v.Type(), func([]reflect.Value) []reflect.Value {
		return []reflect.Value{reflect.ValueOf(problem("p")), reflect.ValueOf(3)}
	}))
	err, any := iface()
	println(err.Error(), any.(int))

	// A func of a type that the compiler does not know.
	in := []reflect.Type{reflect.TypeOf(int16(0)), reflect.TypeOf([2]int8{}), reflect.TypeOf("")}
	out := []reflect.Type{reflect.TypeOf([2]int8{}), reflect.TypeOf(""), reflect.TypeOf(int16(0))}
	typ := reflect.FuncOf(in, out, false)
	println(typ.String())
	made := reflect.MakeFunc(typ, func(in []reflect.Value) []reflect.Value {
		return []reflect.Value{in[1], in[2], in[0]}
	})
	got := made.Call([]reflect.Value{reflect.ValueOf(int16(-5)), reflect.ValueOf([2]int8{1, -2}), reflect.ValueOf("new")})
	println(got[0].Index(1).Int(), got[1].String(), got[2].Int())

	add := reflect.MakeFunc(reflect.TypeOf(op(nil)), func(in []reflect.Value) []reflect.Value {
		return []reflect.Value{reflect.ValueOf(int(in[0].Int() + in[1].Int()))}
	}).Interface().(op)
	println(add(2, 3), add.twice(21))
	go func() { ints(5, 6) }()
	defer func() { println("deferred", add(1, 1)) }()

	println(catches())
	fails("panics", func() {
		reflect.MakeFunc(reflect.TypeOf(func() {}), func([]reflect.Value) []reflect.Value { panic("made") }).Call(nil)
	})
	fails("count", func() {
		reflect.MakeFunc(reflect.TypeOf(func() int { return 0 }), func([]reflect.Value) []reflect.Value { return nil }).Call(nil)
	})
	fails("type", func() {
		reflect.MakeFunc(reflect.TypeOf(func() int { return 0 }), func([]reflect.Value) []reflect.Value {
			return []reflect.Value{reflect.ValueOf("s")}
		}).Call(nil)
	})
	fails("kind", func() { reflect.MakeFunc(reflect.TypeOf(0), nil) })

	swap := reflect.Swapper([]string{"q"})
	swap(0, 0)
}

type problem string

func (p problem) Error() string { return "problem " + string(p) }
