// run

// Short slices that nothing keeps begin in the frame, which programs see in their capacities.
package main

import (
	"fmt"
	"runtime"
)

type pair struct{ p *int }

//go:noinline
func made(n, c int) (int, int, int) {
	s := make([]int, n, c)
	for i := range s {
		if s[i] != 0 {
			panic("not zero")
		}
		s[i] = i + 1
	}
	sum := 0
	for _, v := range s {
		sum += v
	}
	return sum, len(s), cap(s)
}

//go:noinline
func grow(n int) {
	var s []int
	for i := 0; i < n; i++ {
		s = append(s, i)
		fmt.Print(len(s), "/", cap(s), " ")
	}
	fmt.Println()
	var b []byte
	for i := 0; i < n; i++ {
		b = append(b, 'a')
	}
	fmt.Println(len(b), cap(b))
	var t []string
	for i := 0; i < n; i++ {
		t = append(t, fmt.Sprint(i))
		runtime.GC()
	}
	fmt.Println(len(t), cap(t), t[len(t)-1])
}

// The array is used once, though the loop begins with an empty slice again.
func rounds() {
	var last []int
	for i := 0; i < 3; i++ {
		var s []int
		s = append(s, i)
		s = append(s, i+10)
		if len(last) > 0 {
			fmt.Print(last[0], last[1], " ")
		}
		last = s
	}
	fmt.Println(last[0], last[1])
	for i := 0; i < 3; i++ {
		s := make([]int, i+1)
		fmt.Print(s[i], " ")
		s[i] = 7
		last = s
	}
	fmt.Println(last[2])
}

func pointers(n int) (sum int) {
	var s []pair
	for i := 0; i < n; i++ {
		v := i
		s = append(s, pair{&v})
		runtime.GC()
	}
	for _, x := range s {
		sum += *x.p
	}
	return sum
}

//go:noinline
func kept(n int) []int {
	var s []int
	for i := 0; i < n; i++ {
		s = append(s, i)
	}
	return s[:n:n]
}

var sink []int

func leaks(n int) {
	var s []int
	for i := 0; i < n; i++ {
		s = append(s, i)
		if i == 2 {
			sink = s[:2]
		}
	}
	sink[0] = 9
	fmt.Println(s[0], sink)
}

func inner(s []int) []int { return append(s, 1, 2) }

func try(n, c int) {
	defer func() { fmt.Println(recover()) }()
	made(n, c)
}

func closures() int {
	var fs []func() int
	for i := 0; i < 3; i++ {
		fs = append(fs, func() int { return i })
	}
	n := 0
	for _, f := range fs {
		n = 10*n + f()
	}
	return n
}

func main() {
	for _, n := range []int{0, 1, 4, 5, 100} {
		fmt.Println(made(n, n))
	}
	fmt.Println(made(0, 3))
	try(-1, 3)
	try(3, 2)
	try(0, -1)
	try(1<<62, 1<<62)
	grow(10)
	rounds()
	fmt.Println(pointers(3), pointers(10))
	a, b := kept(3), kept(4)
	fmt.Println(a, b)
	leaks(3)
	leaks(10)
	var s []int
	s = inner(s)
	fmt.Println(len(s), s[1])
	fmt.Println(closures())
	var e []struct{}
	e = append(e, struct{}{})
	fmt.Println(len(e))
	var large [][40]byte
	large = append(large, [40]byte{1})
	fmt.Println(len(large), cap(large))
}
