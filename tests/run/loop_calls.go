package main

import "runtime"

// Loops around a call do two turns at once: what each call sees and leaves behind, and where it fails, stay as they are.

type Shape interface{ Area(i int) int }

type Square struct{ side int }
type Row []int
type Fussy struct{ log *[]int }

func (s *Square) Area(i int) int { return s.side*s.side + i }
func (r Row) Area(i int) int     { return r[i] }
func (f Fussy) Area(i int) int {
	*f.log = append(*f.log, i)
	if i == 5 {
		panic(i)
	}
	return len(*f.log)
}

//go:noinline
func sum(s []Shape) int {
	n := 0
	for i, x := range s {
		n += x.Area(i)
	}
	return n
}

//go:noinline
func from(s []Shape, low, high int) int {
	n := 0
	for i := low; i < high; i += 3 {
		n = n*7 + s[i].Area(i)
	}
	return n
}

//go:noinline
func add(a, b int) int { return a + b }

//go:noinline
func far(low, high int) (n, turns int) {
	for i := low; i < high; i += 1 << 5 {
		n = add(n, i)
		turns++
		if turns > 100 {
			break
		}
	}
	return
}

//go:noinline
func edge(low, high int) (n int) {
	for i := low; i < high; i++ {
		n = add(n, i&3)
	}
	return
}

//go:noinline
func shrinking(s *[]int) (n int) {
	for i := 0; i < len(*s); i++ {
		n = add(n, (*s)[i])
		*s = (*s)[:len(*s)-1]
	}
	return
}

func try(name string, f func() int) {
	defer func() {
		if e := recover(); e != nil {
			if err, ok := e.(runtime.Error); ok {
				println(name, err.Error())
			} else {
				println(name, "panicked with", e.(int))
			}
		}
	}()
	println(name, f())
}

var stop bool

func main() {
	shapes := []Shape{&Square{3}, Row{1, 2}, &Square{5}, Row{1, 2, 3, 4}, &Square{6}}
	for n := range len(shapes) + 1 {
		println(n, sum(shapes[:n]))
	}
	try("short row", func() int { return sum([]Shape{Row{1}, Row{1}, Row{1, 2, 3}}) })
	try("nil", func() int { return sum([]Shape{&Square{1}, nil, &Square{2}}) })
	var log []int
	fussy := make([]Shape, 8)
	for i := range fussy {
		fussy[i] = Fussy{&log}
	}
	try("fussy", func() int { return sum(fussy) })
	for _, i := range log {
		print(i, " ")
	}
	println()
	for low := range 4 {
		for high := range 5 {
			print(from(shapes, low, high), " ")
		}
	}
	println()
	try("too far", func() int { return from(shapes, 1, 9) })
	const top = int(^uint(0) >> 1)
	println(edge(top-3, top), edge(top-4, top), edge(-2, 3), edge(-top-1, -top+4), edge(top, -top))
	n, turns := far(-top-1, top)
	println(n, turns)
	s := []int{1, 2, 3, 4, 5, 6, 7}
	println(shrinking(&s), len(s))

	// Somebody else has a turn.
	done := make(chan int)
	go func() {
		n := 0
		for i := 0; i < 1<<62 && !stop; i++ {
			n = add(n, 1)
		}
		done <- 1
	}()
	go func() {
		for i := 0; i < 1<<62; i++ {
			add(i, 1)
		}
	}()
	runtime.Gosched()
	stop = true
	println(<-done)
}
