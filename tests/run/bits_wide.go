// run

// 64-bit arithmetic with two results, its carries kept, added to an upper half, and passed on.
package main

import (
	"fmt"
	"math/bits"
)

type word uint

//go:noinline
func mulAdd(x, y, c word) (word, word) {
	hi, lo := bits.Mul(uint(x), uint(y))
	lo, cc := bits.Add(lo, uint(c), 0)
	return word(hi + cc), word(lo)
}

//go:noinline
func mulAddAdd(x, y, a, c word) (word, word) {
	z1, z0 := mulAdd(x, y, a)
	lo, cc := bits.Add(uint(z0), uint(c), 0)
	c = word(cc)
	c += z1
	return c, word(lo)
}

//go:noinline
func twice(x, y, u uint64) (uint64, uint64, uint64) {
	lo, c := bits.Add64(x, y, 0)
	return lo, u + c, c
}

//go:noinline
func added(x, y uint64) (uint64, uint64) {
	lo, c := bits.Add64(x, y, 0)
	return lo, c + c
}

func addVV(z, x, y []uint64) (c uint64) {
	for i := range z {
		z[i], c = bits.Add64(x[i], y[i], c)
	}
	return
}

func subVV(z, x, y []uint64) (c uint64) {
	for i := range z {
		z[i], c = bits.Sub64(x[i], y[i], c)
	}
	return
}

func mulVW(z, x []uint64, y uint64) (c uint64) {
	for i := range z {
		hi, lo := bits.Mul64(x[i], y)
		var cc uint64
		lo, cc = bits.Add64(lo, c, 0)
		z[i], c = lo, hi+cc
	}
	return
}

//go:noinline
func later(x, y uint64, again bool) (hi, lo uint64) {
	for i := uint64(0); i < 3; i++ {
		s, c := bits.Add64(lo, x, 0)
		if again {
			s += y
		}
		hi, lo = hi+c, s
	}
	return
}

// Halves of 32 bits.
func mulSlow(x, y uint64) (hi, lo uint64) {
	const m = 1<<32 - 1
	a, b, c, d := x>>32, x&m, y>>32, y&m
	t := a*d + b*d>>32
	u := b*c + t&m
	return a*c + t>>32 + u>>32, u<<32 | b*d&m
}

func main() {
	some := []uint64{0, 1, 2, 1 << 31, 1<<32 - 1, 1 << 32, 1<<63 - 1, 1 << 63, 1<<63 + 1, 1<<64 - 2, 1<<64 - 1, 0x123456789abcdef0}
	bad := 0
	sum := uint64(0)
	for _, x := range some {
		for _, y := range some {
			hi, lo := bits.Mul64(x, y)
			h, l := mulSlow(x, y)
			if hi != h || lo != l {
				bad++
			}
			for c := uint64(0); c < 2; c++ {
				s, out := bits.Add64(x, y, c)
				d, under := bits.Sub64(x, y, c)
				sum = sum*31 + s + 3*out + 5*d + 7*under
			}
			for _, z := range some {
				a, b := mulAdd(word(x), word(y), word(z))
				c, d := mulAddAdd(word(x), word(y), word(z), word(x))
				sum = sum*31 + uint64(a) + 3*uint64(b) + 5*uint64(c) + 7*uint64(d)
				e, f, g := twice(x, y, z)
				h, i := added(x, z)
				sum = sum*31 + e + 3*f + 5*g + 7*h + 11*i
			}
			h1, l1 := later(x, y, true)
			h2, l2 := later(x, y, false)
			sum = sum*31 + h1 + 3*l1 + 5*h2 + 7*l2
		}
	}
	fmt.Println(bad, sum)
	z := make([]uint64, len(some))
	back := make([]uint64, len(some))
	copy(back, some)
	for i := range back {
		back[i] = some[len(some)-1-i]
	}
	fmt.Println(addVV(z, some, back), z)
	fmt.Println(subVV(z, some, back), z)
	fmt.Println(subVV(z, back, some), z)
	fmt.Println(mulVW(z, some, 1<<64-59), z)
}
