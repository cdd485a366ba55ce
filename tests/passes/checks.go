// passes: -preempt,-inline
package main

// No check is left: the counter is within the slice.
func indexed(s []int) int {
	n := 0
	for i := 0; i < len(s); i++ {
		n += s[i]
	}
	return n
}

// Nor when it goes down.
func down(s []int) int {
	n := 0
	for i := len(s) - 1; i >= 0; i-- {
		n += s[i]
	}
	return n
}

// Inner loops start where the outer one is.
func pairs(s []int) int {
	n := 0
	for i := range s {
		for j := i + 1; j < len(s); j++ {
			n += s[i] * s[j]
		}
	}
	return n
}

// The greatest index first: the others are within it.
func first(b []byte) int {
	_ = b[3]
	return int(b[0]) + int(b[1]) + int(b[2]) + int(b[3])
}

// A mask.
func masked(t *[16]int, i int) int { return t[i&15] }

// The middle of two bounds.
func search(s []int, x int) int {
	lo, hi := 0, len(s)
	for lo < hi {
		m := int(uint(lo+hi) >> 1)
		if s[m] < x {
			lo = m + 1
		} else {
			hi = m
		}
	}
	return lo
}

// The check stays: i may be anything.
func any(s []int, i int) int { return s[i] }

// The check stays: the counter may overflow.
func stride(s []int, n, step int) int {
	t := 0
	for i := 0; i < n; i += step {
		t += s[i]
	}
	return t
}

type node struct {
	next *node
	x    int
}

// One check for each new pointer.
func chain(p *node) int {
	n := 0
	for p != nil {
		n += p.x
		p = p.next
	}
	return n + p.x + p.next.x
}

func divide(x, y int) int {
	if y == 0 {
		return 0
	}
	return x/y + x%y
}
