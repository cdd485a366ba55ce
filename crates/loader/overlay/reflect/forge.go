package reflect

import (
	"internal/unsafeheader"
	"unsafe"
)

// mayForge says whether the isolate may make pointers out of anything. An unsafe.Pointer can be had without importing
// package unsafe (Value.UnsafePointer), so the functions that give it another type ask.
func mayForge() bool

// NewAt returns a pointer to a value of the given type at p.
func NewAt(typ Type, p unsafe.Pointer) Value {
	if !mayForge() {
		panic("reflect.NewAt: pointers of another type need the right to package unsafe")
	}
	return Value{typ.(*rtype).ptrTo(), p, flag(Pointer)}
}

// SliceAt returns a slice of n elements of the given type that begin at p.
func SliceAt(typ Type, p unsafe.Pointer, n int) Value {
	if !mayForge() {
		panic("reflect.SliceAt: pointers of another type need the right to package unsafe")
	}
	unsafeslice(typ.common(), p, n)
	header := &unsafeheader.Slice{Data: p, Len: n, Cap: n}
	return Value{SliceOf(typ).common(), unsafe.Pointer(header), flagIndir | flag(Slice)}
}
