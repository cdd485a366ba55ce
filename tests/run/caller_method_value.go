// run

// Frames of methods that are called by their value or through an interface, small ones: these are inlined into the
// functions that the compiler makes for that, which no program sees.

package main

import (
	"fmt"
	"runtime"
	"strings"
)

type L struct{ n int }

type Embeds struct{ *L }

type Logger interface {
	Info()
	Both()
}

func names(skip int) {
	var pcs [20]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(skip, pcs[:])])
	for {
		f, more := frames.Next()
		if strings.HasPrefix(f.Function, "main.") {
			fmt.Print(strings.TrimPrefix(f.Function, "main."), " ")
		}
		if !more {
			break
		}
	}
	fmt.Println()
}

//go:noinline
func (l *L) check() {
	names(2)
	for i := 1; i < 3; i++ {
		pc, _, _, _ := runtime.Caller(i)
		fmt.Print(runtime.FuncForPC(pc).Name(), " ")
	}
	fmt.Println()
}

func (l *L) Info() { l.check() }

func (l *L) Both() { l.Info() }

func (l L) Value() { (&l).check() }

//go:noinline
func run(f func()) { f() }

//go:noinline
func through(l Logger) { l.Info(); l.Both() }

func deferred() {
	defer (&L{}).Info()
	defer func() { recover() }()
	defer (&L{}).Both()
	panic("while it is called")
}

func main() {
	run((&L{}).Info)
	run((&L{}).Both)
	run(L{}.Value)
	run(Embeds{&L{}}.Info)
	run(Logger(&L{}).Both)
	through(Embeds{&L{}})
	through(&L{})
	f := (*L).Both
	f(&L{})
	deferred()
}
