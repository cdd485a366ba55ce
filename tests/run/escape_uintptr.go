// run

// Addresses that leave a function through a number, in one expression; and those that a variable of type uintptr hides.

package main

import (
	"runtime"
	"unsafe"
)

type word uintptr

type T struct {
	a, b, c int
	next    *T
}

var kept unsafe.Pointer

//go:noinline
func clobber(x [100]int) int { return x[0] + x[99] }

func spoil() {
	clobber([100]int{})
	runtime.GC()
	clobber([100]int{1})
}

func at(p *T) unsafe.Pointer { return unsafe.Pointer(uintptr(unsafe.Pointer(p)) + 8) }

func same(p unsafe.Pointer) unsafe.Pointer { return unsafe.Pointer(uintptr(p)) }

//go:noinline
func inlined() *int {
	x := T{1, 2, 3, nil}
	return (*int)(at(&x))
}

//go:noinline
func twice() *int {
	x := T{1, 2, 3, nil}
	return (*int)(unsafe.Pointer(uintptr(at(&x)) + 8))
}

//go:noinline
func operators() (out [10]*int) {
	x := T{1, 2, 3, nil}
	p := unsafe.Pointer(&x)
	out[0] = (*int)(unsafe.Pointer(8 + uintptr(p)))
	y := T{4, 5, 6, nil}
	out[1] = (*int)(unsafe.Pointer(uintptr(unsafe.Pointer(&y.b)) | 0))
	z := T{7, 8, 9, nil}
	out[2] = (*int)(unsafe.Pointer(-(-uintptr(unsafe.Pointer(&z)))))
	w := T{10, 11, 12, nil}
	out[3] = (*int)(unsafe.Pointer(^(^uintptr(unsafe.Pointer(&w)))))
	v := T{13, 14, 15, nil}
	out[4] = (*int)(unsafe.Pointer(uintptr(unsafe.Pointer(&v.c)) ^ 0))
	u := T{16, 17, 18, nil}
	out[5] = (*int)(unsafe.Pointer(uintptr(unsafe.Pointer(&u)) / 8 * 8))
	t := T{19, 20, 21, nil}
	out[6] = (*int)(unsafe.Pointer(uintptr(unsafe.Pointer(&t)) >> 3 << 3))
	s := T{22, 23, 24, nil}
	out[7] = (*int)(unsafe.Pointer(uintptr(p) + (uintptr(unsafe.Pointer(&s)) - uintptr(p))))
	r := T{25, 26, 27, nil}
	out[8] = (*int)(unsafe.Pointer((uintptr(unsafe.Pointer(&r)) + 7) &^ 7))
	q := T{28, 29, 30, nil}
	out[9] = (*int)(unsafe.Pointer(((uintptr)(unsafe.Pointer(&q.c)))))
	return
}

// With a call whose result is part of the expression.
func offset(n uintptr) uintptr { return n * 8 }

//go:noinline
func calls() *int {
	x := T{31, 32, 33, nil}
	return (*int)(unsafe.Pointer(offset(1) + uintptr(unsafe.Pointer(&x)) + offset(1)))
}

//go:noinline
func stored() {
	x := T{41, 42, 43, nil}
	kept = unsafe.Pointer(uintptr(unsafe.Pointer(&x)) + unsafe.Offsetof(x.c))
}

//go:noinline
func linked() *T {
	x := T{next: &T{a: 51, next: &T{a: 52}}}
	return *(**T)(unsafe.Pointer(uintptr(unsafe.Pointer(&x)) + unsafe.Offsetof(x.next)))
}

// What is stored through such a pointer is found again.
//
//go:noinline
func through() *T {
	var x, y T
	y.a = 61
	*(**T)(unsafe.Pointer(uintptr(unsafe.Pointer(&x)) + unsafe.Offsetof(x.next))) = &y
	return x.next
}

//go:noinline
func closure() func() int {
	x := T{71, 72, 73, nil}
	p := (*int)(unsafe.Pointer(uintptr(unsafe.Pointer(&x)) + 16))
	return func() int { *p++; return *p }
}

func generic[E any](list *[3]E, i int) *E {
	return (*E)(unsafe.Pointer(uintptr(unsafe.Pointer(list)) + uintptr(i)*unsafe.Sizeof(list[0])))
}

//go:noinline
func elements() (*int, *string) {
	x, s := [3]int{81, 82, 83}, [3]string{"a", "b", string([]byte{'c'})}
	return generic(&x, 1), generic(&s, 2)
}

//go:noinline
func named() *int {
	x := T{91, 92, 93, nil}
	type address unsafe.Pointer
	return (*int)(address(uintptr(address(unsafe.Pointer(&x))) + 8))
}

// The idiom that hides a pointer: x is a variable, so the object may stay in the frame; and it is there while it is used.
func noescape(p unsafe.Pointer) unsafe.Pointer {
	x := uintptr(p)
	return unsafe.Pointer(x ^ 0)
}

//go:noinline
func hidden() int {
	x := T{101, 102, 103, nil}
	p := (*T)(noescape(unsafe.Pointer(&x)))
	p.b += x.a
	q := word(uintptr(unsafe.Pointer(&x)))
	*(*int)(unsafe.Pointer(uintptr(q + 16))) += p.b
	return x.a + x.b + x.c
}

func main() {
	p, q, o := inlined(), twice(), operators()
	stored()
	c, l, t, f := calls(), linked(), through(), closure()
	e, s := elements()
	n := named()
	spoil()
	println(*p, *q)
	for _, p := range o {
		print(*p, " ")
	}
	println(*(*int)(kept), *c, l.a, l.next.a, t.a, f(), f(), *e, *s, *n)
	println(hidden(), *(*int)(same(unsafe.Pointer(p))))
}
