// run

// Types made by reflection are the compiler's: one descriptor per type, whoever asks first.
package main

import "reflect"

type I interface {
	M() int
	secret()
}
type T struct{ x int }

func (t T) M() int  { return t.x }
func (T) secret()   {}
func (*T) Pointer() {}

type Only struct{ n int }

func (o Only) Get() int { return o.n }

type Getter interface{ Get() int }

func same(what string, a, b reflect.Type) {
	println(what, a == b, a.String(), a.Size(), a.Align(), a.NumMethod(), a.Comparable())
}

func try(f func()) {
	defer func() {
		if e := recover(); e != nil {
			switch e := e.(type) {
			case string:
				println(e)
			case error:
				println(e.Error())
			}
		}
	}()
	f()
}

func main() {
	t, i, s := reflect.TypeFor[T](), reflect.TypeFor[int](), reflect.TypeFor[string]()
	same("pointer", reflect.PointerTo(t), reflect.TypeFor[*T]())
	same("pointer twice", reflect.PointerTo(reflect.PointerTo(t)), reflect.TypeFor[**T]())
	same("slice", reflect.SliceOf(reflect.TypeFor[I]()), reflect.TypeFor[[]I]())
	same("array", reflect.ArrayOf(200, reflect.PointerTo(i)), reflect.TypeFor[[200]*int]())
	same("map", reflect.MapOf(s, t), reflect.TypeFor[map[string]T]())
	same("chan", reflect.ChanOf(reflect.SendDir, reflect.ChanOf(reflect.RecvDir, i)), reflect.TypeFor[chan<- <-chan int]())
	same("chan of chan", reflect.ChanOf(reflect.BothDir, reflect.ChanOf(reflect.RecvDir, i)), reflect.TypeFor[chan (<-chan int)]())
	same("func", reflect.FuncOf([]reflect.Type{i, reflect.SliceOf(s)}, []reflect.Type{t}, true), reflect.TypeFor[func(int, ...string) T]())
	st := reflect.StructOf([]reflect.StructField{{Name: "A", Type: i, Tag: `json:"a"`}, {Name: "B", Type: reflect.TypeFor[any]()}, {Name: "C", Type: reflect.ArrayOf(0, i)}})
	same("struct", st, reflect.TypeFor[struct {
		A int `json:"a"`
		B any
		C [0]int
	}]())
	em := reflect.StructOf([]reflect.StructField{{Name: "Only", Type: reflect.TypeFor[Only](), Anonymous: true}})
	same("embedded", em, reflect.TypeFor[struct{ Only }]())
	v := reflect.New(em).Elem()
	v.Field(0).Set(reflect.ValueOf(Only{42}))
	println(v.Interface().(Getter).Get(), v.Interface() == any(struct{ Only }{Only{42}}))

	fresh := reflect.ArrayOf(33, reflect.StructOf([]reflect.StructField{{Name: "Q", Type: reflect.MapOf(i, reflect.ArrayOf(7, s))}}))
	println(fresh.String(), fresh.Size(), fresh.Comparable(), fresh == reflect.ArrayOf(33, fresh.Elem()))
	key := reflect.ArrayOf(5, s)
	m := map[any]int{}
	a, b := reflect.New(key).Elem(), reflect.New(key).Elem()
	a.Index(4).SetString("x")
	b.Index(4).SetString("x")
	m[a.Interface()] = 1
	m[b.Interface()]++
	println(len(m), m[[5]string{4: "x"}])
	var x any = reflect.MakeSlice(reflect.SliceOf(t), 3, 3).Interface()
	_, ok := x.([]T)
	println(ok, len(x.([]T)))
	println(t.Implements(reflect.TypeFor[I]()), reflect.PointerTo(t).Implements(reflect.TypeFor[I]()), i.Implements(reflect.TypeFor[I]()))
	for j := range reflect.PointerTo(t).NumMethod() {
		println(reflect.PointerTo(t).Method(j).Name)
	}
	try(func() { reflect.MapOf(reflect.SliceOf(i), i) })
	try(func() { reflect.ArrayOf(-1, i) })
	try(func() { reflect.ArrayOf(1<<62, i) })
	try(func() { reflect.FuncOf([]reflect.Type{i}, nil, true) })
	try(func() { reflect.ChanOf(reflect.BothDir, reflect.ArrayOf(1<<16, reflect.TypeFor[byte]())) })
	try(func() { reflect.StructOf([]reflect.StructField{{Name: "a", Type: i}}) })
	try(func() { reflect.StructOf([]reflect.StructField{{Name: "A", Type: i}, {Name: "A", Type: i}}) })
	try(func() {
		reflect.ValueOf(new(any)).Elem().Set(reflect.ValueOf(1))
		var e error
		reflect.ValueOf(&e).Elem().Set(reflect.ValueOf(1))
	})
}
