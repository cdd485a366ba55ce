package p

type Num interface{ ~int | ~float64 }
type L[T any] struct{ v T }

func (l L[T]) Get() T              { return l.v }
func (l L[T]) Map[U any](f func(T) U) L[U] { return L[U]{f(l.v)} }

func Map[A, B any](s []A, f func(A) B) []B { return nil }
func Sum[T Num](s ...T) (r T)              { return }
func Apply[T any, F func(T) T](f F, x T) T { return f(x) }
func id[T any](x T) T                      { return x }
func ptr[T any, PT interface {
	*T
	M()
}](x T) {
}

type M struct{}

func (*M) M() {}

func f() {
	_ = Map([]int{}, func(i int) string { return "" })
	_ = Map([]int{}, id)
	_ = Map([]int{}, id[int])
	_ = Map([]int{}, func(s string) int { return 0 }) /* ERROR "in call to Map, type func(s string) int of func(s string) int {…} does not match inferred type func(int) B for func(A) B" */
	_ = Map([]int{}, nil) /* ERROR "in call to Map, cannot infer B (declared at generics.go:9:13)" */
	_ = Map[int]([]int{}, id)
	_ = Sum(1, 2, 3)
	_ = Sum(1, 2.5)
	_ = Sum("a") /* ERROR "string does not satisfy Num (string missing in ~int | ~float64)" */
	_ = Sum[string]("a") /* ERROR "string does not satisfy Num (string missing in ~int | ~float64)" */
	_ = Sum[int]
	_ = Sum() /* ERROR "in call to Sum, cannot infer T (declared at generics.go:10:10)" */
	_ = L{1} /* ERROR "cannot use generic type L[T any] without instantiation" */
	_ = L[int]{1}
	_ = L[int, string]{} /* ERROR "too many type arguments for type L: have 2, want 1" */
	_ = L[string]{1} /* ERROR "cannot use 1 (untyped int constant) as string value in struct literal" */
	var l L /* ERROR "cannot use generic type L[T any] without instantiation" */
	var l2 L[int]
	_ = l2.Get() + "a" /* ERROR "invalid operation: l2.Get() + "a" (mismatched types int and untyped string)" */
	_ = l2.Map(func(i int) string { return "" }).Get() + "b"
	_ = l2.Map[string]
	_ = l2.Map /* ERROR "cannot use generic function l2.Map without instantiation" */
	_ = L[int].Map[string]
	_ = l2.Map[string](nil).v
	_ = l2.Map(nil) /* ERROR "in call to l2.Map, cannot infer U (declared at generics.go:7:19)" */
	_ = l2.Map(func(s string) string { return s }) /* ERROR "in call to l2.Map, type func(s string) string of func(s string) string {…} does not match func(int) U (cannot infer U)" */
	_ = Apply(func(i int) int { return i }, 1)
	_ = Apply(func(i int) string { return "" }, 1) /* ERROR "in call to Apply, F (type func(i int) string) does not satisfy func(T) T" */
	ptr(M{})
	ptr(1) /* ERROR "*int does not satisfy interface{M(); *int} (missing method M)" */
	ptr[M](M{})
	var _ func([]int, func(int) string) []string = Map
	var _ func(int) = id /* ERROR "inferred type func(x int) int for func(x T) T does not match type func(int) of _" */
	var _ = id /* ERROR "cannot use generic function id without instantiation" */
	_ = l
	_ = id[int]("a") /* ERROR "cannot use "a" (untyped string constant) as int value in argument to id[int]" */
	_ = id[undefined](1) /* ERROR "undefined: undefined" */
	_ = id[1](1) /* ERROR "1 is not a type" */
	_ = f[int]() /* ERROR "cannot index f (value of type func())" */
	_ = id[Num](nil) /* ERROR "cannot use type Num outside a type constraint: interface contains type constraints" */
	var _ Num /* ERROR "cannot use type Num outside a type constraint: interface contains type constraints" */
	var _ L[Num] /* ERROR "cannot use type Num outside a type constraint: interface contains type constraints" */
	var _ interface{ int | string } /* ERROR "cannot use type interface{int | string} outside a type constraint: interface contains type constraints" */
	_ = any(1).(Num) /* ERROR "cannot use type Num outside a type constraint: interface contains type constraints" */
}
