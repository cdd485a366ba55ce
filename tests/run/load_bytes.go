// run

// Numbers put together of bytes, and taken apart.
package main

import (
	"encoding/binary"
	"fmt"
)

//go:noinline
func le16(b []byte) uint16 { return uint16(b[0]) | uint16(b[1])<<8 }

//go:noinline
func be16(b []byte, i int) uint16 { return uint16(b[i])<<8 + uint16(b[i+1]) }

//go:noinline
func le32(b []byte, i uint8) uint32 {
	b = b[i : i+4]
	return uint32(b[0]) | uint32(b[1])<<8 | uint32(b[2])<<16 | uint32(b[3])<<24
}

//go:noinline
func be64(b string) uint64 {
	_ = b[7]
	return uint64(b[7]) | uint64(b[6])<<8 | uint64(b[5])<<16 | uint64(b[4])<<24 |
		uint64(b[3])<<32 | uint64(b[2])<<40 | uint64(b[1])<<48 | uint64(b[0])<<56
}

//go:noinline
func signed(b []byte) (int32, int64, int) {
	return int32(b[0]) | int32(b[1])<<8 | int32(b[2])<<16 | int32(b[3])<<24,
		int64(int32(b[0]) | int32(b[1])<<8 | int32(b[2])<<16 | int32(b[3])<<24),
		int(b[1])<<8 | int(b[0])<<16
}

//go:noinline
func mixed(p *[16]byte) (uint64, uint32) {
	return uint64(binary.LittleEndian.Uint32(p[4:]))<<32 | uint64(binary.LittleEndian.Uint32(p[:])),
		uint32(binary.BigEndian.Uint16(p[2:]))<<16 ^ uint32(binary.BigEndian.Uint16(p[4:]))
}

//go:noinline
func shared(b []byte) (uint16, uint16, byte) {
	x, y := b[0], b[1]
	return uint16(x) | uint16(y)<<8, uint16(x)<<8 | uint16(y), x + y
}

//go:noinline
func between(b []byte, c []byte) uint16 {
	x := uint16(b[0])
	c[1] = 99
	return x | uint16(b[1])<<8
}

//go:noinline
func put64(b []byte, v uint64) {
	_ = b[7]
	b[0] = byte(v)
	b[1] = byte(v >> 8)
	b[2] = byte(v >> 16)
	b[3] = byte(v >> 24)
	b[4] = byte(v >> 32)
	b[5] = byte(v >> 40)
	b[6] = byte(v >> 48)
	b[7] = byte(v >> 56)
}

//go:noinline
func putHigh(b *[8]byte, v int64) {
	b[6] = byte(v >> 24)
	b[5] = byte(v >> 32)
	b[3] = byte(v >> 8)
	b[2] = byte(v)
}

//go:noinline
func putSame(b *[8]byte, v uint32) (r uint16) {
	b[0] = byte(v)
	r = uint16(b[0])
	b[1] = byte(v >> 8)
	b[1] = byte(v >> 16)
	return r | uint16(b[1])<<8
}

// The first bytes are stored when a later one panics.
func putShort(b []byte, v uint32) {
	defer func() { fmt.Println(b, recover()) }()
	b[0] = byte(v)
	b[1] = byte(v >> 8)
	b[2] = byte(v >> 16)
	b[3] = byte(v >> 24)
}

func short(f func()) {
	defer func() { fmt.Println(recover()) }()
	f()
}

func main() {
	b := []byte{0x81, 0x92, 0xa3, 0xb4, 0xc5, 0xd6, 0xe7, 0xf8, 9, 10}
	fmt.Printf("%x %x %x %x\n", le16(b), be16(b, 3), le32(b, 2), be64(string(b)))
	fmt.Println(signed(b))
	var a [16]byte
	copy(a[:], b)
	fmt.Println(mixed(&a))
	fmt.Println(shared(b))
	fmt.Printf("%x %x\n", between(b, b), b)
	put64(b, 0x1122334455667788)
	fmt.Printf("%x\n", b)
	var c [8]byte
	putHigh(&c, 0x0102030405060708)
	fmt.Printf("%x %x %x\n", c, putSame(&c, 0xaabbccdd), c)
	putShort(make([]byte, 2), 0x01020304)
	short(func() { le16(b[:1]) })
	short(func() { be16(b, len(b)-1) })
	short(func() { le32(b, 8) })
	short(func() { le32(make([]byte, 300), 254) })
	short(func() { be64("1234567") })
	short(func() { put64(b[:7], 1) })
	short(func() { mixed(nil) })
	var buf []byte
	buf = binary.BigEndian.AppendUint32(buf, 0xdeadbeef)
	buf = binary.LittleEndian.AppendUint64(buf, 0x0123456789abcdef)
	fmt.Printf("%x %x %x\n", buf, binary.LittleEndian.Uint64(buf[4:]), binary.BigEndian.Uint32(buf))
}
