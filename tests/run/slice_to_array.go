// run

// Arrays of dynamic length: a slice's elements as an array in an interface, with the copy that boxing makes, and as keys
// of maps of any.
package main

import (
	"fmt"
	"reflect"
	"runtime"
	"unsafe"
)

// Slice2Array returns an array with the elements of s, in an any. Its type is [len(s)]T.
func Slice2Array[T any](s []T) any {
	t := reflect.ArrayOf(len(s), reflect.TypeFor[T]())
	// Interface copies what NewAt points at, because it can be set through the pointer.
	return reflect.NewAt(t, unsafe.Pointer(unsafe.SliceData(s))).Elem().Interface()
}

type Point struct{ X, Y int16 }

type eface struct {
	typ, data unsafe.Pointer
}

func main() {
	s := []int{1, 2, 3}
	a := Slice2Array(s)
	b := [3]int{1, 2, 3}
	fmt.Printf("%T %v %v %v\n", a, a, a == any(b), a.([3]int) == b)
	s[0] = 100
	fmt.Println(a, s, (*eface)(unsafe.Pointer(&a)).data != unsafe.Pointer(&s[0]))

	// One type however it is made, so that keys of both kinds meet.
	m := map[any]string{}
	for i := range 6 {
		key := make([]string, i)
		for j := range key {
			key[j] = string(rune('a' + j))
		}
		m[Slice2Array(key)] = fmt.Sprint(i, " strings")
	}
	m[[2]string{"a", "b"}] += ", found"
	m[[5]any{}] = "five nils"
	m[Slice2Array([]Point{{1, 2}})] = "a point"
	m[[1]Point{{1, 2}}] += ", again"
	m[Slice2Array([]byte("bytes"))] = "bytes"
	fmt.Println(len(m), m[[0]string{}], m[[2]string{"a", "b"}], m[Slice2Array([]any{nil, nil, nil, nil, nil})], m[[1]Point{{1, 2}}])
	fmt.Println(m[[5]byte{'b', 'y', 't', 'e', 's'}], m[[5]uint16{'b', 'y', 't', 'e', 's'}] == "")
	for _, k := range []any{[1]string{"a"}, Slice2Array([]string{"a", "b", "c"})} {
		delete(m, k)
	}
	fmt.Println(len(m))

	// One element that is a pointer is held directly, and loaded at the time.
	x, y := 1, 2
	ps := []*int{&x}
	p := Slice2Array(ps)
	ps[0] = &y
	fmt.Println(*p.([1]*int)[0], (*eface)(unsafe.Pointer(&p)).data == unsafe.Pointer(&x), p == any([1]*int{&x}))

	// Arrays of lengths that no source text names; long ones.
	for _, n := range []int{7, 1000, 100003} {
		long := make([]uint32, n)
		for i := range long {
			long[i] = uint32(i * i)
		}
		k1 := Slice2Array(long)
		k2 := Slice2Array(append([]uint32(nil), long...))
		set := map[any]bool{k1: true}
		long[n-1]++
		fmt.Println(reflect.TypeOf(k1), k1 == k2, set[k2], set[Slice2Array(long)], reflect.ValueOf(k2).Index(n-1))
	}

	// What the copies hold is kept.
	names := map[any]int{}
	for i := range 200 {
		names[Slice2Array([]*string{new(string), nil, new(string)})] = i
		if i%50 == 0 {
			runtime.GC()
		}
	}
	sum := 0
	for k, v := range names {
		if arr := k.([3]*string); *arr[0] == "" && *arr[2] == "" {
			sum += v
		}
	}
	fmt.Println(len(names), sum)

	defer func() {
		fmt.Println(recover())
		defer func() { fmt.Println(recover()) }()
		fmt.Println(Slice2Array([]func(){nil}) == Slice2Array([]func(){nil}))
	}()
	m[Slice2Array([][]int{nil})] = "not a key"
}
