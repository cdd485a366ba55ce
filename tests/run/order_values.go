package main

type S struct{ a, b int }
type T struct {
	m map[int]int
	p *T
	s S
	n int
}
type big [40]int

var m = map[int]int{1: 1}
var ms = map[int]S{1: {1, 2}}
var mb = map[int]big{1: {1}}
var mstr = map[string]string{"a": "x"}
var mi = map[any]int{1: 1, "a": 2}
var mp = map[int]*T{1: {n: 1}}
var msl = map[int][]int{1: {1, 2, 3}}
var mf = map[int]func(int) int{}
var miface = map[int]any{1: 1}
var mint = map[int]interface{ G(int) int }{1: S{1, 2}}
var mbool = map[int]bool{1: true}
var g = 1
var gp = &T{n: 1}

func (s S) G(n int) int  { return s.a*100 + n }
func (s *S) H(n int) int { return s.a*100 + n }

//go:noinline
func ch() int {
	m[1]++
	ms[1] = S{m[1], 5}
	mb[1] = big{m[1]}
	mstr["a"] += "y"
	mi[1]++
	mp[1] = &T{n: m[1]}
	msl[1] = []int{m[1], 7, 8}
	k := m[1]
	mf[1] = func(n int) int { return n + k }
	miface[1] = m[1]
	mint[1] = S{m[1], 1}
	mbool[1] = !mbool[1]
	g++
	gp = &T{n: g}
	return 0
}

//go:noinline
func three(a, b, c any) { println(show(a), show(b), show(c)) }

func show(x any) int {
	switch x := x.(type) {
	case int:
		return x
	case S:
		return x.a
	case big:
		return x[0]
	case string:
		return len(x)
	case *T:
		return x.n
	case []int:
		return x[0]
	case bool:
		if x {
			return 1
		}
		return 0
	case *int:
		return *x
	}
	return -1
}

//go:noinline
func ints(a ...int) {
	for _, x := range a {
		print(x, " ")
	}
	println()
}

func pair() (int, int)  { return m[1], ch() }
func pair2() (any, any) { return m[1], ch() }
func pair3() (S, int)   { return ms[1], ch() }
func named() (a, b int) { a, b = m[1], ch(); return a, b + m[1] }

func gen[K comparable, V any](m map[K]V, k K, f func() int) (V, int) { return m[k], f() }
func gen2[K comparable, V any](m map[K]V, k K, f func() int)         { three(m[k], f(), m[k]) }
func gen3[V any](p *V, f func() int)                                 { three(*p, f(), *p) }
func gen4[V any](p *V, f func() int) []any                           { return []any{*p, f(), any(*p), *p} }
func gen5[V comparable](p *V, f func() int) bool                     { x := *p; return *p == x && f() == 0 && *p != x }
func gen6[V interface{ G(int) int }](p *V, f func() int) int         { return (*p).G(f()) }

