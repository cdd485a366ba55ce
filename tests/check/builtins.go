package p

import "unsafe"

func f(i int, s string, sl []int, m map[string]int, c chan int, r <-chan int, a [3]int, pa *[3]int, fl float64, cx complex128, e any, fn func()) {
	_ = len(i) /* ERROR "invalid argument: i (variable of type int) for built-in len" */
	_ = cap(s) /* ERROR "invalid argument: s (variable of type string) for built-in cap" */
	_ = cap(m) /* ERROR "invalid argument: m (variable of type map[string]int) for built-in cap" */
	_ = len(a) + len(pa) + cap(pa) + len(c)
	_ = len() /* ERROR "invalid operation: not enough arguments for len() (expected 1, found 0)" */
	_ = len(s, s) /* ERROR "invalid operation: too many arguments for len(s, s) (expected 1, found 2)" */
	_ = append(i, 1) /* ERROR "invalid append: argument must be a slice; have i (variable of type int)" */
	_ = append(sl, "a") /* ERROR "cannot use "a" (untyped string constant) as int value in argument to append" */
	_ = append(sl, sl) /* ERROR "cannot use sl (variable of type []int) as int value in argument to append" */
	_ = append(sl, sl...)
	_ = append([]byte{}, s...)
	_ = append(sl, s...) /* ERROR "cannot use s (variable of type string) as []int value in argument to append" */
	_ = append(nil, 1) /* ERROR "invalid append: argument must be a slice; have untyped nil" */
	append(sl, 1) /* ERROR "append(sl, 1) (value of type []int) is not used" */
	copy(sl, s) /* ERROR "invalid copy: arguments sl (variable of type []int) and s (variable of type string) have different element types int and byte" */
	copy([]byte{}, s)
	copy(sl, 1) /* ERROR "invalid copy: argument must be a slice; have 1 (untyped int constant)" */
	copy(i, sl) /* ERROR "invalid copy: argument must be a slice; have i (variable of type int)" */
	delete(m, 1) /* ERROR "cannot use 1 (untyped int constant) as string value in argument to delete" */
	delete(m, "a")
	delete(sl, 1) /* ERROR "invalid argument: sl (variable of type []int) is not a map" */
	close(i) /* ERROR "invalid operation: cannot close non-channel i (variable of type int)" */
	close(r) /* ERROR "invalid operation: cannot close receive-only channel r (variable of type <-chan int)" */
	close(c)
	clear(m)
	clear(i) /* ERROR "invalid argument: cannot clear i (variable of type int): argument must be (or constrained by) map or slice" */
	_ = make(int) /* ERROR "invalid argument: cannot make int: type must be slice, map, or channel" */
	_ = make([]int) /* ERROR "invalid operation: make([]int) expects 2 or 3 arguments; found 1" */
	_ = make([]int, -1) /* ERROR "invalid argument: index -1 (constant of type int) must not be negative" */
	_ = make([]int, 2, 1) /* ERROR "invalid argument: length and capacity swapped" */
	_ = make([]int, 1, 2, 3) /* ERROR "invalid operation: make([]int, 1, 2, 3) expects 2 or 3 arguments; found 4" */
	_ = make([]int, "a") /* ERROR "cannot convert "a" (untyped string constant) to type int" */
	_ = make([]int, 1.0)
	_ = make([]int, 1.5) /* ERROR "1.5 (untyped float constant) truncated to int" */
	_ = make(map[string]int, 1, 2) /* ERROR "invalid operation: make(map[string]int, 1, 2) expects 1 or 2 arguments; found 3" */
	_ = make(chan int, 1)
	_ = make() /* ERROR "invalid operation: not enough arguments for make() (expected 1, found 0)" */
	_ = new() /* ERROR "invalid operation: not enough arguments for new() (expected 1, found 0)" */
	_ = new(int, int) /* ERROR "invalid operation: too many arguments for new(int, int) (expected 1, found 2)" */
	_ = new(1)
	_ = new(nil) /* ERROR "use of untyped nil in argument to new" */
	_ = new(i)
	_ = complex(1, 2)
	_ = complex(i, 1) /* ERROR "invalid argument: arguments have type int, expected floating-point" */
	_ = complex(fl, float32(1)) /* ERROR "invalid operation: complex(fl, float32(1)) (mismatched types float64 and float32)" */
	_ = real(fl) /* ERROR "invalid argument: argument has type float64, expected complex type" */
	_ = real(cx) + imag(cx)
	_ = imag("a") /* ERROR "invalid argument: argument has type untyped string, expected complex type" */
	_ = min() /* ERROR "invalid operation: not enough arguments for min() (expected 1, found 0)" */
	_ = min(1, 2.5)
	_ = min(1, "a") /* ERROR "invalid argument: mismatched types untyped int (previous argument) and untyped string (type of "a")" */
	_ = max(i, fl) /* ERROR "invalid argument: mismatched types int (previous argument) and float64 (type of fl)" */
	_ = max(cx) /* ERROR "invalid argument: cx (variable of type complex128) cannot be ordered" */
	_ = min(fn, fn) /* ERROR "invalid argument: fn (variable of type func()) cannot be ordered" */
	_ = max("a", s)
	panic() /* ERROR "invalid operation: not enough arguments for panic() (expected 1, found 0)" */
	panic(1, 2) /* ERROR "invalid operation: too many arguments for panic(1, 2) (expected 1, found 2)" */
	print(1, "a", nil) /* ERROR "use of untyped nil in argument to built-in print" */
	println(fn)
	recover(1) /* ERROR "invalid operation: too many arguments for recover(1) (expected 0, found 1)" */
	_ = recover()
	len(s) /* ERROR "len(s) (value of type int) is not used" */
	real(cx) /* ERROR "real(cx) (value of type float64) is not used" */
	_ = len /* ERROR "len (built-in) must be called" */
	len = 1 /* ERROR "len (built-in) must be called" */
	_ = unsafe.Sizeof(i) + unsafe.Sizeof() /* ERROR "invalid operation: not enough arguments for unsafe.Sizeof() (expected 1, found 0)" */
	_ = unsafe.Offsetof(i) /* ERROR "invalid argument: i is not a selector expression" */
	_ = unsafe.Offsetof(struct{ x int }{}.x)
	_ = unsafe.Pointer(i) /* ERROR "cannot convert i (variable of type int) to type unsafe.Pointer" */
	_ = unsafe.Add(i, 1) /* ERROR "cannot use i (variable of type int) as unsafe.Pointer value in argument to unsafe.Add" */
	_ = unsafe.Slice(i, 1) /* ERROR "invalid argument: i (variable of type int) is not a pointer" */
	_ = unsafe.Slice(&i, -1) /* ERROR "invalid argument: length -1 (constant of type int) must not be negative" */
	_ = unsafe.String(&i, 1) /* ERROR "cannot use &i (value of type *int) as *byte value in argument to unsafe.String" */
	_ = unsafe.StringData(1) /* ERROR "cannot use 1 (untyped int constant) as string value in argument to unsafe.StringData" */
	_ = unsafe.SliceData(s) /* ERROR "invalid argument: s (variable of type string) is not a slice" */
	_ = unsafe.Foo /* ERROR "undefined: unsafe.Foo" */
	_ = len(sl...) /* ERROR "invalid operation: invalid use of ... with built-in len" */
	_ = cap(func() [3]int { return a }())
	const k = len([10]int{})
	const k2 = len(func() [10]int { return [10]int{} }()) /* ERROR "len(func() [10]int {…}()) (value of type int) is not constant" */
}
