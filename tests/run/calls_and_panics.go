// run

// Large values, many parameters, every kind of run-time panic, embedded methods.

package main

type big struct {
	a    [7]int
	s    string
	m    [3]float32
	next *big
}

func mk(i int) big {
	var b big
	for k := range b.a {
		b.a[k] = i * k
	}
	b.s = "s"
	b.m[1] = float32(i)
	return b
}
func pass(b big, x int8, c big, f float32, s string, g func(big) big) (big, int8, big, float32) {
	b.a[0] = 77
	b, c = g(c), b
	return b, -x, c, f * 2
}

type mat [3][3]float64

func (m mat) mul(n mat) (r mat) {
	for i := range m {
		for j := range n {
			for k := range m {
				r[i][j] += m[i][k] * n[k][j]
			}
		}
	}
	return
}
func (b *big) inc() { b.a[1]++ }
func (b big) sum() (t int) {
	for _, v := range b.a {
		t += v
	}
	return t + len(b.s)
}

type summer interface{ sum() int }
type incer interface {
	summer
	inc()
}

func many(a, b, c, d, e, f, g, h int, x, y float64, s, t string) (int, int, int, int, int, int, int, float64, string) {
	return h, g, f, e, d, c, b + a, x - y, t + s
}
func variadic(xs ...any) (n int) {
	for i, x := range xs {
		switch v := x.(type) {
		case int:
			n += v
		case string:
			n += len(v)
		case []int:
			n += len(v) * 10
		case nil:
			n += 1000
		case error:
			n += 5
		case big:
			n += v.sum()
		case func(int) int:
			n += v(i)
		case [2]string:
			n += len(v[0]) + len(v[1])
		case float64, float32:
			println("float", i, v != nil)
		default:
			n -= 1
		}
	}
	return
}

func try(name string, f func()) {
	defer func() {
		e := recover()
		if err, ok := e.(error); ok {
			println(name, "->", err.Error())
		} else if s, ok := e.(string); ok {
			println(name, "->", s)
		} else {
			println(name, "->", e != nil)
		}
	}()
	f()
}

type myerr struct{ code int }

func (m myerr) Error() string { return "myerr" }

func rec(n int) (r int) {
	defer func() {
		r += n
		if n%3 == 0 {
			if e := recover(); e != nil {
				r += 1000
			}
		}
	}()
	if n == 0 {
		panic("zero")
	}
	return rec(n-1) + 1
}
func loopdefer(n int) (s string) {
	for i := 0; i < n; i++ {
		defer func() { s += string(rune('a' + i)) }()
	}
	return "x"
}

type E struct {
	T
	*P
}
type T struct{ x int }

func (t T) Get() int   { return t.x }
func (t *T) Set(v int) { t.x = v }

type P struct{ y int }

func (p *P) GetP() int { return p.y }

type getter interface{ Get() int }
type getset interface {
	Get() int
	Set(int)
}

func main() {
	b := mk(3)
	r1, r2, r3, r4 := pass(b, 5, mk(9), 1.5, "zz", func(q big) big { q.a[2] = -1; return q })
	println(r1.a[0], r1.a[2], r2, r3.a[0], r3.a[1], r4, b.a[0], r1.sum(), r3.sum())
	m := mat{{1, 2, 3}, {4, 5, 6}, {7, 8, 9}}
	p := m.mul(m).mul(m)
	println(p[0][0], p[2][1], m[1][1])
	println(p == m, p == m.mul(m).mul(m))
	var s summer = b
	b.inc()
	var i incer = &b
	i.inc()
	println(s.sum(), i.sum(), b.a[1])
	_, ok := s.(incer)
	println(ok)
	println(many(1, 2, 3, 4, 5, 6, 7, 8, 1.5, 0.25, "aa", "bb"))
	f := many
	println(f(1, 2, 3, 4, 5, 6, 7, 8, 1.5, 0.25, "aa", "bb"))
	println(variadic(1, "abc", []int{1, 2}, nil, myerr{3}, b, func(x int) int { return x * 100 }, [2]string{"a", "bcd"}, 1.5, float32(2.5), uint8(3), struct{}{}))
	var np *big
	var ns []int
	var nm map[string]int
	var nf func()
	var ni summer
	idx, zero := 5, 0
	arr := [4]int{1, 2, 3, 4}
	try("nil field", func() { println(np.a[3]) })
	try("nil far", func() { println(np.next.s) })
	try("nil func", func() { nf() })
	try("nil iface", func() { println(ni.sum()) })
	try("index", func() { println(arr[idx]) })
	try("index nil", func() { println(ns[idx]) })
	try("slice", func() { println(len(arr[idx:])) })
	try("slice2", func() { lo := 3; hi := 2; println(len(arr[lo:hi])) })
	try("slice3", func() { s := make([]int, 2, 4); println(len(s[1:3:idx])) })
	try("slice neg", func() { s := "hello"; k := -1; println(s[k:]) })
	try("div", func() { println(10 / zero) })
	try("shift", func() { k := -1; println(1 << k) })
	try("assert", func() { var x any = 3; println(x.(string)) })
	try("assert2", func() { var x any; println(x.(string)) })
	try("assert3", func() { var x any = T{}; println(x.(getset) != nil) })
	try("assert4", func() { println(ni.(incer) != nil) })
	try("makeslice", func() { n := -1; println(len(make([]int, n))) })
	try("arrayptr", func() { s := []int{1}; println((*[4]int)(s)) })
	try("cmp", func() { var x, y any = []int{1}, []int{1}; println(x == y) })
	try("cmp2", func() {
		type st struct {
			a int
			b any
		}
		x, y := st{1, []int{}}, st{2, []int{}}
		println(x == y)
		y.a = 1
		println(x == y)
	})
	try("custom", func() { panic(myerr{1}) })
	try("nilpanic", func() { panic(nil) })
	try("closed", func() { c := make(chan int); close(c); close(c) })
	try("nilmap", func() { _ = nm })
	println(rec(7), rec(5), loopdefer(5))
	e := E{T{1}, &P{2}}
	var g getter = e
	var gs getset = &e
	gs.Set(9)
	h := e.Get
	k := (*T).Set
	k(&e.T, 11)
	println(g.Get(), gs.Get(), h(), e.x, e.GetP(), T.Get(e.T), getter.Get(g))
	x := []int{1, 2, 3}
	y := append(x[:1], 9)
	x = append(x, 4, 5, 6)
	println(x[1], y[1], len(x), cap(x) >= 6)
	copy(x[2:], x)
	for _, v := range x {
		print(v, " ")
	}
	println()
	var u8 uint8 = 200
	var i8 int8 = -128
	println(u8+100, i8-1, -i8, u8<<1, u8>>3, i8>>1, ^u8, i8/-1, i8%-1, uint32(1)<<31, 1<<zero)
	for i := range 3 {
		defer func() { print(i, ";") }()
	}
	type key struct {
		a int
		b string
	}
	var ka, kb any = key{1, "x"}, key{1, "x"}
	println(ka == kb, ka != any(key{2, "x"}), any(1) == any(1.0), any("a") == any("a"))
	goto end
end:
	println("end")
}
