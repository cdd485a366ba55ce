// run

// Boxes of values that consist of constants: read-only, but values like others.
package main

import (
	"fmt"
	"reflect"
)

type inner struct {
	c complex64
	b bool
}

type record struct {
	name string
	n    int16
	f    float32
	inner
	list [2]string
	none *int
	any  any
}

type one struct{ s string }
type small struct{ n uint8 }
type named string

var sink any

//go:noinline
func keep(v any) any { sink = v; return v }

func main() {
	for range 2 {
		v := keep(record{name: "x", n: -2, f: 1.5, inner: inner{2 + 3i, true}, list: [2]string{"", "two"}})
		fmt.Printf("%+v\n", v)
		r := v.(record)
		r.name = "changed"
		fmt.Println(v == keep(record{name: "x", n: -2, f: 1.5, inner: inner{2 + 3i, true}, list: [2]string{"", "two"}}))
		fmt.Println(v == any(r), reflect.ValueOf(v).Field(0).CanSet())
		p := reflect.New(reflect.TypeOf(v))
		p.Elem().Set(reflect.ValueOf(v))
		p.Elem().Field(1)
		fmt.Println(p.Elem().Interface() == v)
	}
	fmt.Println(keep(one{"s"}), keep(one{}), keep(small{200}), keep(small{}), keep(named("n")), keep([1]int32{7}))
	fmt.Println(keep([3]int{1, 2, 3}), keep([3]int{}), keep(struct{}{}), keep(struct{ a, b any }{}))
	fmt.Println(keep(struct {
		a int
		s string
	}{1, "a"}), keep(struct {
		a int
		s string
	}{2, "a"}))
	m := map[any]int{one{"k"}: 1, record{name: "y"}: 2}
	fmt.Println(m[one{"k"}], m[record{name: "y"}], m[record{}])
}
