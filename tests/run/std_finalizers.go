package main

import (
	"fmt"
	"runtime"
	"time"
)

type T struct {
	a [4]int
	s string
}

//go:noinline
func mk(c chan string) {
	t := &T{s: "x"}
	runtime.SetFinalizer(t, func(t *T) { c <- "fin " + t.s })
	u := &T{s: "u"}
	runtime.AddCleanup(u, func(s string) { c <- "clean " + s }, "arg")
	f := runtime.AddCleanup(u, func(i int) { c <- "no" }, 3)
	f.Stop()
}
func main() {
	c := make(chan string, 9)
	go func() { mk(c) }()
	time.Sleep(time.Millisecond)
	got := map[string]bool{}
	for i := 0; i < 20 && len(got) < 2; i++ {
		runtime.GC()
		select {
		case s := <-c:
			got[s] = true
		case <-time.After(10 * time.Millisecond):
		}
	}
	fmt.Println(got)
}
