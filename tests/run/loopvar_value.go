// run

// Variables of loops that only the statement after each iteration changes: closures of an iteration see its value.
package main

import "fmt"

func main() {
	var fs []func() int
	add := func(f func() int) { fs = append(fs, f) }
	show := func() {
		for _, f := range fs {
			fmt.Print(f(), " ")
		}
		fmt.Println()
		fs = nil
	}
	for i := 0; i < 3; i++ {
		add(func() int { return i })
	}
	show()
	for i, j := 0, 10; i < 3; i, j = i+1, j-1 {
		add(func() int { return i + j })
	}
	show()
	for i := 0; i < 6; i += 2 {
		add(func() int { return i })
		i := i * 100
		add(func() int { return i })
	}
	show()
	// The body changes it, too.
	for i := 0; i < 6; i++ {
		add(func() int { return i })
		if i%2 == 0 {
			i++
		}
	}
	show()
	// A closure changes it.
	for i := 0; i < 3; i++ {
		inc := func() { i += 10 }
		add(func() int { return i })
		if i == 1 {
			inc()
		}
	}
	show()
	// Closures in the condition and in the statement after.
	for i := 0; func() bool { add(func() int { return i }); return i < 2 }(); i++ {
	}
	show()
	for i := 0; i < 3; i, _ = i+1, func() int { add(func() int { return -i }); return 0 }() {
	}
	show()
	for i := 0; i < 3; func() { i++ }() {
		add(func() int { return i })
	}
	show()
	// Its address is taken.
	var ps []*int
	for i := 0; i < 3; i++ {
		ps = append(ps, &i)
		add(func() int { return i })
		*ps[len(ps)-1] += 0
	}
	*ps[0] = 7
	show()
	var first func() int
	for i := 0; i < 3; i++ {
		if first == nil {
			first = func() int { return i }
		}
		fmt.Print(first(), " ")
		if i == 1 {
			continue
		}
		defer func() { fmt.Print("deferred ", i, "\n") }()
	}
	fmt.Println()
	i := 0
	for i = 0; i < 3; i++ {
		add(func() int { return i })
	}
	show()
outer:
	for i := 0; i < 3; i++ {
		for j := 0; ; j++ {
			add(func() int { return 10*i + j })
			if j == i {
				continue outer
			}
		}
	}
	show()
	for x := range func(yield func(int) bool) { _ = yield(1) && yield(2) } {
		for i := 0; i < 2; i++ {
			add(func() int { return 10*x + i })
		}
	}
	show()
	done := make(chan int)
	for i := 0; i < 3; i++ {
		go func() { done <- i }()
	}
	fmt.Println(<-done + <-done + <-done)
}
