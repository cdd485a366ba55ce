// run

// The six patterns of package unsafe's documentation, each with a variable whose address leaves the function that made
// it. Calls after it overwrite the stack, and collections free what is not found.

package main

import (
	"fmt"
	"math"
	"os"
	"reflect"
	"runtime"
	"syscall"
	"unsafe"
)

type rec struct {
	a, b int
	p    *int
	s    string
}

//go:noinline
func clobber(x [200]int) int { return x[0] + x[199] }

// spoil overwrites what is free, on the stack and on the heap.
func spoil() {
	clobber([200]int{})
	runtime.GC()
	var list [][]int
	for i := range 50 {
		list = append(list, []int{-1, -2, -3, -4, i})
	}
	clobber([200]int{len(list)})
}

func newRec() *rec { n := 7; return &rec{1, 2, &n, string([]byte("text"))} }

// (1) Conversion of a *T1 to a *T2.
//
//go:noinline
func cast() *[2]int {
	r := rec{a: 3, b: 4}
	return (*[2]int)(unsafe.Pointer(&r))
}

func bits(f float64) uint64 { return *(*uint64)(unsafe.Pointer(&f)) }

// (2) Conversion of a pointer to a uintptr, but not back.
func aligned(r *rec) bool { return uintptr(unsafe.Pointer(r))%unsafe.Alignof(*r) == 0 }

func distance(r *rec) uintptr { return uintptr(unsafe.Pointer(&r.b)) - uintptr(unsafe.Pointer(r)) }

// (3) Conversion of a pointer to a uintptr and back, with arithmetic.
//
//go:noinline
func field() *string {
	n := 5
	r := rec{1, 2, &n, string([]byte("field"))}
	return (*string)(unsafe.Pointer(uintptr(unsafe.Pointer(&r)) + unsafe.Offsetof(r.s)))
}

//go:noinline
func element(i int) *int {
	x := [4]int{10, 11, 12, 13}
	e := unsafe.Pointer(uintptr(unsafe.Pointer(&x[0])) + uintptr(i)*unsafe.Sizeof(x[0]))
	return (*int)(e)
}

//go:noinline
func masked() *[2]uint64 {
	var buf [48]byte
	p := (*[2]uint64)(unsafe.Pointer((uintptr(unsafe.Pointer(&buf[0])) + 15) &^ 15))
	p[0], p[1] = 21, 22
	return p
}

//go:noinline
func back() *int {
	x := [4]int{30, 31, 32, 33}
	end := unsafe.Pointer(&x[3])
	return (*int)(unsafe.Pointer(uintptr(end) - 2*unsafe.Sizeof(x[0])))
}

//go:noinline
func chain() **int {
	n := 41
	r := rec{p: &n}
	base := unsafe.Pointer(&r)
	base = unsafe.Pointer(uintptr(base) + 8)
	base = unsafe.Add(base, 8)
	return (**int)(base)
}

// (4) Conversion of a pointer to a uintptr in a call of syscall.Syscall.
//
//go:noinline
func written() string {
	var fds [2]int32
	syscall.Syscall(syscall.SYS_PIPE2, uintptr(unsafe.Pointer(&fds)), 0, 0)
	out := []byte("through a pipe")
	syscall.Syscall(syscall.SYS_WRITE, uintptr(fds[1]), uintptr(unsafe.Pointer(&out[0])), uintptr(len(out)))
	in := make([]byte, 40)
	n, _, _ := syscall.Syscall(syscall.SYS_READ, uintptr(fds[0]), uintptr(unsafe.Pointer(&in[0])), uintptr(len(in)))
	os.NewFile(uintptr(fds[0]), "r").Close()
	os.NewFile(uintptr(fds[1]), "w").Close()
	return unsafe.String(&in[0], int(n))
}

// (5) Conversion of the result of reflect.Value.Pointer or UnsafeAddr.
//
//go:noinline
func pointer() *rec {
	r := *newRec()
	return (*rec)(unsafe.Pointer(reflect.ValueOf(&r).Pointer()))
}

//go:noinline
func unsafeAddr() *string {
	r := *newRec()
	return (*string)(unsafe.Pointer(reflect.ValueOf(&r).Elem().Field(3).UnsafeAddr()))
}

//go:noinline
func unsafePointer() *rec {
	r := *newRec()
	return (*rec)(reflect.ValueOf(&r).UnsafePointer())
}

//go:noinline
func slicePointer() *int {
	x := []int{50, 51, 52}
	return (*int)(unsafe.Pointer(reflect.ValueOf(x).Pointer() + unsafe.Sizeof(x[0])))
}

// (6) Conversion of the field Data of a reflect.SliceHeader or StringHeader.
//
//go:noinline
func text() (s string) {
	p := []byte("set by a header")
	hdr := (*reflect.StringHeader)(unsafe.Pointer(&s))
	hdr.Data = uintptr(unsafe.Pointer(&p[0]))
	hdr.Len = len(p)
	return s
}

//go:noinline
func slice() (s []rec) {
	x := [2]rec{*newRec(), *newRec()}
	hdr := (*reflect.SliceHeader)(unsafe.Pointer(&s))
	hdr.Data = uintptr(unsafe.Pointer(&x))
	hdr.Len, hdr.Cap = 2, 2
	return s
}

//go:noinline
func data() *int {
	x := []int{60, 61, 62}
	hdr := (*reflect.SliceHeader)(unsafe.Pointer(&x))
	return (*int)(unsafe.Pointer(hdr.Data + 8))
}

//go:noinline
func bytes() *byte {
	s := string([]byte{'a', 'b', 'c', byte(len(os.Args[0]))})
	return (*byte)(unsafe.Pointer((*reflect.StringHeader)(unsafe.Pointer(&s)).Data))
}

func main() {
	a := cast()
	spoil()
	fmt.Println(*a, bits(1.5) == math.Float64bits(1.5))
	r := newRec()
	fmt.Println(aligned(r), distance(r))
	f, e, m, b, c := field(), element(2), masked(), back(), chain()
	spoil()
	fmt.Println(*f, *e, *m, *b, **c)
	fmt.Println(written())
	p, u, up, sp := pointer(), unsafeAddr(), unsafePointer(), slicePointer()
	spoil()
	fmt.Println(p.a, *p.p, p.s, *u, up.b, *up.p, up.s, *sp)
	t, s, d, by := text(), slice(), data(), bytes()
	spoil()
	fmt.Println(t, s[1].b, *s[1].p, s[1].s, *d, string(unsafe.Slice(by, 3)))
}
