// run

// Equality of interfaces that hold all kinds of plain memory, and what only looks like it.
package main

import (
	"fmt"
	"math"
)

type E interface{ Error() string }
type pe struct{ s string }

func (p *pe) Error() string { return p.s }

type ve struct{ a, b int }

func (v ve) Error() string { return "ve" }

type fe func()

func (f fe) Error() string { return "fe" }

type me map[int]int

func (f me) Error() string { return "me" }
func try(f func() bool) {
	defer func() {
		if r := recover(); r != nil {
			fmt.Println(r)
		}
	}()
	fmt.Println(f())
}

//go:noinline
func eq(a, b any) bool { return a == b }

//go:noinline
func eqi(a, b E) bool { return a == b }
func main() {
	p, q := &pe{"x"}, &pe{"x"}
	m := map[int]int{}
	f := func() {}
	nan := math.NaN()
	vals := []any{nil, 1, 2, uint(1), "a", "b", p, q, nan, 0.0, math.Copysign(0, -1), ve{1, 2}, ve{1, 3}, [2]int{1, 2}, [1]float64{nan}, struct {
		a int32
		b float32
	}{1, 2}, struct {
		a byte
		b int
	}{1, 2}, struct {
		_ int32
		b int32
	}{1, 2}, make(chan int), int8(3), [3]int{1, 2, 3}, complex(1, nan), complex(0, 1), struct{ p *int }{}}
	for i, a := range vals {
		for j, b := range vals {
			if eq(a, b) {
				fmt.Print(i, "=", j, " ")
			}
		}
	}
	fmt.Println()
	try(func() bool { return eq(m, m) })
	try(func() bool { return eq(f, f) })
	try(func() bool { return eq([]int{}, []int{}) })
	try(func() bool { return eq(struct{ f func() }{f}, struct{ f func() }{f}) })
	try(func() bool {
		return eq(struct {
			a int
			b any
		}{1, m}, struct {
			a int
			b any
		}{1, m})
	})
	try(func() bool { return eqi(p, q) })
	try(func() bool { return eqi(p, p) })
	try(func() bool { return eqi(ve{1, 2}, ve{1, 2}) })
	try(func() bool { return eqi(ve{1, 2}, p) })
	try(func() bool { return eqi(nil, nil) })
	try(func() bool { return eqi(fe(f), fe(f)) })
	try(func() bool { return eqi(me(m), me(m)) })
}
