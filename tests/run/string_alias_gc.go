// run

// A string keeps the memory alive that it shares, but not what pointers in that memory point at: the collector does not
// look into strings. The object is made by a goroutine that has ended, so that no stack holds its address.
package main

import (
	"fmt"
	"runtime"
	"time"
	"unsafe"
)

type object struct {
	name string
	data [100]int
}

// StringAlias returns a string of the bytes of the elements of s.
func StringAlias[T any](s []T) string {
	return unsafe.String((*byte)(unsafe.Pointer(unsafe.SliceData(s))), len(s)*int(unsafe.Sizeof(*new(T))))
}

var (
	freed  = make(chan string, 10)
	hidden string
	seen   []*object
)

func watched(name string) *object {
	o := &object{name: name}
	runtime.SetFinalizer(o, func(o *object) { freed <- o.name })
	return o
}

// apart runs f where its frames are gone when it has ended.
func apart(f func()) {
	done := make(chan bool)
	go func() {
		f()
		close(done)
	}()
	<-done
}

func collect() {
	for range 20 {
		runtime.GC()
		time.Sleep(time.Millisecond)
		if len(freed) > 0 {
			break
		}
	}
	select {
	case name := <-freed:
		fmt.Println("freed:", name)
	default:
		fmt.Println("nothing is freed")
	}
}

func main() {
	apart(func() {
		// The string's memory has no pointers as far as the collector knows.
		words := []uintptr{uintptr(unsafe.Pointer(watched("behind a number in a string")))}
		hidden = StringAlias(words)
	})
	collect()
	fmt.Println(len(hidden))
	apart(func() {
		seen = []*object{watched("in a slice")}
		hidden = StringAlias(seen)
	})
	collect()
	apart(func() {
		// A copy of the bytes loses the types.
		hidden = string([]byte(hidden))
		fmt.Println(*(*uintptr)(unsafe.Pointer(unsafe.StringData(hidden))) == uintptr(unsafe.Pointer(seen[0])))
		seen = nil
	})
	collect()
	fmt.Println(len(hidden), len(seen))
}
