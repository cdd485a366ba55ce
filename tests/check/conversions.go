package p

import "unsafe"

type S1 struct{ x int }
type S2 struct{ x int }
type S3 struct {
	x int `tag`
}
type I interface{ M() }
type J interface{ N() }
type MyInt int
type Bytes []byte

func f(i int, u uintptr, s string, fl float64, sl []int, b []byte, p *int, e any, s1 S1, c chan int, fn func(), cx complex64, bo bool) {
	_ = string(i)
	_ = string(fl) /* ERROR "cannot convert fl (variable of type float64) to type string" */
	_ = string(sl) /* ERROR "cannot convert sl (variable of type []int) to type string" */
	_ = string(b)
	_ = []byte(s)
	_ = []rune(s)
	_ = []int(s) /* ERROR "cannot convert s (variable of type string) to type []int" */
	_ = []byte(i) /* ERROR "cannot convert i (variable of type int) to type []byte" */
	_ = int(s) /* ERROR "cannot convert s (variable of type string) to type int" */
	_ = int("1") /* ERROR "cannot convert "1" (untyped string constant) to type int" */
	_ = int(fl)
	_ = int(bo) /* ERROR "cannot convert bo (variable of type bool) to type int" */
	_ = bool(i) /* ERROR "cannot convert i (variable of type int) to type bool" */
	_ = float64(cx) /* ERROR "cannot convert cx (variable of type complex64) to type float64" */
	_ = complex128(cx)
	_ = complex64(i) /* ERROR "cannot convert i (variable of type int) to type complex64" */
	_ = S2(s1)
	_ = S3(s1)
	_ = (*S2)(&s1)
	_ = (*MyInt)(p)
	_ = (*float64)(p) /* ERROR "cannot convert p (variable of type *int) to type *float64" */
	_ = unsafe.Pointer(p)
	_ = unsafe.Pointer(u)
	_ = uintptr(unsafe.Pointer(p))
	_ = uintptr(p) /* ERROR "cannot convert p (variable of type *int) to type uintptr" */
	_ = I(s1) /* ERROR "cannot convert s1 (variable of struct type S1) to type I: S1 does not implement I (missing method M)" */
	_ = I(e) /* ERROR "cannot convert e (variable of interface type any) to type I: interface{} does not implement I (missing method M)" */
	_ = e.(I)
	_ = e.(int)
	_ = s.(string) /* ERROR "invalid operation: s (variable of type string) is not an interface" */
	_ = any(s).(string)
	_ = I(nil)
	_ = I(nil).(S1) /* ERROR "impossible type assertion: I(nil).(S1)" */
	_ = J(nil).(I)
	_ = (<-chan int)(c)
	_ = (chan<- string)(c) /* ERROR "cannot convert c (variable of type chan int) to type chan<- string" */
	_ = func()(fn) /* ERROR "func() fn (type) is not an expression" */ /* ERROR "fn (parameter) is not a type" */
	_ = func(int)(fn) /* ERROR "func(int) fn (type) is not an expression" */ /* ERROR "fn (parameter) is not a type" */
	_ = [2]int(sl)
	_ = (*[2]int)(sl)
	_ = [2]string(sl) /* ERROR "cannot convert sl (variable of type []int) to type [2]string" */
	_ = Bytes(s)
	_ = int8(300) /* ERROR "constant 300 overflows int8" */
	_ = uint8(1.5) /* ERROR "cannot convert 1.5 (untyped float constant) to type uint8" */
	_ = []int(nil)
	_ = int(nil) /* ERROR "cannot convert nil to type int" */
	_ = MyInt(i) + i /* ERROR "invalid operation: MyInt(i) + i (mismatched types MyInt and int)" */
}

func g[T int | string, U []byte | string, V any](t T, u U, v V) {
	_ = string(t)
	_ = int(t) /* ERROR "cannot convert t (variable of type T constrained by int | string) to type int: cannot convert string (in T) to type int" */
	_ = []byte(u)
	_ = string(u)
	_ = T(1)
	_ = T(u) /* ERROR "cannot convert u (variable of type U constrained by []byte | string) to type T: cannot convert []byte (in U) to type int (in T)" */
	_ = V(t) /* ERROR "cannot convert t (variable of type T constrained by int | string) to type V" */
	_ = any(v).(int)
	_ = v.(int) /* ERROR "invalid operation: cannot use type assertion on type parameter value v (variable of type V constrained by any)" */
	switch v.(type) { /* ERROR "cannot use type switch on type parameter value v (variable of type V constrained by any)" */
	}
	switch any(v).(type) {
	case T, U:
	}
}
