// run

// Generic code, channels, garbage, strings, complex numbers, arrays of structs.

package main

type Num interface {
	~int | ~int8 | ~uint16 | ~float64 | ~float32 | ~uint64
}

func conv[A, B Num](a A) B { return B(a) }
func sum[T Num](xs ...T) (t T) {
	for _, x := range xs {
		t += x
	}
	return
}

type List[T any] struct {
	head *node[T]
	n    int
}
type node[T any] struct {
	v    T
	next *node[T]
}

func (l *List[T]) Push(v T) { l.head = &node[T]{v, l.head}; l.n++ }
func (l *List[T]) All() func(yield func(int, T) bool) {
	return func(yield func(int, T) bool) {
		i := 0
		for n := l.head; n != nil; n = n.next {
			if !yield(i, n.v) {
				return
			}
			i++
		}
	}
}
func Map[T, U any](xs []T, f func(T) U) []U {
	var r []U
	for _, x := range xs {
		r = append(r, f(x))
	}
	return r
}

type Stringer interface{ String() string }
type ID int

func (i ID) String() string { return string(rune('A' + int(i))) }
func join[T Stringer](xs []T) (s string) {
	for _, x := range xs {
		s += x.String()
	}
	return
}

func prod(n int, out chan<- int, done chan bool) {
	for i := 0; i < n; i++ {
		out <- i
	}
	done <- true
}

type tree struct {
	l, r *tree
	v    int
}

func build(d int) *tree {
	if d == 0 {
		return &tree{v: 1}
	}
	return &tree{build(d - 1), build(d - 1), d}
}
func (t *tree) sum() int {
	if t == nil {
		return 0
	}
	return t.l.sum() + t.r.sum() + t.v
}

func main() {
	println(conv[float64, int8](3.99), conv[int, float32](7), sum(1.5, 2.5), sum[uint16](65535, 2))
	var l List[string]
	for _, s := range []string{"x", "y", "z"} {
		l.Push(s)
	}
	l.All()(func(i int, v string) bool {
		if i == 2 {
			return false
		}
		print(i, v, " ")
		return true
	})
	println(l.n)
	println(join(Map([]int{1, 2, 3}, func(i int) ID { return ID(i) })))
	c, done := make(chan int, 3), make(chan bool)
	for i := 0; i < 4; i++ {
		go prod(100, c, done)
	}
	total, fin := 0, 0
	for fin < 4 {
		select {
		case v := <-c:
			total += v
		case <-done:
			fin++
		}
	}
	for len(c) > 0 {
		total += <-c
	}
	println(total)
	t := 0
	for i := 0; i < 40; i++ {
		t += build(10).sum()
	}
	println(t)
	s := make([][]byte, 0)
	for i := 0; i < 2000; i++ {
		b := make([]byte, i%50)
		for k := range b {
			b[k] = byte(i)
		}
		s = append(s, b)
	}
	h := 0
	for _, b := range s {
		for _, x := range b {
			h = h*31 + int(x)
		}
	}
	println(h)
	str := ""
	for i := 0; i < 300; i++ {
		str += string(rune(i + 32))
	}
	n := 0
	for _, r := range str {
		n += int(r)
	}
	println(len(str), n, str[10:20], []byte(str)[5], []rune(str)[200], string([]rune{0x4e16, -1, 0x10ffff}))
	var iface any = 5
	for k := 0; k < 3; k++ {
		switch v := iface.(type) {
		case int:
			iface = float64(v) + 0.5
		case float64:
			iface = "str"
		case string:
			iface = []string{v}
		}
	}
	_, isS := iface.([]string)
	println(isS)
	fs := []func(int) int{}
	for i := 0; i < 3; i++ {
		fs = append(fs, func(x int) int { i += x; return i })
	}
	for _, f := range fs {
		print(f(10), f(1), " ")
	}
	println()
	x := complex64(complex(1, -2))
	y := complex128(x) / (2 + 1i)
	println(real(y), imag(y), x == complex64(1-2i), x*x)
	var a [5]struct {
		a int8
		b string
		c [2]any
	}
	a[2].c[1] = "q"
	b := a
	println(a == b)
	b[4].c[0] = 1
	println(a == b)
	m, mi := min(3, 1, 2), max(2.5, 1)
	println(m, mi, min("b", "a"))
	clear(s)
	println(s[100] == nil, len(s))
	var z struct{}
	var zs [10]struct{}
	println(z == struct{}{}, len(zs), any(z) == any(struct{}{}))
outer:
	for i := 0; i < 5; i++ {
		for j := 0; j < 5; j++ {
			if j == 3 {
				continue outer
			}
			if i == 3 {
				break outer
			}
			print(i*j, " ")
		}
	}
	println()
	switch x := 7; {
	case x > 5:
		println("gt")
		fallthrough
	case x > 100:
		println("ft")
	default:
		println("no")
	}
}
