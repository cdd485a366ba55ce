package main

// Integers that are small whatever they are need no memory in an interface.

type T uint16

//go:noinline
func mask(i int) any { return i & 127 }

//go:noinline
func full(i int) any { return i & 255 }

//go:noinline
func wider(i int) any { return i & 256 }

//go:noinline
func signed(i int) any { return int(int8(i & 255)) }

//go:noinline
func rem(u uint) any { return u % 256 }

//go:noinline
func remSigned(i int) any { return i % 256 }

//go:noinline
func named(b byte) any { return T(b) }

//go:noinline
func float(b byte) any { return float64(b) }

//go:noinline
func back(b byte) any { return int32(float64(b)) }

func main() {
	for _, i := range []int{0, 1, 127, 128, 200, 255, 256, 511, -1, -200} {
		println(mask(i).(int), full(i).(int), wider(i).(int), signed(i).(int), rem(uint(i)).(uint),
			remSigned(i).(int), named(byte(i)).(T), float(byte(i)).(float64), back(byte(i)).(int32))
	}
}
