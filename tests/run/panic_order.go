package main

type T struct {
	x   int
	s   []int
	i   any
	m   map[int]int
	str string
	n   *T
	e   error
	f   func(int, ...int) int
	c   complex128
	b   []byte
	a   [3]int
}

var np *T
var empty []int
var gs = []int{1, 2, 3}
var one = 1
var zero = 0
var isink any
var sink int
var bsink bool
var ssink string
var ni interface{ M(int) int }

type V struct{ a, b int }

func (v V) Val(int) int  { return 1 }
func (v *V) Ptr(int) int { return 2 }
func (v V) M(int) int    { return 3 }
func (v V) Get() int     { return v.a }

type E struct{ *V }
type EI struct{ I interface{ M(int) int } }
type MI interface{ M(int) int }
type EE struct{ MI }

var nv *V
var ne *E
var nee *EE
var nei *EI

//go:noinline
func try(s string, f func()) {
	defer func() {
		e := recover()
		if x, ok := e.(error); ok {
			println(s, x.Error())
		} else if e == nil {
			println(s, "ok")
		}
	}()
	f()
}

//go:noinline
func two(a, b any) int { return 1 }

//go:noinline
func ints(a int, b ...int) int { return a }

//go:noinline
func anys(a int, b ...any) int { return a }

//go:noinline
func three(a int, b int, c V) int { return a }

//go:noinline
func gen[A, B any](a A, b ...B) {}

//go:noinline
func ret() *T { println("ret"); return nil }

