package main

// Switches over integers of every kind: few cases in turn, more by halves, many by a table; ranges, signs, ends.

type Op uint8

//go:noinline
func two(x int) int {
	switch x {
	case 3:
		return 1
	case -3:
		return 2
	}
	return 0
}

//go:noinline
func five(x int8) int {
	switch x {
	case 100:
		return 1
	case -128:
		return 2
	case 0:
		return 3
	case 127:
		return 4
	case -1:
		return 5
	}
	return 0
}

//go:noinline
func ranges(x Op) int {
	switch x {
	case 5:
		return 1
	case 0, 1:
		return 2
	case 3:
		return 3
	case 6:
		return 4
	case 2:
		return 5
	case 4, 7, 8, 9, 10:
		return 6
	case 255, 254, 253:
		return 7
	default:
		return 8
	}
}

//go:noinline
func wide(x uint64) int {
	switch x {
	case 1 << 63:
		return 1
	case 1<<64 - 1:
		return 2
	case 0:
		return 3
	case 1<<63 - 1:
		return 4
	case 7, 8:
		return 5
	case 1 << 32:
		return 6
	}
	return 0
}

//go:noinline
func many(r rune) int {
	switch r {
	case 'a':
		return 1
	case 'c':
		return 2
	case 'e':
		return 3
	case 'g', 'h':
		return 4
	case 'm':
		return 5
	case -1:
		return 6
	case 'z':
		return 7
	case 0x10ffff:
		return 8
	case 'é':
		return 9
	}
	return 0
}

//go:noinline
func through(x int) (n int) {
	switch x {
	case 1:
		n++
		fallthrough
	case 2:
		n += 10
	case 3, 5:
		n += 100
		fallthrough
	default:
		n += 1000
	case 4:
		n += 10000
	case 9:
	}
	return
}

func main() {
	for x := -4; x <= 4; x++ {
		print(two(x), " ")
	}
	println()
	for x := -128; x <= 127; x++ {
		if n := five(int8(x)); n != 0 {
			print(x, "=", n, " ")
		}
	}
	println()
	for x := 0; x < 256; x++ {
		if n := ranges(Op(x)); n != 8 {
			print(x, "=", n, " ")
		}
	}
	println()
	for _, x := range []uint64{0, 1, 6, 7, 8, 9, 1<<32 - 1, 1 << 32, 1<<63 - 2, 1<<63 - 1, 1 << 63, 1<<63 + 1, 1<<64 - 2, 1<<64 - 1} {
		print(wide(x), " ")
	}
	println()
	for _, r := range []rune{-2, -1, 0, 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'm', 'z', '{', 'é', 0x10fffe, 0x10ffff, 0x110000} {
		print(many(r), " ")
	}
	println()
	for x := 0; x < 11; x++ {
		print(through(x), " ")
	}
	println()
}
