// run

// A timer that nobody refers to is garbage, set or not; whoever looks at a timer's channel gets what it has to send.

package main

import (
	"runtime"
	"time"
	"weak"
)

//go:noinline
func forget(n int) (ws []weak.Pointer[time.Timer]) {
	for i := range n {
		t := time.NewTimer(time.Hour)
		if i%2 == 0 {
			select {
			case <-t.C:
			case <-time.After(1):
			}
		}
		ws = append(ws, weak.Make(t))
	}
	return ws
}

func main() {
	ws := forget(100)
	runtime.GC()
	runtime.GC()
	alive := 0
	for _, w := range ws {
		if w.Value() != nil {
			alive++
		}
	}
	println("most are gone:", alive < 20)

	t := time.NewTimer(time.Millisecond)
	time.Sleep(3 * time.Millisecond)
	println(len(t.C), cap(t.C))
	select {
	case <-t.C:
		println("it was time")
	default:
		println("not yet")
	}
	println(t.Stop(), t.Reset(1))
	time.Sleep(time.Millisecond)
	println(t.Reset(time.Hour))
	select {
	case <-t.C:
		println("a stale value")
	default:
		println("nothing")
	}
	k := time.NewTicker(time.Millisecond)
	for range 3 {
		<-k.C
	}
	k.Stop()
	println("ticked")
}
