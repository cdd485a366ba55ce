// Interfaces in Go, for comparison with iface.rs: prints the same lines.
// go run -ldflags=-checklinkname=0 iface.go
package main

import (
	"fmt"
	"runtime"
	"strings"
	"time"
	"unsafe"
)

const rounds = 15

//go:linkname getitab runtime.getitab
func getitab(inter, typ unsafe.Pointer, canfail bool) unsafe.Pointer

//go:linkname nilinterhash runtime.nilinterhash
func nilinterhash(p unsafe.Pointer, h uintptr) uintptr

type T[A any] struct{}

func (T[A]) M00() {}
func (T[A]) M01() {}
func (T[A]) M02() {}
func (T[A]) M03() {}
func (T[A]) M04() {}
func (T[A]) M05() {}
func (T[A]) M06() {}
func (T[A]) M07() {}
func (T[A]) M08() {}
func (T[A]) M09() {}
func (T[A]) M10() {}
func (T[A]) M11() {}
func (T[A]) M12() {}
func (T[A]) M13() {}
func (T[A]) M14() {}
func (T[A]) M15() {}
func (T[A]) M16() {}
func (T[A]) M17() {}
func (T[A]) M18() {}
func (T[A]) M19() {}

type I1 interface{ M00() }
type I5 interface {
	M00()
	M01()
	M02()
	M03()
	M04()
}
type I20 interface {
	I5
	M05()
	M06()
	M07()
	M08()
	M09()
	M10()
	M11()
	M12()
	M13()
	M14()
	M15()
	M16()
	M17()
	M18()
	M19()
}
type IMissing interface {
	I5
	M99()
}

// Named again, so that the first pairs of a second and third round are new ones.
type (
	J1       I1
	J5       I5
	J20      I20
	JMissing IMissing
	K1       I1
	K5       I5
	K20      I20
	KMissing IMissing
)

var all []any

func gen0[A any]() { all = append(all, T[A]{}) }
func gen1[A any]() { gen0[*A](); gen0[[]A]() }
func gen2[A any]() { gen1[*A](); gen1[[]A]() }
func gen3[A any]() { gen2[*A](); gen2[[]A]() }
func gen4[A any]() { gen3[*A](); gen3[[]A]() }
func gen5[A any]() { gen4[*A](); gen4[[]A]() }
func gen6[A any]() { gen5[*A](); gen5[[]A]() }
func gen7[A any]() { gen6[*A](); gen6[[]A]() }
func gen8[A any]() { gen7[*A](); gen7[[]A]() }
func gen9[A any]() { gen8[*A](); gen8[[]A]() }

type eface struct{ typ, data unsafe.Pointer }

func typeOf(v any) unsafe.Pointer { return (*eface)(unsafe.Pointer(&v)).typ }

// interType is the descriptor of the interface type I.
func interType[I any]() unsafe.Pointer {
	t := typeOf((*I)(nil))
	return *(*unsafe.Pointer)(unsafe.Add(t, 48)) // PtrType.Elem
}

func report(name string, ns float64) { fmt.Printf("%s: %.2f ns\n", name, ns) }

func least(n int, round func()) float64 {
	best := 1e18
	for range rounds {
		start := time.Now()
		round()
		best = min(best, float64(time.Since(start).Nanoseconds())/float64(n))
	}
	return best
}

var names = []string{"1 method", "5 methods", "20 methods", "missing"}

var sink unsafe.Pointer

func firstTime() {
	sets := [][]unsafe.Pointer{
		{interType[I1](), interType[I5](), interType[I20](), interType[IMissing]()},
		{interType[J1](), interType[J5](), interType[J20](), interType[JMissing]()},
		{interType[K1](), interType[K5](), interType[K20](), interType[KMissing]()},
	}
	best := []float64{1e18, 1e18, 1e18, 1e18}
	for _, set := range sets {
		for i, inter := range set {
			start := time.Now()
			for _, v := range all {
				sink = getitab(inter, typeOf(v), true)
			}
			best[i] = min(best[i], float64(time.Since(start).Nanoseconds())/float64(len(all)))
		}
	}
	for i, name := range names {
		report("getitab first "+name, best[i])
	}
}

//go:noinline
func ok[I any](v any) bool { _, ok := v.(I); return ok }

//go:noinline
func assertI1(v any, n int) (c int) {
	for range n {
		if _, ok := v.(I1); ok {
			c++
		}
	}
	return
}

//go:noinline
func assertI5(v any, n int) (c int) {
	for range n {
		if _, ok := v.(I5); ok {
			c++
		}
	}
	return
}

//go:noinline
func assertI20(v any, n int) (c int) {
	for range n {
		if _, ok := v.(I20); ok {
			c++
		}
	}
	return
}

//go:noinline
func assertMissing(v any, n int) (c int) {
	for range n {
		if _, ok := v.(IMissing); ok {
			c++
		}
	}
	return
}

func again() {
	const times = 200
	inters := []unsafe.Pointer{interType[I1](), interType[I5](), interType[I20](), interType[IMissing]()}
	asserts := []func(any, int) int{assertI1, assertI5, assertI20, assertMissing}
	n := times * len(all)
	for i, name := range names {
		t := typeOf(all[7])
		report("getitab again "+name, least(n, func() {
			for range n {
				sink = getitab(inters[i], t, true)
			}
		}))
		for range 100 { // let the site's cache learn
			for _, v := range all[:64] {
				asserts[i](v, 200)
			}
		}
		report("assert "+name, least(n, func() { asserts[i](all[7], n) }))
		report("assert 64 types "+name, least(times*64, func() {
			for range times {
				for _, v := range all[:64] {
					asserts[i](v, 1)
				}
			}
		}))
	}
}

func twoThreads() {
	const times = 400
	inter := interType[I5]()
	run := func(result chan float64) {
		runtime.LockOSThread()
		var sink unsafe.Pointer
		result <- least(times*len(all), func() {
			for range times {
				for _, v := range all {
					sink = getitab(inter, typeOf(v), true)
				}
			}
		})
		_ = sink
	}
	a, b := make(chan float64), make(chan float64)
	go run(a)
	go run(b)
	report("getitab again 512 types, two threads", max(<-a, <-b))
}

//go:noinline
func equal(x, y any) bool { return x == y }

func values() {
	word := "sixteen bytes ok"
	type pair struct {
		n int
		s string
	}
	measure("int", func() any { return 12345 + len(all) - 512 })
	measure("string", func() any { return strings.Clone(word) })
	measure("struct", func() any { return pair{12345 + len(all) - 512, strings.Clone(word)} })
}

func measure(name string, value func() any) {
	const times = 100_000
	x, y := value(), value()
	report("ifaceeq "+name, least(times, func() {
		for range times {
			if !equal(x, y) {
				panic("differ")
			}
		}
	}))
	report("interhash "+name, least(times, func() {
		h := uintptr(1)
		for range times {
			h = nilinterhash(unsafe.Pointer(&x), h)
		}
		sink = unsafe.Add(sink, h&0)
	}))
}

func main() {
	gen9[int]()
	_ = ok[I20](all[0])
	firstTime()
	again()
	twoThreads()
	values()
}
