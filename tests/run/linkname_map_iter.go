// run

// Iteration over maps by its old names, with a structure of the program's own.

package main

import (
	"fmt"
	"reflect"
	"unsafe"
)

type hiter struct {
	key, elem unsafe.Pointer
	rest      [10]unsafe.Pointer
}

//go:linkname mapiterinit reflect.mapiterinit
func mapiterinit(t, m unsafe.Pointer, it *hiter)

//go:linkname mapiternext reflect.mapiternext
func mapiternext(it *hiter)

//go:linkname mapiterkey reflect.mapiterkey
func mapiterkey(it *hiter) unsafe.Pointer

//go:linkname mapiterelem reflect.mapiterelem
func mapiterelem(it *hiter) unsafe.Pointer

//go:linkname start runtime.mapiterinit
func start(t, m unsafe.Pointer, it *hiter)

//go:linkname next runtime.mapiternext
func next(it *hiter)

func words(m any) (t, data unsafe.Pointer) {
	var typ any = reflect.TypeOf(m)
	return (*[2]unsafe.Pointer)(unsafe.Pointer(&typ))[1], (*[2]unsafe.Pointer)(unsafe.Pointer(&m))[1]
}

func main() {
	m := map[string]int{}
	for i := range 100 {
		m[fmt.Sprint(i)] = i
	}
	t, data := words(m)
	n, it := 0, &hiter{}
	for mapiterinit(t, data, it); it.key != nil; mapiternext(it) {
		if *(*string)(it.key) != fmt.Sprint(*(*int)(it.elem)) || mapiterkey(it) != it.key || mapiterelem(it) != it.elem {
			fmt.Println("wrong pair")
		}
		n += *(*int)(it.elem)
		delete(m, "no such key")
	}
	fmt.Println(n, it.rest[0] != nil)
	n, it = 0, new(hiter)
	for start(t, data, it); it.key != nil; next(it) {
		n++
	}
	fmt.Println(n)
	var none map[string]int
	t, data = words(none)
	it = &hiter{}
	mapiterinit(t, data, it)
	fmt.Println(it.key == nil, it.rest[0] != nil)
}
