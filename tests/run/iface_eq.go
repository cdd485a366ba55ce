// run

// Equality of interfaces: same dynamic type and equal values; incomparable types panic.
package main

type T struct {
	a int
	s string
}
type P struct{ p *int }
type F struct{ f float64 }
type I interface{ M() }

func (T) M()  {}
func (*P) M() {}

func eq(x, y any) bool { return x == y }

func try(x, y any) {
	defer func() {
		if e := recover(); e != nil {
			println(e.(error).Error())
		}
	}()
	println(eq(x, y))
}

func main() {
	n := 0
	nan := 0.0
	nan = nan / nan
	println(eq(nil, nil), eq(nil, 0), eq(1, 1), eq(1, int8(1)), eq("ab", "a"+"b"))
	println(eq(T{1, "x"}, T{1, "x"}), eq(T{1, "x"}, T{2, "x"}), eq(T{1, "x"}, T{1, "y"}))
	println(eq(P{&n}, P{&n}), eq(P{&n}, P{nil}), eq(&n, &n), eq(nan, nan), eq(F{0}, F{-0.0}))
	println(eq([2]int{1, 2}, [2]int{1, 2}), eq([2]any{1, "x"}, [2]any{1, "x"}), eq([2]any{1, "x"}, [2]any{1, 'x'}))
	println(eq(complex(1, 2), complex(1, 2)), eq(struct{}{}, struct{}{}), eq([0]int{}, [0]int{}))
	var i, j I = T{1, "x"}, T{1, "x"}
	println(i == j, i == any(j), i == I(&P{}), i != nil, i == T{1, "x"})
	try([]int{1}, []int{1})
	try([]int{1}, map[int]int{})
	try(func() {}, func() {})
	try(struct{ a []int }{}, struct{ a []int }{})
	try([1]any{func() {}}, [1]any{func() {}})
	try([2]any{1, func() {}}, [2]any{2, func() {}})
}