func main() {
	mf[1] = func(n int) int { return n }
	three(m[1], ch(), m[1])
	three(ms[1], ch(), ms[1])
	three(ms[1].a, ch(), ms[1].a)
	three(mb[1], ch(), mb[1])
	three(mb[1][0], ch(), mb[1][0])
	three(mstr["a"], ch(), mstr["a"])
	three(mi[1], ch(), mi["a"])
	three(mp[1], ch(), mp[1])
	three(mp[1].n, ch(), mp[1].n)
	three(&mp[1].n, ch(), &mp[1].n)
	three(msl[1], ch(), msl[1])
	three(msl[1][0], ch(), msl[1][0])
	three(msl[1][0:1], ch(), msl[1][0:2])
	three(miface[1], ch(), miface[1])
	three(miface[1].(int), ch(), miface[1].(int))
	three(mbool[1], ch(), mbool[1])
	three(g, ch(), g)
	three(gp, ch(), gp)
	three(gp.n, ch(), gp.n)
	three(&gp.n, ch(), &gp.n)
	three(*gp, ch(), gp.s)
	three(any(m[1]), ch(), any(ms[1]))
	three(any(gp), ch(), any(g))
	ints(m[1], ch(), m[1], -m[1], m[m[1]-m[1]+1])
	ints(g, ch(), g, -g, gp.n)
	x, y := m[1], ch()
	ints(x, y)
	x, y = m[1], ch()
	ints(x, y)
	x, m[1] = m[1], ch()+m[1]*2
	ints(x, m[1])
	m[ch()+1], m[2] = m[1], m[1]+ch()
	ints(m[1], m[2])
	var v, w = m[1], ch()
	ints(v, w)
	ints(pair())
	three2 := func(a, b any) { three(a, b, 0) }
	three2(pair2())
	a, b := pair3()
	ints(a.a, b)
	ints(named())
	arr := [3]int{m[1], ch(), m[1]}
	ints(arr[:]...)
	sl := []int{m[1], ch(), m[1]}
	ints(sl...)
	st := S{m[1], ch()}
	ints(st.a, st.b)
	bg := big{m[1], ch(), m[1]}
	ints(bg[:3]...)
	an := []any{m[1], ch(), m[1], gp, ms[1], ms[1].a, mp[1]}
	for _, x := range an {
		print(show(x), " ")
	}
	println()
	mm := map[int]int{1: m[1], ch(): m[1], 2: ch() + m[1]}
	ints(mm[1], mm[0], mm[2])
	m[1] += ch() + 1
	ints(m[1])
	m[1] += m[1] + ch()
	ints(m[1])
	m[1] /= ch() + 2
	ints(m[1])
	m[1] <<= ch() + 1
	ints(m[1])
	mstr["a"] += mstr["a"][:1+ch()]
	println(mstr["a"])
	g += ch() + g
	ints(g)
	g = g + ch()
	ints(g)
	gp.n += ch()
	ints(gp.n)
	m[1] = m[1] + ch()
	ints(m[1])
	msl[1] = append(msl[1], ch(), m[1])
	ints(msl[1]...)
	msl[2] = append(msl[1], m[1], ch())
	ints(msl[2]...)
	ints(append([]int{m[1]}, ch(), m[1])...)
	ints(append(msl[1], m[1], ch(), m[1])...)
	ints(mf[1](ch()))
	ints(mint[1].G(ch()))
	ints(ms[1].G(ch()))
	ints((*mp[1]).s.G(ch()))
	ints(mp[1].s.H(ch()))
	ints(gp.s.G(ch() + g))
	println(m[1] == ch()+m[1], m[1] < ch()+m[1]+1, g == g+ch(), ms[1] == S{m[1] + ch(), 5})
	println(any(m[1]) == any(m[1]+ch()), miface[1] == any(m[1]+ch()), any(ch()+m[1]) == miface[1])
	println(mb[1] == big{ch() + m[1]}, gp == mp[ch()+1], any(gp) == any(mp[ch()+1]))
	println(mbool[1] && ch() == 0 || mbool[1], mbool[1] == (ch() == 0), !mbool[1])
	c := make(chan int, 5)
	c <- m[1] + ch()
	c <- g + ch()
	ints(<-c, m[1], <-c+ch())
	c <- 7
	ints(m[1], <-c, func() int { m[1]++; return 1 }(), m[1])
	switch m[1] {
	case ch() + m[1]:
		println("equal")
	default:
		println("not")
	}
	switch m[1] + ch() {
	case m[1]:
		println("equal")
	}
	if m[1] == m[1]+ch() {
		println("equal")
	}
	for i := m[1]; i < m[1]+ch(); i++ {
		println("loop")
		break
	}
	ints(msl[1][m[1]-m[1]+ch()], msl[1][ch()], msl[1][ch():][0], [3]int{m[1], 2, 3}[ch()])
	println(mstr["a"] + mstr["a"][:ch()] + mstr["a"])
	println(len(mstr["a"]), len(msl[1]), len(m)+ch(), len(m))
	println(string(rune(m[1]+60)) + string(rune(ch()+60)) + string(rune(m[1]+60)))
	println(float64(m[1])/2+float64(ch()), -m[1]+ch(), m[1]<<ch(), 1<<m[1]+ch())
	p, q := gen(m, 1, ch)
	ints(p, q)
	gen2(m, 1, ch)
	gen2(ms, 1, ch)
	gen2(mstr, "a", ch)
	gen2(mp, 1, ch)
	gen2(mi, any("a"), ch)
	gen3(&g, ch)
	gen3(&gp, ch)
	gen3(&gp.n, ch)
	for _, x := range gen4(&g, ch) {
		print(show(x), " ")
	}
	for _, x := range gen4(&gp, ch) {
		print(show(x), " ")
	}
	println(gen5(&g, ch), gen5(&gp, ch))
	sv := S{1, 1}
	println(gen6(&sv, func() int { sv.a++; return 1 }))
	pm := &m
	ints((*pm)[1], ch(), (*pm)[1], func() int { pm = &map[int]int{1: -1}; return 0 }())
	k := 1
	pk := &k
	ints(m[*pk], func() int { k = 2; return 0 }(), m[k])
	mk := map[S]int{{1, 1}: 1, {2, 2}: 2}
	ks := S{1, 1}
	pks := &ks
	ints(mk[*pks], mk[S{ks.a, ks.b}], func() int { ks = S{2, 2}; return 0 }(), mk[ks])
	ma := map[any]int{1: 1, 2: 2, "a": 3}
	ka := any(1)
	pka := &ka
	kk := 1
	pkk := &kk
	ints(ma[ka], ma[*pka], ma[kk], ma[*pkk], func() int { ka = 2; kk = 2; return 0 }(), ma[ka], ma[kk])
	mfl := map[float64]int{1: 1, 2: 2}
	kf := 1.0
	pkf := &kf
	ints(mfl[kf], mfl[*pkf], mfl[kf+0], mfl[-(-*pkf)], func() int { kf = 2; return 0 }(), mfl[kf])
	mi8 := map[int8]int{1: 1, 2: 2}
	k8 := int8(1)
	pk8 := &k8
	ints(mi8[k8], mi8[*pk8], mi8[k8+0], mi8[*pk8+0], func() int { k8 = 2; return 0 }(), mi8[k8])
	msx := map[string]int{"a": 1, "b": 2}
	kx := "a"
	pkx := &kx
	kb := []byte("a")
	ints(msx[kx], msx[*pkx], msx[*pkx+""], msx[string(kb)], func() int { kx = "b"; kb[0] = 'b'; return 0 }(), msx[kx])
	e, ok := m[1]
	m[3], ok = m[1], ch() == 0
	println(e, ok, m[3])
	defer three(m[1], ch(), m[1])
	defer println(m[1], ch(), m[1])
	func() {
		defer func() { println(show(recover())) }()
		panic(m[1] + ch())
	}()
	for i, x := range []int{m[1], ch(), m[1]} {
		print(i, x, " ")
	}
	println(min(m[1], ch()+m[1], m[1]+1), max(g, ch()))
	delete(m, m[1]*0+ch()+3)
	cp := make([]int, 3)
	n := copy(cp[ch():], msl[1])
	ints(n, cp[0])
	f := func(a int, s ...S) { println(a, s[0].a, s[1].a) }
	f(m[1], ms[1], S{ch(), m[1]})
	ma2 := [2]map[int]int{m, {1: 50}}
	ints(ma2[0][1], ma2[ch()][1], ma2[1][1]+ch())
	lit := &T{n: m[1], s: S{ch(), m[1]}}
	ints(lit.n, lit.s.a, lit.s.b)
	ints((&T{n: m[1]}).n+ch(), T{n: m[1]}.n+ch(), []int{m[1]}[0]+ch(), [1]int{m[1]}[0]+ch())
	ints((&T{n: g}).n+ch(), T{n: g}.n+ch(), []int{g}[0]+ch(), [1]int{g}[0]+ch())
	three(&T{n: g}, ch(), T{n: g}.n)
	three(S{g, 1}, ch(), S{g, 1})
	three([]int{g}, ch(), []int{g})
	three(func() int { return g }(), ch(), g)
	var i2 interface{ G(int) int } = S{g, 1}
	_ = i2
	ints(interface{ G(int) int }(ms[1]).G(ch()), interface{ G(int) int }(S{g, 0}).G(ch()))
}
