// Dispatch through interfaces, assertions, type switches, boxing and equality.
package main

type Shape interface{ Area() int }
type Named interface{ Name() int }
type Both interface {
	Shape
	Named
}

type A struct{ x, y int }
type B struct{ x, y int }
type C struct{ x, y int }
type D struct{ x, y int }
type E struct{ x, y int }
type F struct{ x, y int }
type G struct{ x, y int }
type H struct{ x, y int }

func (a *A) Area() int { return a.x }
func (a *B) Area() int { return a.x + a.y }
func (a *C) Area() int { return a.x - a.y }
func (a *D) Area() int { return a.y }
func (a *E) Area() int { return a.x }
func (a *F) Area() int { return a.x + 1 }
func (a *G) Area() int { return a.x + 2 }
func (a *H) Area() int { return a.x + 3 }
func (a *A) Name() int { return 1 }
func (a *B) Name() int { return 2 }
func (a *C) Name() int { return 3 }
func (a *D) Name() int { return 4 }
func (a *E) Name() int { return 5 }
func (a *F) Name() int { return 6 }
func (a *G) Name() int { return 7 }
func (a *H) Name() int { return 8 }

const N = 1024

func fill(types int, random bool) []any {
	s := make([]any, N)
	x := uint32(12345)
	for i := range s {
		x = x*1664525 + 1013904223
		k := i % types
		if random {
			k = int(x>>20) % types
		}
		switch k {
		case 0:
			s[i] = &A{i, 2}
		case 1:
			s[i] = &B{i, 2}
		case 2:
			s[i] = &C{i, 2}
		case 3:
			s[i] = &D{i, 2}
		case 4:
			s[i] = &E{i, 2}
		case 5:
			s[i] = &F{i, 2}
		case 6:
			s[i] = &G{i, 2}
		case 7:
			s[i] = &H{i, 2}
		}
	}
	return s
}

func shapes(s []any) []Shape {
	r := make([]Shape, len(s))
	for i, x := range s {
		r[i] = x.(Shape)
	}
	return r
}

//go:noinline
func dispatch(s []Shape) int {
	n := 0
	for _, x := range s {
		n += x.Area()
	}
	return n
}

//go:noinline
func assertIface(s []any) int {
	n := 0
	for _, x := range s {
		if b, ok := x.(Both); ok && b != nil {
			n++
		}
	}
	return n
}

//go:noinline
func assertFromIface(s []Shape) int {
	n := 0
	for _, x := range s {
		n += x.(Named).Name()
	}
	return n
}

type missing interface{ Missing() }

//go:noinline
func assertMiss(s []any) int {
	n := 0
	for _, x := range s {
		if _, ok := x.(missing); ok {
			n++
		}
	}
	return n
}

//go:noinline
func assertConcrete(s []any) int {
	n := 0
	for _, x := range s {
		if a, ok := x.(*A); ok {
			n += a.x
		}
	}
	return n
}

//go:noinline
func switchConcrete(s []any) int {
	n := 0
	for _, x := range s {
		switch v := x.(type) {
		case *A:
			n += v.x
		case *B:
			n += v.y
		case *C:
			n += v.x + 1
		case *D:
			n += v.y + 1
		case *E:
			n += v.x + 2
		case *F:
			n += v.y + 2
		case *G:
			n += v.x + 3
		case *H:
			n += v.y + 3
		}
	}
	return n
}

//go:noinline
func switchIface(s []any) int {
	n := 0
	for _, x := range s {
		switch v := x.(type) {
		case missing:
			n += 100
		case error:
			n += 50
		case Both:
			n += v.Name()
		}
	}
	return n
}

var box any
var boxes [8]any

//go:noinline
func boxInts(n int) {
	for i := 0; i < n; i++ {
		box = i + 100000
	}
}

//go:noinline
func boxStructs(n int) {
	for i := 0; i < n; i++ {
		box = A{i, i}
	}
}

//go:noinline
func boxStrings(n int, s string) {
	for i := 0; i < n; i++ {
		box = s
	}
}

//go:noinline
func boxSmall(n int) {
	for i := 0; i < n; i++ {
		box = i & 127
	}
}

//go:noinline
func equal(s, t []any) int {
	n := 0
	for i := range s {
		if s[i] == t[i] {
			n++
		}
	}
	return n
}

type L1 struct{ *A }
type L2 struct{ L1 }
type L3 struct{ *L2 }

func main() {
	const reps = 300
	for _, k := range []int{1, 4, 8} {
		for _, random := range []bool{false, true} {
			if k == 1 && random {
				continue
			}
			name := "_seq"
			if random {
				name = "_random"
			}
			digit := string(rune('0' + k))
			anys := fill(k, random)
			s := shapes(anys)
			run := func(what string, f func()) {
				best("iface/"+what+digit+name, N*reps, func() {
					for i := 0; i < reps; i++ {
						f()
					}
				})
			}
			run("dispatch", func() { sink += dispatch(s) })
			run("assert_hit", func() { sink += assertIface(anys) })
			run("assert_from_iface", func() { sink += assertFromIface(s) })
			run("assert_miss", func() { sink += assertMiss(anys) })
			run("assert_concrete", func() { sink += assertConcrete(anys) })
			run("switch_concrete", func() { sink += switchConcrete(anys) })
			run("switch_iface", func() { sink += switchIface(anys) })
		}
	}
	const n = 300000
	best("iface/box_int", n, func() { boxInts(n) })
	best("iface/box_struct", n, func() { boxStructs(n) })
	best("iface/box_string", n, func() { boxStrings(n, "text") })
	best("iface/box_small", n, func() { boxSmall(n) })
	ints, more := make([]any, N), make([]any, N)
	strs, texts := make([]any, N), make([]any, N)
	structs, others := make([]any, N), make([]any, N)
	for i := range ints {
		ints[i], more[i] = i, i
		strs[i], texts[i] = string(rune(i+300)), string(rune(i+300))
		structs[i], others[i] = A{i, 1}, A{i, 1}
	}
	eq := func(what string, s, t []any) {
		best("iface/equal_"+what, N*reps, func() {
			for i := 0; i < reps; i++ {
				sink += equal(s, t)
			}
		})
	}
	eq("ints", ints, more)
	eq("strings", strs, texts)
	eq("structs", structs, others)
	l := L3{&L2{L1{&A{1, 2}}}}
	var sh Shape = l
	best("iface/promoted", 1000000, func() {
		for i := 0; i < 1000000; i++ {
			sink += sh.Area()
		}
	})
}
