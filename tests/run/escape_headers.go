// run

// Arrays that are reached through headers of slices and strings alone: those of package reflect, and structs of the
// program that are seen as slices.

package main

import (
	"fmt"
	"reflect"
	"runtime"
	"unsafe"
)

type header struct {
	data unsafe.Pointer
	len  int
	cap  int
}

type both struct {
	*reflect.SliceHeader
	n int
}

//go:noinline
func clobber(x [100]int) int { return x[0] + x[99] }

func spoil() {
	clobber([100]int{})
	runtime.GC()
	clobber([100]int{1})
}

func data(xs ...int) unsafe.Pointer { return unsafe.Pointer((*reflect.SliceHeader)(unsafe.Pointer(&xs)).Data) }

//go:noinline
func variadic() unsafe.Pointer { return data(1, 2, 3) }

//go:noinline
func parenthesised() unsafe.Pointer {
	xs := []int{4, 5, 6}
	h := (*reflect.SliceHeader)(unsafe.Pointer(&xs))
	return unsafe.Pointer(((h).Data) + 0)
}

//go:noinline
func embedded() unsafe.Pointer {
	xs := []int{10, 11, 12}
	b := both{(*reflect.SliceHeader)(unsafe.Pointer(&xs)), 1}
	return unsafe.Pointer(b.Data)
}

func set(h *reflect.SliceHeader, p *[3]int) {
	h.Data, h.Len, h.Cap = uintptr(unsafe.Pointer(p)), 3, 3
}

//go:noinline
func byFunction() (s []int) {
	x := [3]int{13, 14, 15}
	set((*reflect.SliceHeader)(unsafe.Pointer(&s)), &x)
	return
}

//go:noinline
func byArithmetic() (s []int) {
	x := [5]int{16, 17, 18, 19, 20}
	h := (*reflect.SliceHeader)(unsafe.Pointer(&s))
	h.Data = uintptr(unsafe.Pointer(&x)) + 2*unsafe.Sizeof(x[0])
	h.Len, h.Cap = 3, 3
	return
}

//go:noinline
func byEmbedded() (s []int) {
	x := [3]int{21, 22, 23}
	b := both{SliceHeader: (*reflect.SliceHeader)(unsafe.Pointer(&s))}
	b.Len, b.Cap, b.Data = 3, 3, uintptr(unsafe.Pointer(&x))
	return
}

//go:noinline
func copied() (s string) {
	b := []byte("a copied header")
	b[0] = 'A'
	(*reflect.StringHeader)(unsafe.Pointer(&s)).Data = (*reflect.SliceHeader)(unsafe.Pointer(&b)).Data
	(*reflect.StringHeader)(unsafe.Pointer(&s)).Len = len(b)
	return
}

//go:noinline
func bytesOf() (b []byte) {
	s := string([]byte{'t', 'e', 'x', 't', byte('0' + clobber([100]int{}))})
	h := (*reflect.SliceHeader)(unsafe.Pointer(&b))
	h.Data = (*reflect.StringHeader)(unsafe.Pointer(&s)).Data
	h.Len, h.Cap = len(s), len(s)
	return
}

//go:noinline
func own() []int {
	x := [3]int{31, 32, 33}
	h := header{unsafe.Pointer(&x), 3, 3}
	return *(*[]int)(unsafe.Pointer(&h))
}

//go:noinline
func ownFields() []string {
	x := [3]string{"a", string([]byte{'b'}), "c"}
	h := new(header)
	h.data = unsafe.Pointer(&x)
	h.len, h.cap = 2, 3
	s := *(*[]string)(unsafe.Pointer(h))
	return s[:3]
}

//go:noinline
func ownRead() unsafe.Pointer {
	xs := []int{34, 35, 36}
	return (*header)(unsafe.Pointer(&xs)).data
}

//go:noinline
func ownWrite() (s []int) {
	x := [3]int{37, 38, 39}
	*(*header)(unsafe.Pointer(&s)) = header{unsafe.Pointer(&x), 3, 3}
	return
}

//go:noinline
func array() []int {
	x := [3]int{41, 42, 43}
	h := [3]uintptr{0, 3, 3}
	*(*unsafe.Pointer)(unsafe.Pointer(&h)) = unsafe.Pointer(&x)
	s := *(*[]int)(unsafe.Pointer(&h))
	runtime.KeepAlive(&x)
	return append([]int{}, s...)
}

//go:noinline
func asString() string {
	b := append([]byte("bytes as a string"), '!')
	return *(*string)(unsafe.Pointer(&b))
}

// The header is changed while it is that of a slice.
//
//go:noinline
func moved() (s []int) {
	x := [6]int{51, 52, 53, 54, 55, 56}
	s = x[:3]
	h := (*reflect.SliceHeader)(unsafe.Pointer(&s))
	h.Data += 3 * unsafe.Sizeof(x[0])
	return
}

func three(p unsafe.Pointer) []int { return unsafe.Slice((*int)(p), 3) }

func main() {
	a, b, d := variadic(), parenthesised(), embedded()
	spoil()
	fmt.Println(three(a), three(b), three(d))
	e, f, g, h := byFunction(), byArithmetic(), byEmbedded(), copied()
	spoil()
	fmt.Println(e, f, g, h)
	i, j, k, l, m := string(bytesOf()), own(), ownFields(), ownRead(), ownWrite()
	spoil()
	fmt.Println(i, j, k, three(l), m)
	n, o, p := array(), asString(), moved()
	spoil()
	fmt.Println(n, o, p)
}
