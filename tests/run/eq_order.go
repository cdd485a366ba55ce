// run

// Structs in interfaces are compared as gc does: what costs little first, lengths of strings before their contents, and
// nothing before an interface whose comparison panics.
package main

import (
	"fmt"
	"syscall"
	"unsafe"
)

type SI struct {
	s string
	i int
}

type SS struct{ s, t string }

type nested struct {
	a [2]SS
	f float64
	b SI
}

type withAny struct {
	s string
	a any
	i int
}

//go:noinline
func same(x, y any) bool { return x == y }

func main() {
	b, err := syscall.Mmap(-1, 0, syscall.Getpagesize(), syscall.PROT_NONE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		panic(err)
	}
	// Strings that must not be looked into.
	bad1, bad2 := unsafe.String(&b[0:3][0], 3), unsafe.String((*byte)(unsafe.Add(unsafe.Pointer(&b[0:1][0]), 1)), 3)
	fmt.Println(same(SI{bad1, 1}, SI{bad2, 2}), any(SI{bad1, 1}) == any(SI{bad2, 2}))
	fmt.Println(same(SS{bad1, "a"}, SS{bad2, "aa"}), same(SS{"a", bad1}, SS{"b", bad2}))
	x, y := nested{f: 1, b: SI{s: bad1, i: 1}}, nested{f: 1, b: SI{s: bad2, i: 2}}
	fmt.Println(same(x, y))
	x.b.i, y.a[1].t = 2, "longer"
	fmt.Println(same(x, y))
	x.b, y.b, y.a[1].t = SI{"abc", 1}, SI{"abc", 1}, ""
	fmt.Println(same(x, y), x == y)

	m := map[any]int{x: 1, SS{"k", "v"}: 2, [20]SS{7: {"p", "q"}}: 3}
	fmt.Println(m[y], m[SS{"k", "v"}], m[SS{"v", "k"}], m[[20]SS{7: {"p", "q"}}], m[[20]SS{8: {"p", "q"}}])

	defer func() { fmt.Println(recover()) }()
	fmt.Println(any(withAny{"a", []int{}, 1}) == any(withAny{"b", []int{}, 2}))
	fmt.Println(any(withAny{"a", []int{}, 1}) == any(withAny{"a", []int{}, 2}))
}
