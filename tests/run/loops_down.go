package main

// Loops that count down, or up to and with their limit: how often they run, whatever the limit.

const maxInt = int(^uint(0) >> 1)

func ge(from int) (n int) {
	for i := from; i >= 0; i-- {
		n += i ^ n&3
	}
	return n
}

func gt(from, to int) (n int) {
	for i := from; i > to; i-- {
		n++
	}
	return n
}

func steps(from, to int) (n int) {
	for i := from; i > to; i -= 7 {
		n++
	}
	return n
}

func le(to int) (n int) {
	for i := to - 3000; i <= 50; i += 3 {
		n += i
	}
	return n
}

func not(from int) (n int) {
	for i := from; !(i < -5); i -= 2 {
		n++
	}
	return n
}

func found(s []int, x int) int {
	for i := len(s) - 1; i >= 0; i-- {
		if s[i] == x {
			return i
		}
	}
	return -1
}

func insertion(s []int) {
	for i := 1; i < len(s); i++ {
		for j := i; j > 0 && s[j] < s[j-1]; j-- {
			s[j], s[j-1] = s[j-1], s[j]
		}
	}
}

func edge() (n int) {
	for i := -maxInt + 2500; i > -maxInt-1; i-- {
		n++
	}
	return n
}

// The counter wraps around at the end, and the loop goes on until it is stopped.
func wraps() (n int) {
	for i := maxInt - 2; i <= maxInt; i++ {
		if n++; n == 10 {
			break
		}
	}
	return n
}

func main() {
	for _, n := range []int{-2, -1, 0, 1, 6, 7, 8, 1023, 1024, 1025, 1026, 2047, 2048, 2049, 5000} {
		println(n, ge(n), gt(n, 0), gt(n, -n), gt(5, n), steps(n, 0), steps(n, -3), le(n), not(n))
	}
	println(gt(maxInt, maxInt-3000), gt(-maxInt+3000, -maxInt-1), edge(), wraps())
	s := make([]int, 3000)
	for i := range s {
		s[i] = (i * 7919) % 3001
	}
	println(found(s, s[2999]), found(s, s[1975]), found(s, s[0]), found(s, -1))
	insertion(s)
	for i := 1; i < len(s); i++ {
		if s[i] < s[i-1] {
			println("unsorted", i)
		}
	}
}
