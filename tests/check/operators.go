package p

type S struct{ f func() }
type T struct{ x int }
type I interface{ M() }
type P *int

func f(i int, u uint, s string, b bool, fl float64, p *int, e any, sl []int, m map[string]int, fn func(), c chan int, st S, t T, in I, ar [2][]int) {
	_ = i + u /* ERROR "invalid operation: i + u (mismatched types int and uint)" */
	_ = i + fl /* ERROR "invalid operation: i + fl (mismatched types int and float64)" */
	_ = s - s /* ERROR "invalid operation: operator - not defined on s (variable of type string)" */
	_ = b + b /* ERROR "invalid operation: operator + not defined on b (variable of type bool)" */
	_ = !i /* ERROR "invalid operation: operator ! not defined on i (variable of type int)" */
	_ = -s /* ERROR "invalid operation: operator - not defined on s (variable of type string)" */
	_ = ^fl /* ERROR "invalid operation: operator ^ not defined on fl (variable of type float64)" */
	_ = +b /* ERROR "invalid operation: operator + not defined on b (variable of type bool)" */
	_ = i && b /* ERROR "invalid operation: i && b (mismatched types int and bool)" */
	_ = i % fl /* ERROR "invalid operation: i % fl (mismatched types int and float64)" */
	_ = fl % fl /* ERROR "invalid operation: operator % not defined on fl (variable of type float64)" */
	_ = i << fl /* ERROR "invalid operation: shift count fl (variable of type float64) must be integer" */
	_ = fl << i /* ERROR "invalid operation: shifted operand fl (variable of type float64) must be integer" */
	_ = i << -1 /* ERROR "invalid operation: negative shift count -1 (untyped int constant)" */
	_ = i << s /* ERROR "invalid operation: shift count s (variable of type string) must be integer" */
	_ = 1.5 << i /* ERROR "invalid operation: shifted operand 1.5 (untyped float constant) must be integer" */
	_ = i == s /* ERROR "invalid operation: i == s (mismatched types int and string)" */
	_ = sl == sl /* ERROR "invalid operation: sl == sl (slice can only be compared to nil)" */
	_ = sl == nil
	_ = m == m /* ERROR "invalid operation: m == m (map can only be compared to nil)" */
	_ = fn == fn /* ERROR "invalid operation: fn == fn (func can only be compared to nil)" */
	_ = st == st /* ERROR "invalid operation: st == st (struct containing func() cannot be compared)" */
	_ = ar == ar /* ERROR "invalid operation: ar == ar ([2][]int cannot be compared)" */
	_ = t == t
	_ = t < t /* ERROR "invalid operation: t < t (operator < not defined on struct)" */
	_ = b < b /* ERROR "invalid operation: b < b (operator < not defined on bool)" */
	_ = p < p /* ERROR "invalid operation: p < p (operator < not defined on pointer)" */
	_ = e == i
	_ = e == sl /* ERROR "invalid operation: e == sl (slice can only be compared to nil)" */
	_ = in == t /* ERROR "invalid operation: in == t (mismatched types I and T)" */
	_ = nil == nil /* ERROR "invalid operation: nil == nil (operator == not defined on untyped nil)" */
	_ = i == nil /* ERROR "invalid operation: i == nil (mismatched types int and untyped nil)" */
	_ = p == 0 /* ERROR "invalid operation: p == 0 (mismatched types *int and untyped int)" */
	_ = c == nil
	_ = e < e /* ERROR "invalid operation: e < e (operator < not defined on interface)" */
	_ = *i /* ERROR "invalid operation: cannot indirect i (variable of type int)" */
	_ = *e /* ERROR "invalid operation: cannot indirect e (variable of interface type any)" */
	_ = &i
	_ = &f /* ERROR "invalid operation: cannot take address of f (value of type func(i int, u uint, s string, b bool, fl float64, p *int, e any, sl []int, m map[string]int, fn func(), c chan int, st S, t T, in I, ar [2][]int))" */
	_ = &m["x"] /* ERROR "invalid operation: cannot take address of m["x"] (map index expression of type int)" */
	_ = &1 /* ERROR "invalid operation: cannot take address of 1 (untyped int constant)" */
	_ = <-i /* ERROR "invalid operation: cannot receive from non-channel int i (variable of type int)" */
	_ = <-(chan<- int)(c) /* ERROR "invalid operation: cannot receive from send-only channel chan<- int (chan<- int)(c) (value of type chan<- int)" */
	_ = i / 0 /* ERROR "invalid operation: division by zero" */
	_ = fl / 0
	_ = i / 0.0 /* ERROR "invalid operation: division by zero" */
	_ = "a" < 1 /* ERROR "invalid operation: "a" < 1 (mismatched types untyped string and untyped int)" */
	_ = (*int)(p) == P(p)
	_ = s + 'a' /* ERROR "invalid operation: s + 'a' (mismatched types string and untyped rune)" */
	_ = i + 1.5 /* ERROR "1.5 (untyped float constant) truncated to int" */
	_ = u - -1 /* ERROR "-1 (untyped int constant) overflows uint" */
	_ = "x" * 2 /* ERROR "invalid operation: "x" * 2 (mismatched types untyped string and untyped int)" */
	i += s /* ERROR "invalid operation: i += s (mismatched types int and string)" */
	i <<= fl /* ERROR "invalid operation: shift count fl (variable of type float64) must be integer" */
	s += 1 /* ERROR "invalid operation: s += 1 (mismatched types string and untyped int)" */
	i++
	s++ /* ERROR "invalid operation: s++ (non-numeric type string)" */
	fn-- /* ERROR "invalid operation: fn-- (non-numeric type func())" */
	var _ = i + 1 << fl /* ERROR "invalid operation: shift count fl (variable of type float64) must be integer" */
	var _ float64 = 1 << u /* ERROR "invalid operation: shifted operand 1 (type float64) must be integer" */
	var _ = 1.0<<u == 1.5 /* ERROR "invalid operation: shifted operand 1.0 (type float64) must be integer" */
	_ = ~i /* ERROR "cannot use ~ outside of interface or type constraint (use ^ for bitwise complement)" */
	_ = i.x /* ERROR "i.x undefined (type int has no field or method x)" */
	_ = t.y /* ERROR "t.y undefined (type T has no field or method y)" */
	_ = t.X /* ERROR "t.X undefined (type T has no field or method X, but does have field x)" */
	_ = p.x /* ERROR "p.x undefined (type *int has no field or method x)" */
	_ = in.N /* ERROR "in.N undefined (type I has no field or method N)" */
	_ = T.x /* ERROR "operand for field selector x must be value of type T" */
	_ = T.M /* ERROR "T.M undefined (type T has no field or method M)" */
}

