// run

// Methods found by reflection: called, taken as func values, and as functions of the type.
package main

import "reflect"

type value struct {
	a, b, c, d, e int
	name          string
}

func (v value) Sum(x int, more ...int) int {
	s := v.a + v.b + v.c + v.d + v.e + x
	for _, m := range more {
		s += m
	}
	return s
}
func (v value) Name() string     { return v.name }
func (v *value) Rename(n string) { v.name = n }
func (v *value) Wide(p [6]int8, f float32, q [2]string) ([2]string, float32, [6]int8, string) {
	return q, f, p, v.name
}

type word int

func (w word) Add(n int) word   { return w + word(n) }
func (w *word) Inc(by int8) int { *w += word(by); return int(*w) }

type pointer struct{ p *int }

func (p pointer) Deref() int { return *p.p }

type fn func(int) int

func (f fn) Apply(n int) int { return f(n) }

type empty struct{}

func (empty) Hello() string { return "hello" }

type namer interface {
	Name() string
	hidden()
}
type outer struct {
	*value
	word
}

func (outer) hidden() {}

func arg(vs ...any) []reflect.Value {
	var in []reflect.Value
	for _, v := range vs {
		in = append(in, reflect.ValueOf(v))
	}
	return in
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
	v := value{1, 2, 3, 4, 5, "v"}
	w := word(10)
	seven := 7
	o := outer{&value{name: "inner"}, 3}

	rv := reflect.ValueOf(v)
	println(rv.MethodByName("Sum").Call(arg(100))[0].Int(), rv.MethodByName("Sum").Call(arg(100, 200, 300))[0].Int())
	println(rv.Method(0).Call(nil)[0].String())
	rp := reflect.ValueOf(&v)
	rp.MethodByName("Rename").Call(arg("renamed"))
	println(v.name, rv.MethodByName("Name").Call(nil)[0].String(), rp.MethodByName("Name").Call(nil)[0].String())
	out := rp.MethodByName("Wide").Call(arg([6]int8{1, 2, 3, 4, 5, -6}, float32(.5), [2]string{"p", "q"}))
	println(out[0].Index(1).String(), out[1].Float(), out[2].Index(5).Int(), out[3].String())

	println(reflect.ValueOf(w).Method(0).Call(arg(5))[0].Int(), reflect.ValueOf(&w).MethodByName("Inc").Call(arg(int8(-3)))[0].Int(), w)
	println(reflect.ValueOf(pointer{&seven}).Method(0).Call(nil)[0].Int())
	println(reflect.ValueOf(fn(func(n int) int { return n * n })).Method(0).Call(arg(9))[0].Int())
	println(reflect.ValueOf(empty{}).Method(0).Call(nil)[0].String(), reflect.ValueOf(&empty{}).Method(0).Call(nil)[0].String())

	// Method values.
	sum := rv.MethodByName("Sum").Interface().(func(int, ...int) int)
	println(sum(1), sum(1, 2, 3))
	rename := rp.MethodByName("Rename").Interface().(func(string))
	rename("again")
	wide := rp.MethodByName("Wide").Interface().(func([6]int8, float32, [2]string) ([2]string, float32, [6]int8, string))
	q, f, p, n := wide([6]int8{9, 8, 7, 6, 5, 4}, 1.5, [2]string{"x", "y"})
	println(q[0], f, p[5], n)
	add := reflect.ValueOf(w).Method(0).Interface().(func(int) word)
	w = 0
	println(add(1))
	println(reflect.ValueOf(pointer{&seven}).Method(0).Interface().(func() int)())
	println(reflect.ValueOf(empty{}).Method(0).Interface().(func() string)())
	println(reflect.ValueOf(sum).Call(arg(10))[0].Int())
	var dst func(int) word
	reflect.ValueOf(&dst).Elem().Set(reflect.ValueOf(w).Method(0))
	println(dst(77))

	// Methods of interface values and promoted ones.
	var nm namer = o
	face := reflect.ValueOf(&nm).Elem()
	println(face.NumMethod(), face.Method(0).Call(nil)[0].String(), face.Method(0).Interface().(func() string)())
	ro := reflect.ValueOf(o)
	for i := 0; i < ro.NumMethod(); i++ {
		println(ro.Type().Method(i).Name, ro.Type().Method(i).Type.String())
	}
	println(ro.MethodByName("Sum").Call(arg(1, 1))[0].Int(), ro.MethodByName("Add").Call(arg(1))[0].Int())

	// Functions of types.
	m, _ := reflect.TypeOf(v).MethodByName("Sum")
	println(m.Func.Call(arg(v, 1, 2))[0].Int(), m.Type.String())
	println(m.Func.Interface().(func(value, int, ...int) int)(v, 5))
	m, _ = reflect.TypeOf(&v).MethodByName("Sum")
	println(m.Func.Call(arg(&v, 1, 2))[0].Int(), m.Type.String())
	m, _ = reflect.TypeOf(&w).MethodByName("Inc")
	println(m.Func.Interface().(func(*word, int8) int)(&w, 3), w)
	m, _ = reflect.TypeOf(w).MethodByName("Add")
	println(m.Func.Interface().(func(word, int) word)(w, 3))
	m, _ = reflect.TypeOf(o).MethodByName("Rename")
	m.Func.Call(arg(o, "promoted"))
	println(o.name)
	m, _ = reflect.TypeOf(&nm).Elem().MethodByName("Name")
	println(m.Type.String(), m.Func.IsValid())

	fails("nil interface", func() {
		var nm namer
		reflect.ValueOf(&nm).Elem().Method(0).Call(nil)
	})
	fails("unexported", func() { face.Method(1).Call(nil) })
	fails("nil receiver", func() { reflect.ValueOf((*value)(nil)).MethodByName("Name").Call(nil) })
	fails("args", func() { rv.MethodByName("Name").Call(arg(1)) })
	fails("range", func() { rv.Method(9) })
	fails("panic", func() { reflect.ValueOf(fn(nil)).Method(0).Interface().(func(int) int)(1) })
}
