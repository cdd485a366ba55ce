// Prints the capacities that append gives, for growslice.txt: `go run growslice.go > growslice.txt`.
//
// Lines are "elem pointers oldcap cap cap ..": append of 1, 2, 5, 17, 255, 1000 elements to a full slice of oldcap.
package main

import "fmt"

type ptr[A any] struct {
	p *byte
	a A
}

func grow[T any](size int, pointers bool) {
	var zero [1000]T
	for oldcap := 0; oldcap < 3000; oldcap += 1 + oldcap/3 {
		fmt.Print(size, " ", b(pointers), " ", oldcap)
		for _, num := range []int{1, 2, 5, 17, 255, 1000} {
			s := make([]T, oldcap)
			s = append(s, zero[:num]...)
			fmt.Print(" ", cap(s))
		}
		fmt.Println()
	}
}

func b(x bool) int {
	if x {
		return 1
	}
	return 0
}

func main() {
	grow[[1]byte](1, false)
	grow[[2]byte](2, false)
	grow[[3]byte](3, false)
	grow[[4]byte](4, false)
	grow[[5]byte](5, false)
	grow[[6]byte](6, false)
	grow[[7]byte](7, false)
	grow[[8]byte](8, false)
	grow[[12]byte](12, false)
	grow[[16]byte](16, false)
	grow[[24]byte](24, false)
	grow[[31]byte](31, false)
	grow[[32]byte](32, false)
	grow[[40]byte](40, false)
	grow[[48]byte](48, false)
	grow[[100]byte](100, false)
	grow[[128]byte](128, false)
	grow[[520]byte](520, false)
	grow[[1000]byte](1000, false)
	grow[[4096]byte](4096, false)
	grow[[33000]byte](33000, false)
	grow[*byte](8, true)
	grow[ptr[[8]byte]](16, true)
	grow[ptr[[16]byte]](24, true)
	grow[ptr[[24]byte]](32, true)
	grow[ptr[[32]byte]](40, true)
	grow[ptr[[64]byte]](72, true)
	grow[ptr[[120]byte]](128, true)
	grow[ptr[[504]byte]](512, true)
	grow[ptr[[512]byte]](520, true)
	grow[ptr[[2000]byte]](2008, true)
	grow[ptr[[32752]byte]](32760, true)
	grow[ptr[[33000]byte]](33008, true)
}
