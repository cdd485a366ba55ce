package sha512

import "unsafe"

// compress is the runtime's, with the processor's instructions where it has them. It neither allocates nor parks.
//
//go:noescape
func compress(h *[8]uint64, p uintptr, blocks int)

func block(dig *Digest, p []byte) {
	compress(&dig.h, uintptr(unsafe.Pointer(unsafe.SliceData(p))), len(p)/chunk)
}
