// run

// Conversions of numbers, in range and out of it.

package main

import "math"

//go:noinline
func convert(x float64) {
	println(x, int64(x), int32(x), int16(x), int8(x), uint64(x), uint32(x), uint16(x), uint8(x))
	f := float32(x)
	println(f, int64(f), int32(f), int16(f), int8(f), uint64(f), uint32(f), uint16(f), uint8(f))
}

//go:noinline
func shifts(x int8, y uint16, n uint, k uint8) {
	println(x<<n, x>>n, y<<n, y>>n, x<<k, x>>k, y<<k, y>>k, 1<<n, -1>>n)
}

//go:noinline
func divide(x, y int8, a, b int64) {
	println(x/y, x%y, a/b, a%b, uint8(x)/uint8(y), uint64(a)%uint64(b))
}

//go:noinline
func complexes(x, y complex128) { println(x/y, x*y, complex64(x)/complex64(y)) }

func main() {
	for _, x := range []float64{math.NaN(), math.Inf(1), math.Inf(-1), 1e10, -1e10, 1e19, -1e19, 3e19, -1, -1.5, 300, 70000,
		4294967295, 4294967296, 5e9, 2147483648, -2147483649, 9223372036854775808, -129, -40000} {
		convert(x)
	}
	for n := range uint(70) {
		shifts(-77, 0xabcd, n, uint8(n*5))
	}
	divide(-128, -1, math.MinInt64, -1)
	divide(-128, 3, math.MinInt64, 7)
	divide(127, -2, math.MaxInt64, math.MinInt64)
	parts := []float64{0, math.Copysign(0, -1), 1, -2.5, math.Inf(1), math.NaN()}
	for _, a := range parts {
		for _, b := range parts {
			for _, c := range parts {
				for _, d := range parts {
					complexes(complex(a, b), complex(c, d))
				}
			}
		}
	}
}