func main() {
	try("val", func() { nv.Val(gs[5]) })
	try("ptr", func() { ne.Ptr(gs[5]) })
	try("emb", func() { ne.Val(gs[5]) })
	try("embi", func() { nee.M(gs[5]) })
	try("embi2", func() { (*nee).M([1]int{gs[5]}[zero]) })
	try("embi3", func() { nei.I.M(gs[5]) })
	try("embi4", func() { EI{}.I.M(gs[5]) })
	try("embi5", func() { ni.M(gs[5]) })
	try("valget", func() { sink = nv.Get() + gs[5] })
	try("valget2", func() { sink = gs[5] + nv.Get() })
	try("valm", func() { isink = nv.Val })
	try("valm2", func() { sink = gs[5] + func() int { f := nv.Val; return f(1) }() })
	try("mexpr", func() { V.Val(*nv, gs[5]) })
	try("mexpr2", func() { (*V).Val(nv, gs[5]) })

	try("anys", func() { anys(np.x, gs[5]) })
	try("anys2", func() { anys(gs[5], np.x) })
	try("anys3", func() { anys(gs[5], np) })
	try("anys4", func() { anys(gs[5], &np.x) })
	try("anys5", func() { anys(1, gs[5], &np.x) })
	try("anys6", func() { anys(1, gs[5], np.n) })
	try("gen", func() { gen(np.x, gs[5]) })
	try("gen2", func() { gen[any](np.x, gs[5]) })
	try("gen3", func() { gen[any, any](np.n, gs[5]) })
	try("three", func() { three(np.x, gs[5], V{1, 2}) })
	try("three2", func() { three(np.x, gs[one], V{1, gs[5]}) })
	try("three3", func() { three(gs[5], np.x, *nv) })
	try("three4", func() { three(1/zero, np.x, *nv) })
	try("three5", func() { three(np.x, 1/zero, *nv) })
	try("ret", func() { three(ret().x, gs[5], V{}) })
	try("ret2", func() { three(gs[5], ret().x, V{}) })
	try("ret3", func() { three(gs[5], sink, V{ret().x, 1 / zero}) })
	try("slices", func() { isink = [][]int{np.s, {gs[5]}} })
	try("slices2", func() { isink = []any{np.n, gs[5]} })
	try("slices3", func() { isink = []any{np.x, gs[5]} })
	try("slices4", func() { isink = []any{&np.x, gs[5]} })
	try("slices5", func() { isink = []any{gs[5], &np.x} })
	try("slices6", func() { isink = []any{gs[5], np.a} })
	try("slices7", func() { isink = []any{gs[5], V{np.x, 1}} })
	try("slices8", func() { isink = []any{gs[5], &V{np.x, 1}} })
	try("slices9", func() { isink = []*V{{gs[5], 1}, {np.x, 1}} })
	try("slices10", func() { isink = []string{np.str + "x", string(rune(gs[5]))} })
	try("map", func() { isink = map[string]int{np.str: gs[5]} })
	try("map2", func() { isink = map[string]any{np.str: gs[5]} })
	try("map3", func() { isink = map[string]any{np.str: &gs[5]} })
	try("map4", func() { isink = map[V]any{{np.x, 1}: gs[5]} })
	try("map5", func() { isink = map[V]any{*nv: gs[5]} })
	try("map6", func() { isink = map[float64]any{float64(np.x): gs[5]} })
	try("map7", func() { isink = map[bool]any{np.x > 1: gs[5]} })
	try("map8", func() { isink = map[int8]int{int8(np.x): gs[5]} })
	try("map9", func() { isink = map[any]int{np.i: gs[5]} })
	try("map10", func() { isink = map[any]int{np.n: gs[5]} })
	try("map11", func() { isink = map[any]int{np: gs[5], gs[5]: np.x} })
	try("map12", func() { sink = map[V]int{}[V{np.x, 1}] + gs[5] })
	try("map13", func() { sink = gs[5] + map[V]int{}[V{np.x, 1}] })
	try("map14", func() { sink = gs[5] + map[V]int{}[*nv] })
	try("map15", func() { sink = gs[5] + map[int8]int{}[int8(np.x)] })
	try("map16", func() { sink = gs[5] + map[string]int{}[string(np.b)] })
	try("map17", func() { sink = gs[5] + map[string]int{}[np.str] })
	try("map18", func() { sink = gs[5] + map[any]int{}[func() {}] })
	try("map19", func() { sink = map[any]int{}[func() {}] + gs[5] })
	try("map20", func() { v, ok := map[any]int{}[np.i]; _, _ = v, ok })
	try("map21", func() { m := map[any]int{}; m[func() {}] = gs[5] })
	try("map22", func() { m := map[any]int{}; m[func() {}] += gs[5] })
	try("map23", func() { m := map[any]int{}; m[func() {}] /= gs[5] })
	try("map24", func() { m := map[any]*T{}; m[func() {}].x = gs[5] })
	try("map25", func() { m := map[any][]int{}; m[func() {}][gs[5]] = 5 })
	try("map26", func() { m := map[any][]int{}; m[1][1] = gs[5] })
	try("map27", func() { m := map[int]int{}; m[np.x], sink = gs[5], 1 })
	try("map28", func() { m := map[int][]int{}; m[np.x] = append(m[np.x], gs[5]) })
	try("map29", func() { m := map[int][]int{}; m[gs[5]] = append(m[np.x], 1) })
	try("map30", func() { m := map[int][]int{}; m[1] = append(m[np.x], gs[5]) })
	try("map31", func() { np.m[gs[5]]++ })
	try("map32", func() { np.m[gs[5]] |= 1 })
	try("map33", func() { np.m[1] |= gs[5] })
	try("iface", func() { bsink = np.i == np.e || gs[5] == 1 })
	try("iface2", func() { bsink = any(gs[5]) == any(np.i) })
	try("iface3", func() { bsink = []any{1}[one] == any(np.i) })
	try("iface4", func() { bsink = any(np) == []any{1}[one] })
	try("iface5", func() { bsink = any(&np.x) == []any{1}[one] })
	try("iface6", func() { bsink = []any{1}[one] == any(&np.x) })
	try("iface7", func() { bsink = np.e == []error{nil}[one] })
	try("iface8", func() { bsink = any(np.e) == []any{nil}[one] })
	try("iface9", func() { bsink = []any{nil}[one] == np.e })
	try("iface10", func() { bsink = []any{nil}[one] == nil == (np.e == nil) })
	try("iface11", func() { bsink = np.i == any(isink.(int)) })
	try("iface12", func() { bsink = []any{func() {}}[0] == []any{func() {}}[zero] == (np.x == 1) })
	try("iface13", func() { bsink = (np.x == 1) == ([]any{func() {}}[0] == []any{func() {}}[zero]) })
	try("struct", func() { bsink = *nv == V{gs[5], 1} })
	try("struct2", func() { bsink = V{gs[5], 1} == *nv })
	try("struct3", func() { bsink = *nv == []V{}[one] })
	try("struct4", func() { bsink = []V{}[one] == *nv })
	try("struct5", func() { bsink = np.a == [3]int(gs[5:]) })
	try("struct6", func() { bsink = np.a == [3]int(empty) })
	try("struct7", func() { bsink = [3]int(empty) == np.a })
	try("struct8", func() { sink = np.x + [3]int(empty)[one] })
	try("struct9", func() { sink = np.x + (*[3]int)(empty)[one] })
	try("struct10", func() { sink = gs[5] + (*[3]int)(empty)[one] })
	try("div", func() { sink = np.x/zero + gs[5] })
	try("div2", func() { sink = gs[5] + np.x/zero })
	try("div3", func() { sink = gs[one]/zero + np.x })
	try("div4", func() { sink = gs[one]%zero*np.x - gs[5] })
	try("div5", func() { sink = gs[one]<<(zero-1) + np.x })
	try("div6", func() { sink = (gs[one] + 5/zero) + np.x })
	try("div7", func() { sink = gs[one] + (5/zero + np.x) })
	try("neg", func() { sink = -np.x + gs[5] })
	try("conv", func() { isink = float64(np.x) + float64(gs[5]) })
	try("conv2", func() { isink = gs[5] + len([]rune(np.str)) })
	try("conv3", func() { isink = gs[5] + int([]byte(np.str)[0]) })
	try("conv4", func() { isink = string(np.b) + string(rune(gs[5])) })
	try("conv5", func() { isink = string(rune(gs[5])) + string(np.b) })
	try("conv6", func() { bsink = string(np.b) == string(rune(gs[5])) })
	try("conv7", func() { bsink = (gs[5] == 1) == (string(np.b) == ssink) })
	try("conv8", func() { bsink = (gs[5] == 1) == (string(np.b) == "") })
	try("conv9", func() { ssink = []string{}[one] + string(np.b) + np.str })
	try("strs", func() { ssink = []string{}[one][np.x:] })
	try("strs2", func() { sink = int([]string{}[one][np.x]) })
	try("strs3", func() { sink = int(np.str[gs[5]]) })
	try("strs4", func() { sink = int((np.str + "x")[gs[5]]) })
	try("strs5", func() { ssink += np.str + []string{}[one] })
	try("strs6", func() { np.str += []string{}[one] })
	try("strs7", func() { np.str += "a" + []string{}[one] })
	try("arr", func() { sink = np.a[gs[5]] })
	try("arr2", func() { np.a[gs[5]] = 1 })
	try("arr3", func() { np.a[gs[one]] = gs[5] })
	try("arr4", func() { np.a[gs[one]+1] = 1 / zero })
	try("arr5", func() { np.n.s[gs[one]] = 1 / zero })
	try("arr6", func() { np.n.s[gs[5]*2] = 1 / zero })
	try("arr7", func() { gs[np.x] += 1 / zero })
	try("arr8", func() { gs[one] += 1/zero + np.x })
	try("arr9", func() { gs[5] += 1 / zero })
	try("arr10", func() { np.x += [1]int{gs[5]}[zero] })
	try("arr11", func() { gs[5]++; np.x++ })
	try("arr12", func() { *(*[1]*int)(nil)[gs[5]] = np.x })
	try("call arg fn", func() { np.f(gs[5], 1) })
	try("call arg fn2", func() { np.f(1, gs[5]) })
	try("call arg fn3", func() { ret().f(gs[5], 1) })
	try("call arg fn4", func() { []func(int){}[one](np.x) })
	try("defer", func() { defer nv.Val(gs[5]) })
	try("defer2", func() { defer np.f(gs[5]) })
	try("defer3", func() { defer ints(np.x, gs[5]) })
	try("defer4", func() { defer three(np.x, 1, V{gs[5], 1}) })
	try("defer5", func() { defer ni.M(gs[5]) })
	try("defer6", func() { defer nei.I.M(gs[5]) })
	try("defer7", func() { defer delete(np.m, [1]int{gs[5]}[zero]) })
	try("defer8", func() { defer println(np.x, [1]int{gs[5]}[zero]) })
	try("defer9", func() { defer copy(np.s, []int{gs[5]}) })
	try("go", func() { go three(np.x, 1, V{gs[5], 1}) })
	try("sel", func() {
		select {
		case (*(*chan int)(nil)) <- gs[5]:
		default:
		}
	})
	try("sw", func() {
		switch np.x {
		case gs[5]:
		}
	})
	try("sw2", func() {
		switch {
		case np.i == []any{}[one]:
		}
	})
	try("sw3", func() {
		switch np.i {
		case []any{}[one]:
		}
	})
	try("if", func() {
		if np.i == []any{}[one] {
			println()
		}
	})
	try("if2", func() {
		if np.x > gs[5] && gs[5] > 1 {
			println()
		}
	})
	try("for", func() {
		for i := np.x; i < gs[5]; i++ {
		}
	})
	try("rng", func() {
		for range []int{np.x, gs[5]} {
		}
	})
	try("cplx", func() { isink = np.c / complex(float64(gs[5]), 1) })
	try("cplx2", func() { isink = np.c * []complex128{}[one] })
	try("cplx3", func() { isink = complex(float64(np.x), float64(gs[5])) })
	try("cplx4", func() { isink = real(np.c) + float64(gs[5]) })
	try("cplx5", func() { isink = float64(gs[5]) + imag(np.c) })
	try("len", func() { sink = gs[5] + len(np.s) })
	try("len2", func() { sink = gs[5] + cap(np.s[:1]) })
	try("new", func() { isink = []any{gs[5], new(np.x)} })
	try("min", func() { sink = min(gs[5], np.x) + 1/zero })
	try("append", func() { np.s = append(np.s, gs[5]) })
	try("append2", func() { np.s = append(gs, gs[5]) })
	try("append3", func() { np.s = append([]int{gs[5]}, np.x) })
	try("append4", func() { np.s = append([]int{np.x}, gs[5]) })
	try("append5", func() { isink = append([]any{}, gs[5], np.n) })
	try("append6", func() { isink = append([]any{}, gs[5], &np.n) })
	try("append7", func() { isink = append([]any{}, np.x, gs[5]) })
	try("append8", func() { isink = append(gs, gs[5], np.x+1) })
	try("append9", func() { isink = append(gs, make([]int, gs[5])...) })
	try("append10", func() { isink = append(np.s, make([]int, gs[5])...) })
	try("append11", func() { isink = append(gs[5:], np.s...) })
	try("append12", func() { isink = append(np.s, empty[3:]...) })
	try("append13", func() { isink = append(np.b, np.str[gs[5]:]...) })
	try("copy", func() { copy(gs[5:], np.s) })
	try("copy2", func() { copy(np.s, *(*[]int)(nil)) })
	try("copy3", func() { copy(np.b, []string{}[one]) })
	try("clear", func() { clear(np.m) })
	try("panic", func() { panic(any(np.x + gs[5])) })
	try("chan", func() { (*(*chan any)(nil)) <- gs[5] })
	try("chan2", func() { (*(*chan any)(nil)) <- isink.(*T) })
	try("chan3", func() { []chan any{}[one] <- np.i })
	try("chan4", func() { []chan any{}[one] <- np.n })
	try("chan5", func() { []chan *T{}[one] <- np.n })
	try("star", func() { *np.n = *[]*T{}[one] })
	try("star2", func() { *nv = []V{}[one] })
	try("star3", func() { []V{}[one] = *nv })
	try("star4", func() { np.a = *[]*[3]int{}[one] })
	try("star5", func() { np.n.a = [3]int{gs[5]} })
	try("star6", func() { *np = T{x: gs[5]} })
	try("multi", func() { sink, gs[5] = 1, np.x; println(sink) })
	try("multi2", func() { gs[5], sink = np.x, 1 })
	try("multi3", func() { gs[5], np.x = np.x, gs[5] })
	try("multi4", func() { np.x, gs[5] = gs[5], np.x })
	try("multi5", func() { np.x, gs[5] = 1, 2 })
	try("multi6", func() { gs[5], np.x = 1, 2 })
	try("multi7", func() { gs[5], np.n.x = 1, 2 })
	try("multi8", func() { gs[5], gs[np.x] = 1, 2 })
	try("retl", func() {
		isink = func() (V, int) { return V{np.x, 1}, gs[5] }
		f := func() (V, any) { return V{gs[5], 1}, np.x }
		f()
	})
}
