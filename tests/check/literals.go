package p

type T struct {
	a int
	b string
}
type E struct {
	T
	*P
	c int
}
type P struct{ d int }
type R struct{ r *R }

var (
	_ = T{1, "a"}
	_ = T{1} /* ERROR "too few values in struct literal of type T" */
	_ = T{1, "a", 2} /* ERROR "too many values in struct literal of type T" */
	_ = T{"a", 1} /* ERROR "cannot use "a" (untyped string constant) as int value in struct literal" */ /* ERROR "cannot use 1 (untyped int constant) as string value in struct literal" */
	_ = T{a: 1, b: "x"}
	_ = T{a: 1, a: 2} /* ERROR "duplicate field name a in struct literal" */
	_ = T{a: 1, "x"} /* ERROR "mixture of field:value and value elements in struct literal" */
	_ = T{1, b: "x"} /* ERROR "mixture of field:value and value elements in struct literal" */
	_ = T{c: 1} /* ERROR "unknown field c in struct literal of type T" */
	_ = T{A: 1} /* ERROR "unknown field A in struct literal of type T, but does have a" */
	_ = T{a: "x"} /* ERROR "cannot use "x" (untyped string constant) as int value in struct literal" */
	_ = T{1: 2} /* ERROR "invalid field name 1 in struct literal" */
	_ = E{a: 1, c: 2}
	_ = E{T: T{}, a: 1} /* ERROR "cannot specify promoted field a and enclosing embedded field T" */
	_ = E{a: 1, T: T{}} /* ERROR "cannot specify embedded field T and enclosed promoted field a" */
	_ = E{d: 1} /* ERROR "invalid implicit pointer indirection to reach d" */
	_ = E{a: 1, b: "x", a: 2} /* ERROR "duplicate field name a in struct literal" */
	_ = [2]int{1, 2, 3} /* ERROR "index 2 is out of bounds (>= 2)" */
	_ = [...]int{1, 2, 3}
	_ = [...]int{5: 1, 2, 5: 3} /* ERROR "duplicate index 5 in array or slice literal" */
	_ = [2]int{5: 1} /* ERROR "invalid argument: index 5 out of bounds [0:2]" */
	_ = []int{-1: 1} /* ERROR "invalid argument: index -1 (constant of type int) must not be negative" */
	_ = []int{"a": 1} /* ERROR "cannot convert "a" (untyped string constant) to type int" */
	_ = []int{x: 1} /* ERROR "index x must be integer constant" */
	_ = []int{1, "a"} /* ERROR "cannot use "a" (untyped string constant) as int value in array or slice literal" */
	_ = []int{0: 1, 0: 2} /* ERROR "duplicate index 0 in array or slice literal" */
	_ = map[string]int{"a": 1, "b": 2, "a": 3} /* ERROR "duplicate key "a" in map literal" */
	_ = map[string]int{1: 1} /* ERROR "cannot use 1 (untyped int constant) as string value in map literal" */
	_ = map[string]int{"a"} /* ERROR "missing key in map literal" */
	_ = map[any]int{1: 1, "a": 2, 1.0: 3, 1: 4} /* ERROR "duplicate key 1 in map literal" */
	_ = map[T]int{{1, "a"}: 1, {2, "b"}: 2}
	_ = []T{{1, "a"}, {2}} /* ERROR "too few values in struct literal of type T" */
	_ = []*T{{1, "a"}, &T{}, nil}
	_ = [][]int{{1}, {2, "a"}} /* ERROR "cannot use "a" (untyped string constant) as int value in array or slice literal" */
	_ = int{} /* ERROR "invalid composite literal type int" */
	_ = int{1} /* ERROR "invalid composite literal type int" */
	_ = &T{}
	_ = func() int { return "a" } /* ERROR "cannot use "a" (untyped string constant) as int value in return statement" */
	_ = struct{ x, y int }{1, 2}
	_ = []struct{ x int }{{1}, {"a"}} /* ERROR "cannot use "a" (untyped string constant) as int value in struct literal" */
	_ = [](func()){func() {}, nil, 1} /* ERROR "cannot use 1 (untyped int constant) as func() value in array or slice literal" */
	_ = map[[]int]int{} /* ERROR "invalid map key type []int" */
	_ = [-1]int{} /* ERROR "invalid array length -1 (untyped int constant)" */
	_ = [x]int{} /* ERROR "invalid array length x" */
	_ = R{&R{}}
	_ = undefined{1, 2} /* ERROR "undefined: undefined" */
	_ = []undefined{1} /* ERROR "undefined: undefined" */
)

var x = 1

func g[S ~[]int, M map[string]int, Q struct{ f int }, N any]() {
	_ = S{1, 2}
	_ = M{"a": 1}
	_ = Q{f: 1}
	_ = Q{1}
	_ = N{} /* ERROR "invalid composite literal type N (no common underlying type)" */
	_ = [2]S{{1}}
}
