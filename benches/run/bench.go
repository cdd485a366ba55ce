// Package main: what every benchmark of this folder shares; each is built together with this file.
package main

import _ "unsafe"

//go:linkname nanotime runtime.nanotime
func nanotime() int64

// sink keeps results alive.
var sink int

// best times f, which does ops operations, over some chunks and prints the fastest as nanoseconds per operation.
func best(name string, ops int, f func()) {
	fastest := int64(1) << 62
	for i := 0; i < 15; i++ {
		t := nanotime()
		f()
		if d := nanotime() - t; d < fastest {
			fastest = d
		}
	}
	ps := fastest * 1000 / int64(ops)
	print(name, " ", ps/1000, ".")
	if ps%1000 < 100 {
		print("0")
	}
	if ps%1000 < 10 {
		print("0")
	}
	println(ps % 1000)
}
