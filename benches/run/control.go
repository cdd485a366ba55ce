// Deferred calls, panics, channels and goroutines.
package main

//go:noinline
func nop() {}

//go:noinline
func withDefer() { defer nop() }

//go:noinline
func withRecover() (r int) {
	defer func() {
		if recover() != nil {
			r = 1
		}
	}()
	return 0
}

//go:noinline
func panics() (r int) {
	defer func() {
		if recover() != nil {
			r = 1
		}
	}()
	panic("p")
}

//go:noinline
func deep(n int) int {
	if n == 0 {
		panic("deep")
	}
	return deep(n-1) + 1
}

//go:noinline
func panicsDeep() (r int) {
	defer func() {
		if recover() != nil {
			r = 1
		}
	}()
	return deep(100)
}

//go:noinline
func nilPanics(p *int) (r int) {
	defer func() {
		if recover() != nil {
			r = 1
		}
	}()
	return *p
}

func pingpong(n int) {
	a, b := make(chan int), make(chan int)
	go func() {
		for v := range a {
			b <- v + 1
		}
		close(b)
	}()
	for i := 0; i < n; i++ {
		a <- i
		sink += <-b
	}
	close(a)
}

func buffered(n int) {
	c := make(chan int, 128)
	go func() {
		for i := 0; i < n; i++ {
			c <- i
		}
		close(c)
	}()
	for v := range c {
		sink += v
	}
}

func selects(n int) {
	a, b, done := make(chan int), make(chan int), make(chan bool)
	go func() {
		for i := 0; i < n; i++ {
			if i&1 == 0 {
				a <- i
			} else {
				b <- i
			}
		}
		close(done)
	}()
	for {
		select {
		case v := <-a:
			sink += v
		case v := <-b:
			sink -= v
		case <-done:
			return
		}
	}
}

func spawn(n int) {
	c := make(chan int)
	for i := 0; i < n; i++ {
		go func() { c <- i }()
	}
	for i := 0; i < n; i++ {
		sink += <-c
	}
}

func main() {
	best("control/defer", 100000, func() {
		for i := 0; i < 100000; i++ {
			withDefer()
		}
	})
	best("control/defer_recover", 100000, func() {
		for i := 0; i < 100000; i++ {
			sink += withRecover()
		}
	})
	best("control/panic_recover", 10000, func() {
		for i := 0; i < 10000; i++ {
			sink += panics()
		}
	})
	best("control/panic_deep", 1000, func() {
		for i := 0; i < 1000; i++ {
			sink += panicsDeep()
		}
	})
	best("control/nil_recover", 1000, func() {
		for i := 0; i < 1000; i++ {
			sink += nilPanics(nil)
		}
	})
	best("control/chan_pingpong", 10000, func() { pingpong(10000) })
	best("control/chan_buffered", 100000, func() { buffered(100000) })
	best("control/select", 10000, func() { selects(10000) })
	best("control/spawn", 1000, func() { spawn(1000) })
}
