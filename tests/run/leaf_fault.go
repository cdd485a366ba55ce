// run

// Faults in functions that call nothing: recovered, and seen where they are by name and line.
package main

import (
	"fmt"
	"runtime"
	"strings"
)

type T struct {
	pad [100000]int
	x   int
}

//go:noinline
func (t *T) get() int { return t.x }

type value struct{ a, b int }

//go:noinline
func (v value) sum() int { return v.a + v.b }

//go:noinline
func load(p *int) int { return *p + 1 }

//go:noinline
func divide(a, b int) int { return a / b }

//go:noinline
func store(p *[4]float64, x float64) { p[2] = x * 1.5 }

type getter interface{ get() int }
type summer interface{ sum() int }

// where lists the functions of main that are being called, innermost first.
func where() string {
	pcs := make([]uintptr, 20)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(0, pcs)])
	var names []string
	for {
		f, more := frames.Next()
		if strings.HasPrefix(f.Function, "main.") && !strings.HasPrefix(f.Function, "main.try") && f.Function != "main.where" {
			names = append(names, fmt.Sprintf("%s:%d", f.Function, f.Line))
		}
		if !more {
			return strings.Join(names, " ")
		}
	}
}

func try(f func()) {
	defer func() { fmt.Println(recover(), where()) }()
	f()
}

func main() {
	var t *T
	var v *value
	try(func() { load(nil) })
	try(func() { t.get() })
	try(func() { getter(t).get() })
	try(func() { v.sum() })
	try(func() { divide(1, 0) })
	try(func() { store(nil, 1) })
	var s summer = value{1, 2}
	fmt.Println(s.sum(), divide(7, 2))
}
