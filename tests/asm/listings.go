// What the operations on interfaces, closures and method values are compiled to. Each function does one of them; its
// machine code stands beside this file, and its instructions are counted.
package main

type Int int

type I interface{ M() int }

type J interface {
	M() int
	N() int
}

type T struct{ a, b int }

func (t *T) M() int { return t.a }
func (t *T) N() int { return t.b }

type V struct{ a, b, c int }

func (v V) M() int { return v.a }

type A struct{ x int }
type B struct{ x int }
type C struct{ x int }
type D struct{ x int }
type E struct{ x int }
type F struct{ x int }
type G struct{ x int }
type H struct{ x int }

//go:noinline
func upcast_to_any(p *T) any { return p }

//go:noinline
func upcast_to_iface(p *T) I { return p }

//go:noinline
func iface_to_any(i I) any { return i }

//go:noinline
func method_call(i I) int { return i.M() }

//go:noinline
func assert_pointer(v any) *T { return v.(*T) }

//go:noinline
func assert_pointer_ok(v any) (*T, bool) { p, ok := v.(*T); return p, ok }

//go:noinline
func assert_int(v any) int { return v.(int) }

//go:noinline
func assert_from_iface(i I) *T { return i.(*T) }

//go:noinline
func assert_to_iface(v any) I { return v.(I) }

//go:noinline
func assert_to_iface_ok(v any) (I, bool) { i, ok := v.(I); return i, ok }

//go:noinline
func switch_4(v any) int {
	switch v.(type) {
	case *A:
		return 11
	case *B:
		return 12
	case *C:
		return 13
	case *D:
		return 14
	}
	return 0
}

//go:noinline
func switch_8(v any) int {
	switch v.(type) {
	case *A:
		return 11
	case *B:
		return 12
	case *C:
		return 13
	case *D:
		return 14
	case *E:
		return 15
	case *F:
		return 16
	case *G:
		return 17
	case *H:
		return 18
	}
	return 0
}

//go:noinline
func switch_iface(v any) int {
	switch v := v.(type) {
	case J:
		return v.N()
	case I:
		return v.M()
	}
	return 0
}

//go:noinline
func box_int(n int) any { return n }

//go:noinline
func box_struct(v V) any { return v }

//go:noinline
func equal_any(a, b any) bool { return a == b }

//go:noinline
func equal_concrete(a any, n int) bool { return a == n }

//go:noinline
func closure_call(n int) int {
	return apply(func(m int) int { return m + n }, n)
}

//go:noinline
func apply(f func(int) int, n int) int { return f(n) }

//go:noinline
func method_value_made(p *T) func() int { return p.M }

//go:noinline
func method_value_of_iface_made(i I) func() int { return i.M }

//go:noinline
func func_value_call(f func() int) int { return f() }

func main() {
	t := &T{1, 2}
	f := method_value_made(t)
	g := method_value_of_iface_made(t)
	println(func_value_call(f), func_value_call(g), closure_call(3))
	for _, f := range all {
		println(f != nil)
	}
}

// Functions that nothing uses are not linked.
var all = []any{
	upcast_to_any,
	upcast_to_iface,
	iface_to_any,
	method_call,
	assert_pointer,
	assert_pointer_ok,
	assert_int,
	assert_from_iface,
	assert_to_iface,
	assert_to_iface_ok,
	switch_4,
	switch_8,
	switch_iface,
	box_int,
	box_struct,
	equal_any,
	equal_concrete,
	closure_call,
	apply,
	method_value_made,
	method_value_of_iface_made,
	func_value_call,
}
