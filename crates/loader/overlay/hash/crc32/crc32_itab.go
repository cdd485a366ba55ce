package crc32

import "unsafe"

// clmulIEEE is the runtime's: the IEEE polynomial by carry-less multiplication. It neither allocates nor parks.
func clmulIEEE(crc uint32, p uintptr, n int) uint32

func archAvailableIEEE() bool { return true }

func archInitIEEE() {}

func archUpdateIEEE(crc uint32, p []byte) uint32 {
	return clmulIEEE(crc, uintptr(unsafe.Pointer(unsafe.SliceData(p))), len(p))
}
