// run

// Symbols of the runtime that programs reach for by linkname.
package main

import (
	"fmt"
	"unsafe"
)

//go:linkname nanotime runtime.nanotime
func nanotime() int64

//go:linkname memhash runtime.memhash
func memhash(p unsafe.Pointer, seed, n uintptr) uintptr

//go:linkname strhash runtime.strhash
func strhash(p unsafe.Pointer, seed uintptr) uintptr

//go:linkname typehash runtime.typehash
func typehash(t unsafe.Pointer, p unsafe.Pointer, seed uintptr) uintptr

//go:linkname memmove runtime.memmove
func memmove(to, from unsafe.Pointer, n uintptr)

//go:linkname memequal runtime.memequal
func memequal(p, q unsafe.Pointer, n uintptr) bool

//go:linkname mallocgc runtime.mallocgc
func mallocgc(size uintptr, t unsafe.Pointer, zero bool) unsafe.Pointer

//go:linkname typedmemmove runtime.typedmemmove
func typedmemmove(t, dst, src unsafe.Pointer)

//go:linkname unsafe_New reflect.unsafe_New
func unsafe_New(t unsafe.Pointer) unsafe.Pointer

//go:linkname procPin runtime.procPin
func procPin() int

//go:linkname procUnpin runtime.procUnpin
func procUnpin()

//go:linkname fastrand runtime.fastrand
func fastrand() uint32

//go:linkname cheaprand runtime.cheaprand
func cheaprand() uint32

//go:linkname cputicks runtime.cputicks
func cputicks() int64

type eface struct {
	typ, data unsafe.Pointer
}

type pair struct {
	a string
	b any
}

func unpack(v any) eface { return *(*eface)(unsafe.Pointer(&v)) }

func main() {
	a := nanotime()
	for nanotime() == a {
	}
	fmt.Println(nanotime() > a, cputicks() != cputicks()+1)

	s, t := "hello, world", []byte("hello, world")
	u := string(t)
	fmt.Println(strhash(unsafe.Pointer(&s), 1) == strhash(unsafe.Pointer(&u), 1),
		strhash(unsafe.Pointer(&s), 1) == memhash(unsafe.Pointer(unsafe.StringData(s)), 1, uintptr(len(s))),
		strhash(unsafe.Pointer(&s), 1) != strhash(unsafe.Pointer(&s), 2))
	x, y := unpack(pair{s, 1.5}), unpack(pair{u, 1.5})
	fmt.Println(typehash(x.typ, x.data, 7) == typehash(y.typ, y.data, 7), x.data != y.data, x.typ == y.typ)

	var buf [16]byte
	memmove(unsafe.Pointer(&buf), unsafe.Pointer(unsafe.StringData(s)), 12)
	memmove(unsafe.Pointer(&buf[2]), unsafe.Pointer(&buf), 12)
	fmt.Printf("%s %v\n", buf[:14], memequal(unsafe.Pointer(&buf[2]), unsafe.Pointer(&t[0]), 12))

	p := (*pair)(unsafe_New(x.typ))
	typedmemmove(x.typ, unsafe.Pointer(p), x.data)
	q := (*pair)(unsafe_New(x.typ))
	fmt.Println(*p, q.a == "", q.b, *p == pair{u, 1.5})
	words := unsafe.Slice((*uint64)(mallocgc(64, nil, true)), 8)
	words[7] = 1
	fmt.Println(words)
	fmt.Println(procPin() >= 0)
	procUnpin()
	different := 0
	for range 20 {
		if fastrand() != cheaprand() {
			different++
		}
	}
	fmt.Println(different > 10)
}
