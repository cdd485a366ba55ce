// run

// Loops over functions: leaving them in every way, the panics of misuse, deferred calls of the function around.
package main

func seq(n int) func(func(int) bool) {
	return func(yield func(int) bool) {
		for i := 0; i < n; i++ {
			if !yield(i) {
				return
			}
		}
	}
}

func find(k int) (int, bool) {
	for x := range seq(10) {
		if x == 2 {
			continue
		}
		if x == k {
			return x, true
		}
		if x > 8 {
			break
		}
	}
	return 0, false
}

func nested() (r int) {
outer:
	for a := range seq(5) {
		for b := range seq(3) {
			if b == 1 && a < 2 {
				continue outer
			}
			if a == 2 {
				break outer
			}
			r += a*10 + b + 1
			defer func() { println("deferred", a, b); r += 100 }()
		}
	}
	return
}

func again() int {
	n := 0
again:
	for a := range seq(3) {
		n++
		if a == 1 && n < 5 {
			goto again
		}
	}
	return n
}

func try(f func()) {
	defer func() {
		switch e := recover().(type) {
		case error:
			println(e.Error())
		case string:
			println("panic", e)
		}
	}()
	f()
}

func misuse() {
	for x := range func(yield func(int) bool) { yield(1); yield(2) } {
		println("body", x)
		break
	}
}

func late() {
	var save func(int) bool
	for x := range func(yield func(int) bool) { save = yield; yield(1) } {
		println("body", x)
	}
	save(2)
}

func swallowed() {
	for x := range func(yield func(int) bool) { func() { defer func() { recover() }(); yield(1) }() } {
		println("body", x)
		panic("inner")
	}
}

func notDeferred() {
	defer func() {
		for range seq(1) {
			println("recovers:", recover() != nil)
		}
	}()
	panic("outer")
}

func main() {
	println(find(5))
	println(find(20))
	println(nested())
	println(again())
	try(misuse)
	try(late)
	try(swallowed)
	try(notDeferred)
}
