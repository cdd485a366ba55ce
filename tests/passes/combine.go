// passes: -preempt
package main

// One load of four bytes behind four checks.
func little(b []byte) uint32 {
	return uint32(b[0]) | uint32(b[1])<<8 | uint32(b[2])<<16 | uint32(b[3])<<24
}

// The length is known: no check but the slice's.
func sliced(b []byte, i int32) uint64 {
	b = b[i : i+8]
	return uint64(b[0]) | uint64(b[1])<<8 | uint64(b[2])<<16 | uint64(b[3])<<24 |
		uint64(b[4])<<32 | uint64(b[5])<<40 | uint64(b[6])<<48 | uint64(b[7])<<56
}

func big(b []byte, i int) uint16 { return uint16(b[i+1]) + uint16(b[i])<<8 }

// Two bytes of a larger number, not at its end.
func middle(p *[8]byte) int { return int(p[3])<<8 | int(p[4])<<16 }

// A write between: nothing.
func written(b, c []byte) uint16 {
	x := uint16(b[0])
	c[0] = 1
	return x | uint16(b[1])<<8
}

// Not next to each other, and lost bits: nothing.
func apart(b []byte) uint16 { return uint16(b[0]) | uint16(b[2])<<8 }

func lost(b []byte) uint16 { return uint16(b[0]) | uint16(b[1])<<9 }

func put(b []byte, v uint32) {
	_ = b[3]
	b[0] = byte(v)
	b[1] = byte(v >> 8)
	b[2] = byte(v >> 16)
	b[3] = byte(v >> 24)
}

func putBig(b *[4]byte, v int64) {
	b[2] = byte(v >> 24)
	b[3] = byte(v >> 16)
}

// Each may panic when the ones before have been stored.
func putChecked(b []byte, v uint16) {
	b[0] = byte(v)
	b[1] = byte(v >> 8)
}
