// run

// copy and append of all short lengths, with overlaps.
package main

import "fmt"

//go:noinline
func move(b []byte, to, from, n int) int { return copy(b[to:to+n], b[from:from+n]) }

// What is live around a copy stays.
//
//go:noinline
func around(b []byte, x [8]float64, n int) (s float64, k int) {
	for i := 0; i < 3; i++ {
		k += copy(b[i:], b[n:])
		for _, f := range x {
			s = s*0.5 + f + float64(i)
		}
	}
	return s, k
}

func check(b, want []byte, to, from, n int) bool {
	for i := range want {
		c := byte(i * 7)
		if i >= to && i < to+n {
			c = byte((from + i - to) * 7)
		}
		if b[i] != c {
			fmt.Println("bad", to, from, n, i)
			return false
		}
	}
	return true
}

func main() {
	b := make([]byte, 2000)
	done := 0
	for n := 0; n < 700; n++ {
		for _, d := range []int{0, 1, 3, 8, 15, 16, 17, 31, 33, 63, 64, 65, 200, 511, 512, 513, 640} {
			for _, to := range []int{0, d} {
				from := d - to
				for i := range b {
					b[i] = byte(i * 7)
				}
				move(b, to, from, n)
				if !check(b, b[:1400], to, from, n) {
					return
				}
				done++
			}
		}
		if n == 80 || n == 300 || n == 600 {
			fmt.Println(around(b, [8]float64{1, 2, 3, 4, 5, 6, 7, 8}, n))
		}
	}
	var s []byte
	for i := 0; i < 100; i++ {
		s = append(s, b[i:2*i]...)
	}
	var sum int
	for i, c := range s {
		sum = sum*3 + int(c)*i
	}
	fmt.Println(done, len(s), sum)
	words := []string{"a", "b", "c", "d"}
	copy(words[1:], words)
	fmt.Println(words, append([]any{1}, append([]any{"x"}, nil, 2.5)...))
}
