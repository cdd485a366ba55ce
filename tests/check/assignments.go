package p

type T struct{ x int }
type I interface{ M() }

func (*T) M() {}

func two() (int, string) { return 1, "" }

func f(m map[string]T, s string, e any, ch chan int) (r int, err error) {
	var a int = "a" /* ERROR "cannot use "a" (untyped string constant) as int value in variable declaration" */
	var b, c int = 1 /* ERROR "assignment mismatch: 2 variables but 1 value" */
	var d, e2 = two()
	var i I = T{} /* ERROR "cannot use T{} (value of struct type T) as I value in variable declaration: T does not implement I (method M has pointer receiver)" */
	var j I = &T{}
	var k = nil /* ERROR "use of untyped nil in variable declaration" */
	var l *int = nil
	var n int = nil /* ERROR "cannot use nil as int value in variable declaration" */
	a = 1.5 /* ERROR "cannot use 1.5 (untyped float constant) as int value in assignment (truncated)" */
	a, b = b, a
	a, b = two() /* ERROR "cannot use 2nd function result (value of type string) as int value in multiple assignment" */
	a, s = two()
	a, b, c = two() /* ERROR "assignment mismatch: 3 variables but two returns 2 values" */
	a = two() /* ERROR "assignment mismatch: 1 variable but two returns 2 values" */
	m["a"].x = 1 /* ERROR "cannot assign to struct field m["a"].x in map" */
	m["a"] = T{}
	s[0] = 'a' /* ERROR "cannot assign to s[0] (neither addressable nor a map index expression)" */
	two() = 1 /* ERROR "multiple-value two() (value of type (int, string)) in single-value context" */
	1 = a /* ERROR "cannot assign to 1 (neither addressable nor a map index expression)" */
	T{}.x = 1 /* ERROR "cannot assign to T{}.x (neither addressable nor a map index expression)" */
	f = nil /* ERROR "cannot assign to f (neither addressable nor a map index expression)" */
	nil = a /* ERROR "cannot assign to nil (neither addressable nor a map index expression)" */
	_ = nil /* ERROR "use of untyped nil in assignment to _ identifier" */
	_ = two
	_, _ = two()
	x := 1 /* ERROR "declared and not used: x" */
	x := 2 /* ERROR "no new variables on left side of :=" */
	x, y := 3, 4 /* ERROR "declared and not used: y" */
	_ := 1 /* ERROR "no new variables on left side of :=" */
	x, x := 1, 2 /* ERROR "x repeated on left side of :=" */
	v, ok := m["a"] /* ERROR "declared and not used: v" */ /* ERROR "declared and not used: ok" */
	v, ok = e.(T)
	v, ok, z := m["a"] /* ERROR "declared and not used: z" */ /* ERROR "assignment mismatch: 3 variables but 1 value" */
	w, ok := <-ch /* ERROR "declared and not used: w" */
	w, bad := s[0] /* ERROR "declared and not used: bad" */ /* ERROR "assignment mismatch: 2 variables but 1 value" */
	var unused int /* ERROR "declared and not used: unused" */
	unused2 := 1 /* ERROR "declared and not used: unused2" */
	unused3 := func() int { inner := 1; return 2 } /* ERROR "declared and not used: unused3" */ /* ERROR "declared and not used: inner" */
	d, e2, i, j, k, l, n = d, e2, i, j, k, l, n
	c += 1
	*l = "a" /* ERROR "cannot use "a" (untyped string constant) as int value in assignment" */
	**l = 1 /* ERROR "invalid operation: cannot indirect *l (variable of type int)" */
	len("a") = 1 /* ERROR "cannot assign to len("a") (neither addressable nor a map index expression)" */
	const K = 1
	K = 2 /* ERROR "cannot assign to K (neither addressable nor a map index expression)" */
	K++ /* ERROR "cannot assign to K (neither addressable nor a map index expression)" */
	(a) = 3
	(a), (b) = 1, "b" /* ERROR "cannot use "b" (untyped string constant) as int value in multiple assignment" */
	return 1 /* ERROR "not enough return values" */
}

func g() (int, string) {
	return two()
	return 1 /* ERROR "not enough return values" */
	return 1, "a", 2 /* ERROR "too many return values" */
	return "a", 1 /* ERROR "cannot use "a" (untyped string constant) as int value in return statement" */ /* ERROR "cannot use 1 (untyped int constant) as string value in return statement" */
	return /* ERROR "not enough return values" */
	return f(nil, "", nil, nil) /* ERROR "cannot use 2nd function result (value of interface type error) as string value in return statement" */
}

func h() (n int) {
	{
		n := 1
		_ = n
		return /* ERROR "result parameter n not in scope at return" */
	}
	return
}

func none() {
	return 1 /* ERROR "too many return values" */
	return none() /* ERROR "none() (no value) used as value" */
}

func missing(b bool) int {
	if b {
		return 1
	}
} /* ERROR "missing return" */

func loop() int {
	for {
	}
}

func breaks() int {
	for {
		break
	}
} /* ERROR "missing return" */

func sw(x int) int {
	switch x {
	case 1:
		return 1
	default:
		panic(1)
	}
}

func sw2(x int) int {
	switch x {
	case 1:
		return 1
	}
} /* ERROR "missing return" */

func lbl() int {
L:
	for {
		for {
			break L
		}
	}
} /* ERROR "missing return" */

func sel() int {
	select {}
}
