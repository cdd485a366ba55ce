package main

type T struct {
	x   int
	s   []int
	i   any
	m   map[int]int
	str string
	n   *T
}
type S []int

var np *T
var empty []int
var gs = []int{1, 2, 3}
var nm map[int]int
var one = 1
var zero = 0
var pp **T

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
func strs(a string, b ...string) int { return 1 }

//go:noinline
func arr(a int, b [2]int) int { return a }

//go:noinline
func id(a int) int { return a }

var sink int
var bsink bool
var ssink string
var isink any
var ch = make(chan int, 10)
var nilch struct{ c *chan int }

func main() {
	// conversions between slice types
	try("conv slice", func() {
		println(ints(len(S(gs)), func() int { gs = nil; return 0 }()))
	})
	gs = []int{1, 2, 3}
	f := func() int { gs = []int{9}; return 5 }
	l := func(a S, b int) { println(a[0], b) }
	l(S(gs), f())
	l(gs, func() int { gs = []int{10}; return 5 }())
	try("slice bounds", func() { sink = len((*pp).s[empty[5]:]) })
	try("map assign", func() { m := map[int]int{}; m[np.x] = empty[5] })
	try("map assign2", func() { m := map[any]int{}; m[np.x] = empty[5] })
	try("map opassign", func() { m := map[int]int{}; m[np.x] += empty[5] })
	try("map opassign2", func() { m := map[int]int{}; m[np.x] /= empty[5] })
	try("nilmap assign", func() { nm[1] = empty[5] })
	try("nilmap assign2", func() { nm[np.x] = 5 })
	try("slice assign", func() { empty[np.x] = gs[5] })
	try("slice assign+", func() { empty[np.x+1] = gs[5] })
	try("slice assign-", func() { empty[-np.x] = gs[5] })
	try("slice assign conv", func() { empty[int8(np.x)] = gs[5] })
	try("slice assign type", func() { empty[isink.(int)] = gs[5] })
	try("slice assign opassign", func() { empty[np.x] += gs[5] })
	try("slice assign opassign2", func() { empty[3] += np.x })
	try("ptr assign", func() { np.n.x = gs[5] })
	try("ptr assign2", func() { np.x = gs[5] })
	try("ptr assign iface", func() { isink.(*T).x = gs[5] })
	try("arg lit", func() { ints(np.x, gs[5]) })
	try("arg lit2", func() { arr(np.x, [2]int{gs[5]}) })
	try("arg idx", func() { ints(gs[5], np.x) })
	try("arg iface", func() { two(np.n, gs[5]) })
	try("arg iface2", func() { two(&np.x, gs[5]) })
	try("arg iface3", func() { two(gs[5], &np.x) })
	try("arg iface4", func() { two(np, gs[5]) })
	try("arg iface5", func() { two(np.i, gs[5]) })
	try("arg str", func() { strs(np.str, np.str+string(rune(gs[5]))) })
	try("arg str1", func() { strs(np.str+"x", string(rune(gs[5]))) })
	try("binary lit", func() { sink = np.x + [2]int{gs[5]}[one] })
	try("binary lit2", func() { sink = np.x + (&T{x: gs[5]}).x })
	try("binary lit3", func() { sink = np.x + (T{x: gs[5]}).x })
	try("binary lit4", func() { sink = np.x + []int{gs[5]}[0] })
	try("binary div", func() { sink = np.x + 1/zero })
	try("binary div2", func() { sink = 1/zero + np.x })
	try("binary div3", func() { sink = 1 / (zero * np.x) })
	try("binary div4", func() { sink = np.x / zero })
	try("binary map", func() { sink = np.x + nm[gs[5]] })
	try("binary map1", func() { sink = np.m[gs[5]] })
	try("binary map2", func() { sink = gs[5] + np.m[1] })
	try("binary map3", func() { sink = gs[5] + map[any]int{}[isink.(*T)] })
	try("binary map4", func() { sink = np.x + map[any]int{}[gs[5]] })
	try("binary map5", func() { sink = np.x + map[any]int{}[isink.(*T)] })
	try("binary map6", func() { sink = np.x + map[[1]int32]int{}[[1]int32{int32(gs[5])}] })
	try("binary map7", func() { sink = np.x + map[*T]int{}[isink.(*T)] })
	try("cmp iface", func() { bsink = np.i == isink.(*T).i })
	try("cmp iface2", func() { bsink = np.i == any(gs[5]) })
	try("cmp iface3", func() { bsink = any(gs[5]) == np.i })
	try("cmp iface4", func() { bsink = gs[5] == np.i })
	try("cmp iface5", func() { bsink = np.i == gs[5] })
	try("cmp iface6", func() { bsink = np.i == isink.(*T) })
	try("cmp iface7", func() { bsink = isink.(*T) == np.i })
	try("cmp iface8", func() { bsink = []any{}[one] == np.i })
	try("cmp iface9", func() { bsink = np.i == []any{}[one] })
	try("cmp str", func() { bsink = np.str == []string{}[one] })
	try("cmp str2", func() { bsink = np.str < []string{}[one] })
	try("cmp str3", func() { bsink = []string{}[one] == np.str })
	try("cmp str4", func() { bsink = np.x > 4 == (np.str == []string{}[one]) })
	try("cmp str5", func() { bsink = (gs[5] > 4) == (np.str == "") })
	try("cmp str6", func() { bsink = (gs[5] > 4) == (np.str == "a") })
	try("cmp str7", func() { bsink = (gs[5] > 4) == (np.str == "aaaaaaaaaaaaaaaaaaaaaaaaaaa") })
	try("cmp str8", func() { bsink = (gs[5] > 4) == (np.str < "a") })
	try("cmp str9", func() { bsink = (gs[5] > 4) == (np.str == ssink) })
	try("cmp struct", func() { bsink = (gs[5] > 4) == (struct{ a, b int }{np.x, 1} == struct{ a, b int }{1, 2}) })
	try("cmp struct2", func() { bsink = *(*[100]int)(nil) == [100]int{gs[5]} })
	try("cmp struct3", func() { bsink = [100]int{gs[5]} == *(*[100]int)(nil) })
	try("nested any", func() { bsink = (gs[5] > 4) == (any(np.x) == nil) })
	try("nested any2", func() { bsink = (gs[5] > 4) == (any(np.n) == nil) })
	try("nested any3", func() { bsink = (gs[5] > 4) == (any(&np.n) == nil) })
	try("concat", func() { ssink = np.str + []string{}[one] })
	try("concat2", func() { ssink = []string{}[one] + np.str })
	try("concat3", func() { bsink = (gs[5] > 4) == (np.str+"x" == ssink) })
	try("concat4", func() { sink = gs[5] + int((np.str + "x")[0]) })
	try("conv str", func() { sink = gs[5] + int(string(rune(np.x))[0]) })
	try("conv str2", func() { sink = gs[5] + int(string([]byte(np.str))[0]) })
	try("method value", func() { g(np.x, isink.(interface{ M() }).M) })
	try("send", func() { (*nilch.c) <- gs[5] })
	try("send2", func() { (*nilch.c) <- gs[5] + 1 })
	try("index", func() { sink = np.s[gs[5]] })
	try("index2", func() { sink = np.s[[1]int{gs[5]}[zero]] })
	try("index3", func() { sink = (*[4]int)(nil)[gs[5]] })
	try("index4", func() { sink = (*[4]int)(nil)[gs[5]+one] })
	try("append", func() { isink = append(np.s, gs[5]) })
	try("append2", func() { isink = append(np.s, []int{gs[5]}...) })
	try("append3", func() { isink = append(np.s, [1]int{gs[5]}[zero]) })
	try("print", func() { println(np.x, [1]int{gs[5]}[zero]) })
	try("min", func() { sink = min(np.x, [1]int{gs[5]}[zero]) })
	try("ret", func() { func() (int, int) { return np.x, [1]int{gs[5]}[zero] }() })
	try("var", func() { var a, b = np.x, [1]int{gs[5]}[zero]; _, _ = a, b })
	try("assign2", func() { a, b := np.x, [1]int{gs[5]}[zero]; _, _ = a, b })
	try("struct", func() { isink = struct{ a, b int }{np.x, [1]int{gs[5]}[zero]} })
	try("maplit", func() { isink = map[int]int{np.x: gs[5]} })
	try("maplit2", func() { isink = map[any]int{np.x: gs[5]} })
	try("maplit3", func() { isink = map[[2]int]int{[2]int{np.x}: gs[5]} })
	try("copy", func() { copy(np.s, []int{gs[5]}) })
	try("delete", func() { delete(np.m, [1]int{gs[5]}[zero]) })
	try("delete2", func() { delete(np.m, gs[5]) })
	try("complexdiv", func() { isink = complex(float64(gs[5]), 0) / complex(float64(np.x), 1) })
	var c [1]complex128
	try("complexdiv2", func() { isink = float64(gs[5]) + real(c[one]/complex(float64(np.x), 1)) })
	try("recv func", func() { (*np).n.f(gs[5]) })
	try("recv func2", func() { np.n.f([1]int{gs[5]}[zero]) })
	try("recv iface", func() { np.i.(interface{ M(int) }).M(gs[5]) })
	try("closure", func() { np.fn()(gs[5]) })
	var fn struct{ f *func(int, ...int) }
	try("closure2", func() { (*fn.f)(gs[5]) })
	try("closure3", func() { (*fn.f)(0, gs[5]) })
	try("iface call", func() { var x interface{ M(int) }; x.M(gs[5]) })
	try("go str", func() { ssink = np.str[gs[5]:] })
	try("go str2", func() { ssink = np.str[one/zero:] })
	try("rng", func() {
		for range np.s[gs[5]:] {
		}
	})
	try("make", func() { isink = make([]int, gs[5], np.x) })
	try("make2", func() { isink = make([]int, np.x, [1]int{gs[5]}[zero]) })
	try("shift", func() { sink = gs[5] << np.x })
	try("shift2", func() { sink = np.x << [1]int{gs[5]}[zero] })
	try("shift3", func() { sink = np.x << (zero - 1) })
	try("shift4", func() { sink = gs[5] << (zero - 1) })
	try("and", func() { bsink = gs[5] > 1 == (np.x > 1 && one > 1) })
	try("star", func() { arr(gs[5], *(*[2]int)(nil)) })
	try("star2", func() { arr(np.x, *(*[2]int)(gs[5:])) })
}

func g(int, func()) {}

//go:noinline
func (t *T) f(int) {}

//go:noinline
func (t *T) fn() func(int) { return func(int) {} }
