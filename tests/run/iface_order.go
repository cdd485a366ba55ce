// run

// When operands are read that are converted to interfaces, beside calls that change them. The specification leaves it
// open; programs may have come to rely on what gc does.

package main

type S struct{ a, b int }

var i8 int8
var i16 int16
var i64 int64
var ss string
var sl []int
var st S
var bs bool
var arr [1]int
var p8 = &i8
var p64 = &i64
var pst = &st
var s8 []int8
var s64 []int64

//go:noinline
func set(n int) int {
	i8, i16, i64, ss, sl, st, bs, arr = int8(n), int16(n), int64(n), "abcdef"[:n], make([]int, n), S{n, n}, n > 3, [1]int{n}
	s8[0], s64[0] = int8(n), int64(n)
	return n
}

//go:noinline
func two(a any, b int) { pr(a) }

//go:noinline
func vari(a ...any) { pr(a[0]) }

func pr(a any) {
	switch x := a.(type) {
	case int8:
		print(x)
	case int16:
		print(x)
	case int64:
		print(x)
	case string:
		print(x)
	case []int:
		print(len(x))
	case S:
		print(x.a)
	case bool:
		print(x)
	case [1]int:
		print(x[0])
	}
	print(" ")
}

type P struct {
	a any
	b int
}

var sink any

func main() {
	s8, s64 = make([]int8, 1), make([]int64, 1)
	set(1)
	two(i8, set(2))
	set(1)
	two(i16, set(2))
	set(1)
	two(i64, set(2))
	set(1)
	two(ss, set(2))
	set(1)
	two(sl, set(2))
	set(1)
	two(st, set(2))
	set(1)
	two(bs, set(4))
	set(1)
	two(arr, set(2))
	set(1)
	two(*p8, set(2))
	set(1)
	two(*p64, set(2))
	set(1)
	two(*pst, set(2))
	set(1)
	two(s8[0], set(2))
	set(1)
	two(s64[0], set(2))
	set(1)
	two(i8+1, set(2))
	set(1)
	two(i64+1, set(2))
	set(1)
	two(-i8, set(2))
	set(1)
	two(!bs, set(4))
	set(1)
	println("two")
	two(any(i8), set(2))
	set(1)
	two(any(i16), set(2))
	set(1)
	two(any(i64), set(2))
	set(1)
	two(any(ss), set(2))
	set(1)
	two(any(sl), set(2))
	set(1)
	two(any(st), set(2))
	set(1)
	two(any(bs), set(4))
	set(1)
	two(any(arr), set(2))
	set(1)
	two(any(*p8), set(2))
	set(1)
	two(any(*p64), set(2))
	set(1)
	two(any(*pst), set(2))
	set(1)
	two(any(s8[0]), set(2))
	set(1)
	two(any(s64[0]), set(2))
	set(1)
	two(any(i8+1), set(2))
	set(1)
	two(any(i64+1), set(2))
	set(1)
	two(any(-i8), set(2))
	set(1)
	two(any(!bs), set(4))
	set(1)
	println("xtwo")
	vari(i8, set(2))
	set(1)
	vari(i16, set(2))
	set(1)
	vari(i64, set(2))
	set(1)
	vari(ss, set(2))
	set(1)
	vari(sl, set(2))
	set(1)
	vari(st, set(2))
	set(1)
	vari(bs, set(4))
	set(1)
	vari(arr, set(2))
	set(1)
	vari(*p8, set(2))
	set(1)
	vari(*p64, set(2))
	set(1)
	vari(*pst, set(2))
	set(1)
	vari(s8[0], set(2))
	set(1)
	vari(s64[0], set(2))
	set(1)
	vari(i8+1, set(2))
	set(1)
	vari(i64+1, set(2))
	set(1)
	println("vari")
	q := P{i8, set(2)}
	pr(q.a)
	set(1)
	q = P{i64, set(2)}
	pr(q.a)
	set(1)
	q = P{ss, set(2)}
	pr(q.a)
	set(1)
	q = P{st, set(2)}
	pr(q.a)
	set(1)
	q = P{i8 + 1, set(2)}
	pr(q.a)
	set(1)
	q = P{i64 + 1, set(2)}
	pr(q.a)
	set(1)
	q = P{any(i8), set(2)}
	pr(q.a)
	set(1)
	q = P{any(i64), set(2)}
	pr(q.a)
	set(1)
	q = P{any(st), set(2)}
	pr(q.a)
	set(1)
	q = P{any(i8 + 1), set(2)}
	pr(q.a)
	set(1)
	q = P{any(i64 + 1), set(2)}
	pr(q.a)
	set(1)
	println("lit")
}
