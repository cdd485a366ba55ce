package main

// A near limit, and a look where it is reached.
func sum(s []int) int {
	n := 0
	for _, v := range s {
		n += v
	}
	return n
}

// Short.
func eight(p *[8]int) int {
	n := 0
	for i := range p {
		n += p[i]
	}
	return n
}

// A look each time round.
func collatz(x int) int {
	n := 0
	for x != 1 {
		if x&1 == 0 {
			x >>= 1
		} else {
			x = 3*x + 1
		}
		n++
	}
	return n
}

// Four words at a time, while there are four.
func add(z, x []uint64, y uint64) {
	for i := range z {
		z[i] = x[i] + y
	}
}

// Downwards, the last one included.
func down(s []int) int {
	n := 0
	for i := len(s) - 1; i >= 0; i-- {
		if s[i] == 7 {
			break
		}
		n += s[i]
	}
	return n
}

type shape interface{ area() int }

// Two calls at a time, while there are two, and one look.
func areas(s []shape) int {
	n := 0
	for _, x := range s {
		n += x.area()
	}
	return n
}
