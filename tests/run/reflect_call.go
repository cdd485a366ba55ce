// run

// Functions and methods called through reflection, with arguments and results of all shapes.
package main

import "reflect"

type small struct {
	a int8
	b string
	c float32
}

type big struct {
	a, b, c, d, e int
	f             [3]int16
}

type nested struct {
	x struct{ p *int }
	_ [0]int
	y [1]uint8
}

func none() { println("none") }

func scalars(a int8, b uint8, c int16, d uint16, e int32, f uint32, g int64, h uint64, i float32, j float64, k bool, l uintptr) (bool, float64, float32, uint64, int64, uint32, int32, uint16, int16, uint8, int8) {
	println(a, b, c, d, e, f, g, h, i, j, k, l)
	return k, j, i, h, g, f, e, d, c, b, a
}

func floats(a, b, c, d, e, f, g, h, i, j float64, k float32) (float64, float32) {
	println(a, b, c, d, e, f, g, h, i, j, k)
	return a + j, k
}

func complexes(a complex64, b complex128) (complex128, complex64) { return b * b, a * a }

func words(s string, b []byte, e any, err error, m map[string]int, c chan int, f func() int) (string, []byte, any, int) {
	println(s, string(b), e.(int), err == nil, m["x"], cap(c), f())
	return s + "!", append(b, '.'), []string{"z"}, len(s)
}

func aggregates(s small, b big, n nested, a [5]byte, x byte, z [0]int, y [3]int32) (big, [5]byte, small, byte, nested) {
	println(s.a, s.b, s.c, b.a, b.e, b.f[2], *n.x.p, n.y[0], a[0], a[4], x, y[0], y[2])
	b.a, b.f[0] = -1, -2
	a[4] = 99
	return b, a, small{1, "one", 1.5}, x + 1, n
}

func variadic(prefix string, rest ...int) int {
	println(prefix, len(rest), rest == nil)
	sum := 0
	for _, n := range rest {
		sum += n
	}
	return sum
}

func huge(a [40]int, b int) (int, [40]int) {
	a[0] = b
	return a[39], a
}

func call(f any, args ...any) []reflect.Value {
	in := make([]reflect.Value, len(args))
	for i, a := range args {
		in[i] = reflect.ValueOf(a)
	}
	return reflect.ValueOf(f).Call(in)
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

func main() {
	call(none)
	out := call(scalars, int8(-8), uint8(200), int16(-1600), uint16(60000), int32(-1<<31), uint32(1<<32-1), int64(-1<<63), uint64(1<<64-1), float32(1.25), 2.5, true, uintptr(7))
	for i, o := range out {
		switch {
		case o.CanInt():
			println(i, o.Int())
		case o.CanUint():
			println(i, o.Uint())
		case o.CanFloat():
			println(i, o.Float())
		default:
			println(i, o.Bool())
		}
	}
	out = call(floats, 1., 2., 3., 4., 5., 6., 7., 8., 9., 10., float32(11))
	println(out[0].Float(), out[1].Float())
	out = call(complexes, complex64(1+2i), 3+4i)
	println(out[0].Complex(), out[1].Complex())

	errType := reflect.TypeOf((*error)(nil)).Elem()
	base := 10
	in := []reflect.Value{
		reflect.ValueOf("str"), reflect.ValueOf([]byte("bytes")), reflect.ValueOf(42), reflect.Zero(errType),
		reflect.ValueOf(map[string]int{"x": 5}), reflect.ValueOf(make(chan int, 3)), reflect.ValueOf(func() int { base++; return base }),
	}
	out = reflect.ValueOf(words).Call(in)
	println(out[0].String(), string(out[1].Bytes()), out[2].Elem().Index(0).String(), out[3].Int(), out[2].Kind() == reflect.Interface)

	seven := 7
	n := nested{}
	n.x.p, n.y[0] = &seven, 8
	b := big{1, 2, 3, 4, 5, [3]int16{6, 7, 8}}
	out = call(aggregates, small{-1, "s", .5}, b, n, [5]byte{1, 2, 3, 4, 5}, byte(6), [0]int{}, [3]int32{7, 8, 9})
	r := out[0].Interface().(big)
	println(r.a, r.b, r.e, r.f[0], r.f[2], out[1].Index(4).Uint(), out[2].Field(1).String(), out[3].Uint(), *out[4].Interface().(nested).x.p)

	println(call(variadic, "v")[0].Int(), call(variadic, "v", 1, 2, 3)[0].Int())
	println(reflect.ValueOf(variadic).CallSlice([]reflect.Value{reflect.ValueOf("s"), reflect.ValueOf([]int{4, 5})})[0].Int())
	var forty [40]int
	forty[39] = 39
	out = call(huge, forty, 5)
	println(out[0].Int(), out[1].Index(0).Int(), out[1].Index(39).Int())

	fails("few", func() { call(huge, forty) })
	fails("many", func() { call(none, 1) })
	fails("type", func() { call(variadic, 1) })
	fails("nil", func() { reflect.ValueOf((func())(nil)).Call(nil) })
	fails("zero", func() { reflect.ValueOf(variadic).Call([]reflect.Value{{}}) })
	fails("inside", func() { call(func(s []int) int { return s[3] }, []int{1}) })
	fails("value", func() { call(func() { panic("thrown") }) })
	call(func() {
		defer func() { println("recovered", recover().(string)) }()
		call(func() { panic("through") })
	})

	// A call may park its goroutine, and collections may happen while it runs.
	c, done := make(chan *int), make(chan int)
	go func() {
		sum := 0
		for p := range c {
			sum += *p
		}
		done <- sum
	}()
	send := func(p *int, n [6]*int) [6]*int {
		for i := range n {
			n[i] = new(int)
			*n[i] = i
			c <- n[i]
		}
		c <- p
		return n
	}
	for i := 0; i < 20; i++ {
		p := new(int)
		*p = i
		out := call(send, p, [6]*int{})
		if i%5 == 0 {
			garbage = make([]byte, 1<<20)
		}
		if *out[0].Interface().([6]*int)[5] != 5 {
			panic("lost")
		}
	}
	close(c)
	println(<-done)
	println(fib(15))
}

var garbage []byte

func fib(n int) int64 {
	if n < 2 {
		return int64(n)
	}
	f := reflect.ValueOf(fib)
	one := f.Call([]reflect.Value{reflect.ValueOf(n - 1)})
	two := f.Call([]reflect.Value{reflect.ValueOf(n - 2)})
	return one[0].Int() + two[0].Int()
}
