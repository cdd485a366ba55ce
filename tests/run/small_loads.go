package main

// Small numbers in memory, read as they are and extended: by sign and without, to several widths from one load.

type Packet struct {
	kind  uint8
	delta int8
	port  uint16
	shift int16
	addr  uint32
	off   int32
	ok    bool
}

//go:noinline
func all(p *Packet) (a int, b uint, c int32, d uint16, e int64, f uint64) {
	a = int(p.kind) + int(p.delta) + int(p.port) + int(p.shift) + int(p.addr) + int(p.off)
	b = uint(p.kind) | uint(p.delta)<<8 | uint(p.port)<<16 | uint(p.shift)<<20 | uint(p.addr)
	c = int32(p.kind)*3 + int32(p.delta)*5 - int32(p.shift)
	d = uint16(p.kind) + uint16(p.delta) + p.port
	e = int64(uint8(p.delta)) + int64(p.off) + int64(uint32(p.off))
	f = uint64(p.addr) ^ uint64(int32(p.addr)) ^ uint64(uint16(p.shift))
	if p.ok {
		a++
	}
	return
}

// One load, wanted in four ways.
//
//go:noinline
func ways(s []int8, i int) (int8, int, uint, uint8) {
	v := s[i]
	return v + 1, int(v), uint(v), uint8(v) >> 1
}

//go:noinline
func both(s []uint8) (n int, m uint16, high int) {
	for i, v := range s {
		n += int(v) * (i + 1)
		m = m<<1 ^ uint16(v)
		if int8(v) < 0 {
			high += int(int8(v))
		}
		if v == 0x80 {
			high *= 2
		}
	}
	return
}

//go:noinline
func runes(s string) (n int, last rune) {
	for i, r := range s {
		n += i ^ int(r)
		last = r
	}
	return
}

//go:noinline
func nilRead(p *Packet) (n int64) {
	defer func() {
		println(recover().(error).Error())
	}()
	return int64(p.shift)
}

func main() {
	for _, p := range []Packet{
		{},
		{255, -128, 65535, -32768, 1<<32 - 1, -1 << 31, true},
		{1, 127, 32768, 32767, 1 << 31, 1<<31 - 1, false},
		{128, -1, 40000, -2, 3000000000, -7, true},
	} {
		println(all(&p))
	}
	s := []int8{-128, -1, 0, 1, 127}
	for i := range s {
		println(ways(s, i))
	}
	println(both([]uint8{0, 1, 127, 128, 129, 200, 255, 128}))
	for _, t := range []string{"", "plain", "é", "zażółć", "日本語", "a\xffb", "\xc3", "\xe6\x97", "\xed\xa0\x80", "😀!", "\xf0\x9f\x98", "\xc0\x80", "\xe0\x80\x80"} {
		println(runes(t))
	}
	nilRead(nil)
}
