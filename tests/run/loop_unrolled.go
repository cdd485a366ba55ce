// run

// Tiny loops of all lengths: counted with steps, from the middle, with panics in one of four turns.
package main

import "fmt"

//go:noinline
func add(z, x []int, y int) {
	for i := range z {
		z[i] = x[i] + y
	}
}

//go:noinline
func sum(x []int32, from, to, k int) (n int32) {
	switch k {
	case 1:
		for i := from; i < to; i++ {
			n = n*3 + x[i]
		}
	case 2:
		for i := from; i < to; i += 2 {
			n = n*3 + x[i]
		}
	case 3:
		for i := from; i < to; i += 3 {
			n = n*3 + x[i]
		}
	}
	return n
}

//go:noinline
func shift(x []byte) {
	for i := 0; i < len(x)-1; i++ {
		x[i] = x[i+1] ^ byte(i)
	}
}

//go:noinline
func prefix(x []int) {
	for i := 1; i < len(x); i++ {
		x[i] += x[i-1]
	}
}

//go:noinline
func until(z, x []int) (n int) {
	defer func() { fmt.Println(n, z, recover()) }()
	for i := range z {
		z[i] = x[i]
		n = i
	}
	return
}

//go:noinline
func stop(x []int, v int) (n int) {
	for _, y := range x {
		if y == v {
			break
		}
		n += y
	}
	return
}

func fib(n int) (a, b int) {
	b = 1
	for i := 0; i < n; i++ {
		a, b = b, a+b
	}
	return
}

func main() {
	x := make([]int, 40)
	y := make([]int32, 40)
	for i := range x {
		x[i], y[i] = i*i, int32(i*7)
	}
	for n := 0; n < 20; n++ {
		z := make([]int, n)
		add(z, x, n)
		b := []byte("the quick brown fox jumps")[:n]
		shift(b)
		p := append([]int(nil), x[:n]...)
		prefix(p)
		fmt.Println(z, sum(y, 0, n, 1), sum(y, 2, n+3, 2), sum(y, n/2, n, 3), b, p, stop(x, n*n))
		fmt.Println(fib(n))
	}
	big := make([]int, 5000)
	add(big, make([]int, 5000), 3)
	prefix(big)
	fmt.Println(big[1023], big[1024], big[1025], big[4999], stop(big, 14997))
	for n := 0; n < 9; n++ {
		until(make([]int, 9), x[:n])
	}
	fmt.Println(sum(y, 5, 5, 1), sum(y, 7, 3, 2), sum(y, -1<<62, -1<<63, 1))
	defer func() { fmt.Println(recover()) }()
	sum(y, 38, 1<<62, 1)
}
