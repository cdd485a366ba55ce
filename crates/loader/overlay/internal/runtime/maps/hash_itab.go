package maps

import "unsafe"

// The hash functions that the specialised map functions call without asking the map's type. They are the runtime's, so
// that they agree with the hasher in every map type's descriptor.

//go:noescape
func memHashFallback(p unsafe.Pointer, seed, s uintptr) uintptr

func memHash32Fallback(k uint32, seed uintptr) uintptr

func memHash64Fallback(k uint64, seed uintptr) uintptr
