package maps

import (
	"math/bits"
	"unsafe"
)

// The hash functions that the specialised map functions call without asking the map's type. They agree with the hasher in
// every map type's descriptor, which is the runtime's: the same functions stand in its alg/hash.rs.

const (
	hashFactor uint64  = 0x9fb21c651e98df25
	hashLength uintptr = 0xd6e8feb86659fd93
)

func memHashFallback(p unsafe.Pointer, seed, s uintptr) uintptr {
	var a, b uint64
	switch {
	case s > 16:
		return memHashLong(p, seed, s)
	case s >= 8:
		a, b = *(*uint64)(p), *(*uint64)(unsafe.Add(p, s-8))
	case s >= 4:
		a, b = uint64(*(*uint32)(p)), uint64(*(*uint32)(unsafe.Add(p, s-4)))
	case s > 0:
		a = uint64(*(*byte)(p)) | uint64(*(*byte)(unsafe.Add(p, s/2)))<<8 | uint64(*(*byte)(unsafe.Add(p, s-1)))<<16
	}
	return hashFold(a^uint64(seed^s*hashLength), b^bits.RotateLeft64(uint64(seed), 32)^hashFactor)
}

func memHash32Fallback(k uint32, seed uintptr) uintptr {
	return hashFold(uint64(k)^uint64(seed), hashFactor)
}

func memHash64Fallback(k uint64, seed uintptr) uintptr {
	return hashFold(k^uint64(seed), hashFactor)
}

func hashFold(x, y uint64) uintptr {
	hi, lo := bits.Mul64(x, y)
	return uintptr(hi ^ lo)
}

//go:noescape
func memHashLong(p unsafe.Pointer, seed, s uintptr) uintptr
