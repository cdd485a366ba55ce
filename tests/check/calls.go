package p

func f0()                        {}
func f1(a int) int               { return a }
func f2(a int, b string) (int, string) { return a, b }
func fv(a int, b ...string)      {}
func g1[T any](x T) T            { return x }
func g2[K comparable, V any](m map[K]V, k K) V { return m[k] }
func g3[T int | string](x, y T) T { return x }
func g4[T any]() T               { var z T; return z }

type T struct{}

func (T) V()        {}
func (*T) P()       {}
func (T) g(int) int { return 0 }

type E struct{ T }
type I interface{ M(int) }

func calls(t T, p *T, i I, pi *I, fn func(int)) {
	f0(1) /* ERROR "too many arguments in call to f0" */
	f1() /* ERROR "not enough arguments in call to f1" */
	f1(1, 2) /* ERROR "too many arguments in call to f1" */
	f1("a") /* ERROR "cannot use "a" (untyped string constant) as int value in argument to f1" */
	f1(1.5) /* ERROR "cannot use 1.5 (untyped float constant) as int value in argument to f1 (truncated)" */
	f1(f2(1, "a")) /* ERROR "too many arguments in call to f1" */
	f2(f2(1, "a"))
	f2(f1(1)) /* ERROR "not enough arguments in call to f2" */
	fv() /* ERROR "not enough arguments in call to fv" */
	fv(1, "a", "b", 3) /* ERROR "cannot use 3 (untyped int constant) as string value in argument to fv" */
	fv(1, []string{}...)
	fv(1, "a", []string{}...) /* ERROR "too many arguments in call to fv" */
	fv(1, []int{}...) /* ERROR "cannot use []int{} (value of type []int) as []string value in argument to fv" */
	f1([]int{1}...) /* ERROR "cannot use ... in call to non-variadic f1" */
	_ = f0() /* ERROR "f0() (no value) used as value" */
	_ = f2(1, "") /* ERROR "assignment mismatch: 1 variable but f2 returns 2 values" */
	x := f2(1, "") /* ERROR "declared and not used: x" */ /* ERROR "assignment mismatch: 1 variable but f2 returns 2 values" */
	var y int = f2(1, "") /* ERROR "multiple-value f2(1, "") (value of type (int, string)) in single-value context" */
	a, b := f1(1) /* ERROR "assignment mismatch: 2 variables but f1 returns 1 value" */
	a, b, c := f2(1, "") /* ERROR "assignment mismatch: 3 variables but f2 returns 2 values" */
	f1 /* ERROR "f1 (value of type func(a int) int) is not used" */
	f1(1) + 1 /* ERROR "f1(1) + 1 (value of type int) is not used" */
	g1() /* ERROR "not enough arguments in call to g1" */
	g1[int]("a") /* ERROR "cannot use "a" (untyped string constant) as int value in argument to g1[int]" */
	g1[int, string](1) /* ERROR "got 2 type arguments but want 1" */
	g2(map[string]int{}, 1) /* ERROR "cannot use 1 (untyped int constant) as string value in argument to g2" */
	g3(1, "a") /* ERROR "in call to g3, mismatched types untyped int and untyped string (cannot infer T)" */
	g3(1.5, 2) /* ERROR "float64 does not satisfy int | string (float64 missing in int | string)" */
	g3[float64](1, 2) /* ERROR "float64 does not satisfy int | string (float64 missing in int | string)" */
	g4() /* ERROR "in call to g4, cannot infer T (declared at calls.go:10:9)" */
	_ = g4 /* ERROR "cannot use generic function g4 without instantiation" */
	_ = g1 /* ERROR "cannot use generic function g1 without instantiation" */
	var h func(int) int = g1
	var k func(int) string = g1 /* ERROR "inferred type func(x int) int for func(x T) T does not match type func(int) string of k" */
	t.V(1) /* ERROR "too many arguments in call to t.V" */
	t.P()
	T{}.P() /* ERROR "cannot call pointer method P on T" */
	T.V(t)
	T.P(p) /* ERROR "invalid method expression T.P (needs pointer receiver (*T).P)" */
	(*T).P(p)
	T.V() /* ERROR "not enough arguments in call to T.V" */
	i.M("a") /* ERROR "cannot use "a" (untyped string constant) as int value in argument to i.M" */
	i.N() /* ERROR "i.N undefined (type I has no field or method N)" */
	pi.M(1) /* ERROR "pi.M undefined (type *I is pointer to interface, not interface)" */
	fn() /* ERROR "not enough arguments in call to fn" */
	t() /* ERROR "invalid operation: cannot call t (variable of struct type T): T is not a function" */
	1() /* ERROR "invalid operation: cannot call 1 (untyped int constant): untyped int is not a function" */
	"a"() /* ERROR "invalid operation: cannot call "a" (untyped string constant): untyped string is not a function" */
	nil() /* ERROR "invalid operation: cannot call nil: untyped nil is not a function" */
	go f1 /* ERROR "expression in go must be function call" */
	go f1(1)
	go int(1) /* ERROR "go requires function call, not conversion int(1) (constant 1 of type int)" */
	defer len("a") /* ERROR "defer discards result of len("a") (constant 1 of type int)" */
	defer recover()
	go func() {} /* ERROR "expression in go must be function call" */
	_, _, _, _, _, _ = a, b, c, h, k, y
	E{}.P() /* ERROR "cannot call pointer method P on E" */
	new(E).P()
	var m map[string]T
	m["a"].P() /* ERROR "cannot call pointer method P on T" */
	m["a"].V()
	f1(undefined) /* ERROR "undefined: undefined" */
	undefined(1) /* ERROR "undefined: undefined" */
	t.undefined(1) /* ERROR "t.undefined undefined (type T has no field or method undefined)" */
	int(1, 2) /* ERROR "too many arguments in conversion to int" */
	int() /* ERROR "missing argument in conversion to int" */
	_ = []int(f1...) /* ERROR "invalid use of ... in conversion to []int" */
}