func g[A any, B comparable, C int | string, D ~[]int, E int | float64](a A, b B, c C, d D, e E) {
	_ = a == a /* ERROR "invalid operation: a == a (incomparable types in type set)" */
	_ = b == b
	_ = b < b /* ERROR "invalid operation: b < b (type parameter B cannot use operator <)" */
	_ = c < c
	_ = c + c
	_ = c - c /* ERROR "invalid operation: operator - not defined on c (variable of type C constrained by int | string)" */
	_ = d == nil
	_ = d[0]
	_ = d + d /* ERROR "invalid operation: operator + not defined on d (variable of type D constrained by ~[]int)" */
	_ = e % e /* ERROR "invalid operation: operator % not defined on e (variable of type E constrained by int | float64)" */
	_ = e << 1 /* ERROR "invalid operation: shifted operand e (variable of type E constrained by int | float64) must be integer" */
	_ = -e
	_ = -c /* ERROR "invalid operation: operator - not defined on c (variable of type C constrained by int | string)" */
	_ = e + 1.5 /* ERROR "cannot convert 1.5 (untyped float constant) to type E" */
	_ = e + 1
	_ = a + 1 /* ERROR "invalid operation: a + 1 (mismatched types A and untyped int)" */
	_ = *a /* ERROR "invalid operation: cannot indirect a (variable of type A constrained by any)" */
	_ = a.x /* ERROR "a.x undefined (type A has no field or method x)" */
	_ = a.(int) /* ERROR "invalid operation: cannot use type assertion on type parameter value a (variable of type A constrained by any)" */
	_ = len(c) /* ERROR "invalid argument: c (variable of type C constrained by int | string) for built-in len" */
	_ = len(a) /* ERROR "invalid argument: a (variable of type A constrained by any) for built-in len" */
	for range a { /* ERROR "cannot range over a (variable of type A constrained by any): no specific type" */
	}
}
