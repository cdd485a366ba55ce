// A type that package reflect makes and the same type written in the program are one, whichever came first.
package main

import (
	"fmt"
	"reflect"
)

//go:noinline
func literalFirst() any { return [3]byte{1, 2, 3} }

//go:noinline
func literalLater() any { return [5]byte{1, 2, 3} }

//go:noinline
func structLater() any {
	return struct {
		A int
		B []string
	}{A: 7}
}

func made(n int) any {
	v := reflect.New(reflect.ArrayOf(n, reflect.TypeFor[byte]())).Elem()
	for i := range 3 {
		v.Index(i).SetUint(uint64(i + 1))
	}
	return v.Interface()
}

func main() {
	first := literalFirst()
	fmt.Println(first == made(3), reflect.TypeOf(first) == reflect.TypeOf(made(3)))
	m := map[any]string{first: "literal", 5: "five"}
	fmt.Println(m[made(3)], len(m))
	m[made(3)] = "made"
	fmt.Println(m[first], len(m))

	early := made(5)
	m[early] = "early"
	later := literalLater()
	fmt.Println(early == later, m[later], reflect.TypeOf(early) == reflect.TypeOf(later))
	_, ok := early.([5]byte)
	fmt.Println(ok)

	st := reflect.StructOf([]reflect.StructField{
		{Name: "A", Type: reflect.TypeFor[int]()},
		{Name: "B", Type: reflect.TypeFor[[]string]()},
	})
	v := reflect.New(st).Elem()
	v.Field(0).SetInt(7)
	fmt.Println(st == reflect.TypeOf(structLater()), fmt.Sprint(v.Interface()) == fmt.Sprint(structLater()))
}
