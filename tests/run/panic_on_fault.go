// run

// debug.SetPanicOnFault: bad addresses are panics, with the address, of this goroutine only.
package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"syscall"
	"unsafe"
)

func try(f func()) (text string, addr uintptr) {
	defer func() {
		err := recover().(runtime.Error)
		if a, ok := err.(interface{ Addr() uintptr }); ok {
			addr = a.Addr()
		}
		text = fmt.Sprintf("%v %T", err, err)
	}()
	f()
	return
}

var sink byte

func main() {
	size := syscall.Getpagesize()
	b, err := syscall.Mmap(-1, 0, 2*size, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		panic(err)
	}
	base := uintptr(unsafe.Pointer(&b[0]))
	if err := syscall.Mprotect(b[size:], syscall.PROT_NONE); err != nil {
		panic(err)
	}
	fmt.Println(debug.SetPanicOnFault(true), debug.SetPanicOnFault(true))
	text, addr := try(func() { sink = b[size+10] })
	fmt.Println(text, addr-base == uintptr(size+10))
	text, addr = try(func() { b[size] = 1 })
	fmt.Println(text, addr-base == uintptr(size))

	n := 0
	text, _ = try(func() {
		for i := range b {
			b[i] = byte(i)
			n++
		}
	})
	fmt.Println(text, n == size, b[size-1] == byte(size-1))
	var p *[10]int
	text, addr = try(func() { p[3] = 1 })
	fmt.Println(text, addr)

	was := make(chan bool)
	go func() { was <- debug.SetPanicOnFault(false) }()
	fmt.Println(<-was, debug.SetPanicOnFault(false), debug.SetPanicOnFault(false))
}
