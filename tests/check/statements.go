package p

type I interface{ M() }
type T struct{}

func (T) M() {}

func f(x int, s string, e any, i I, fl float64, b bool, c chan int, ro <-chan int, so chan<- int, fn func(), sl []int) {
	if x { /* ERROR "non-boolean condition in if statement" */
	}
	if y := x; y { /* ERROR "non-boolean condition in if statement" */
	}
	for s { /* ERROR "non-boolean condition in for statement" */
	}
	for x = 0; x; x++ { /* ERROR "non-boolean condition in for statement" */
	}
	switch x {
	case 1, 2, 1: /* ERROR "duplicate case 1 (constant of type int) in expression switch" */
	case "a": /* ERROR "cannot convert "a" (untyped string constant) to type int" */
	case 1.5: /* ERROR "1.5 (untyped float constant) truncated to int" */
	case fl: /* ERROR "invalid case fl in switch on x (mismatched types float64 and int)" */
	case 2.0: /* ERROR "duplicate case 2.0 (constant 2 of type int) in expression switch" */
	}
	switch {
	case x: /* ERROR "invalid case x in switch on true (mismatched types int and bool)" */
	case b, true:
	case true:
	}
	switch s {
	case "a", "b", "a": /* ERROR "duplicate case "a" (constant of type string) in expression switch" */
	}
	switch fn {
	case nil:
	case f: /* ERROR "invalid case f in switch on fn (mismatched types func(x int, s string, e any, i I, fl float64, b bool, c chan int, ro <-chan int, so chan<- int, fn func(), sl []int) and func())" */
	}
	switch sl {
	}
	switch e {
	case 1, "a", 1, 1.0, uint(1), sl: /* ERROR "duplicate case 1 (constant of type int) in expression switch" */ /* ERROR "invalid case sl in switch on e (slice can only be compared to nil)" */
	}
	switch nil { /* ERROR "use of untyped nil in switch expression" */
	}
	switch x := x; x {
	default:
	default: /* ERROR "multiple defaults (first at statements.go:44:2)" */
	}
	switch e.(type) {
	case int, string, int: /* ERROR "duplicate case int in type switch" */
	case nil, nil: /* ERROR "duplicate case nil in type switch" */
	case I:
	case T, *T:
	case undefined: /* ERROR "undefined: undefined" */
	case x: /* ERROR "x (parameter) is not a type" */
	}
	switch i.(type) {
	case T:
	case *T:
	case int: /* ERROR "impossible type switch case: int" */
	case error:
	}
	switch y := e.(type) { /* ERROR "y declared and not used" */
	}
	switch y := e.(type) { /* ERROR "y declared and not used" */
	case int:
	}
	switch y := e.(type) {
	case int:
		_ = y + "a" /* ERROR "invalid operation: y + "a" (mismatched types int and untyped string)" */
	case int8, int16:
		_ = y + 1 /* ERROR "invalid operation: y + 1 (mismatched types any and untyped int)" */
	}
	switch _ := e.(type) { /* ERROR "no new variable on left side of :=" */
	}
	switch x.(type) { /* ERROR "x (variable of type int) is not an interface" */
	}
	select {
	case <-c:
	case v := <-c: /* ERROR "declared and not used: v" */
	case v, ok := <-c:
		_, _ = v, ok
	case x = <-c:
	case s = <-c: /* ERROR "cannot use <-c (comma, ok expression of type int) as string value in assignment" */
	case c <- "a": /* ERROR "cannot use "a" (untyped string constant) as int value in send" */
	case <-so: /* ERROR "invalid operation: cannot receive from send-only channel chan<- int so (variable of type chan<- int)" */
	case ro <- 1: /* ERROR "invalid operation: cannot send to receive-only channel <-chan int ro (variable of type <-chan int)" */
	case x > 0: /* ERROR "select case must be send or receive (possibly with assignment)" */
	case fn(): /* ERROR "select case must be send or receive (possibly with assignment)" */
	default:
	default: /* ERROR "multiple defaults (first at statements.go:88:2)" */
	}
	c <- "a" /* ERROR "cannot use "a" (untyped string constant) as int value in send" */
	ro <- 1 /* ERROR "invalid operation: cannot send to receive-only channel <-chan int ro (variable of type <-chan int)" */
	x <- 1 /* ERROR "invalid operation: cannot send to non-channel int x (variable of type int)" */
	x /* ERROR "x (variable of type int) is not used" */
	x + 1 /* ERROR "x + 1 (value of type int) is not used" */
	fn /* ERROR "fn (variable of type func()) is not used" */
	<-c
	s[0] /* ERROR "s[0] (value of type byte) is not used" */
	T{} /* ERROR "T{} (value of struct type T) is not used" */
	"a" /* ERROR ""a" (untyped string constant) is not used" */
	nil /* ERROR "nil is not used" */
	int /* ERROR "int (type) is not an expression" */
	func() {} /* ERROR "func() {} (value of type func()) is not used" */
	func() {}()
	x == 1 /* ERROR "x == 1 (untyped bool value) is not used" */
	-x /* ERROR "-x (value of type int) is not used" */
	*(&x) /* ERROR "*(&x) (variable of type int) is not used" */
	for i := range 10 { /* ERROR "declared and not used: i" */
	}
	for i := range x {
		_ = i
	}
	for i, j := range x { /* ERROR "range over x (variable of type int) permits only one iteration variable" */
		_, _ = i, j
	}
	for i := range fl { /* ERROR "cannot range over fl (variable of type float64)" */
	}
	for range 10 {
	}
	for i, v := range sl {
		_, _ = i, v
	}
	for s = range sl { /* ERROR "cannot use s (value of type int) as string value in assignment" */
	}
	for i, v, w := range sl { /* ERROR "declared and not used: i" */ /* ERROR "declared and not used: v" */ /* ERROR "range clause permits at most two iteration variables" */
	}
	for v := range c {
		_ = v
	}
	for v, w := range c { /* ERROR "declared and not used: v" */ /* ERROR "range over c (variable of type chan int) permits only one iteration variable" */
	}
	for v := range so { /* ERROR "cannot range over so (variable of type chan<- int): receive from send-only channel chan<- int" */
	}
	for v := range ro {
		_ = v
	}
	for i, r := range s {
		var _ byte = r /* ERROR "cannot use r (variable of type rune) as byte value in variable declaration" */
		_ = i
	}
	for k, v := range map[string]int{} {
		var _ int = k /* ERROR "cannot use k (variable of type string) as int value in variable declaration" */
		_ = v
	}
	for x := range fn { /* ERROR "cannot range over fn (variable of type func()): func must be func(yield func(...) bool): wrong argument count" */
	}
	for range func(yield func() bool) {} {
	}
	for x := range func(yield func() bool) {} { /* ERROR "range over func(yield func() bool) {} (value of type func(yield func() bool)) permits no iteration variables" */
	}
	for x := range func(yield func(int) bool) {} {
		_ = x + "a" /* ERROR "invalid operation: x + "a" (mismatched types int and untyped string)" */
	}
	for x, y := range func(yield func(int, string) bool) {} {
		_, _ = x, y
	}
	for x := range func(yield func(int)) {} { /* ERROR "cannot range over func(yield func(int)) {} (value of type func(yield func(int))): func must be func(yield func(...) bool): yield func does not return bool" */
	}
	for x := range func(int) {} { /* ERROR "cannot range over func(int) {} (value of type func(int)): func must be func(yield func(...) bool): argument is not func" */
	}
	for i := range &[3]int{} {
		_ = i
	}
	for i := range nil { /* ERROR "cannot range over nil" */
	}
	for i := range 1.0 { /* ERROR "cannot range over 1.0 (untyped float constant 1)" */
		_ = i
	}
	for i := range 1.5 { /* ERROR "cannot range over 1.5 (untyped float constant)" */
	}
	for x[0] = range sl { /* ERROR "cannot index x (variable of type int)" */
	}
	var i8 int8 /* ERROR "declared and not used: i8" */
	for i8 = range 1000 { /* ERROR "cannot use 1000 (untyped int constant) as int8 value in range clause (overflows)" */
	}
}
