package main

type T[V any] struct {
	x V
	s []V
	i any
	m map[any]V
	n *T[V]
}

type MI interface{ M(int) int }
type A struct{ v int }

func (a A) M(n int) int  { return n }
func (a *A) P(n int) int { return n }

var gs = []int{1, 2, 3}
var zero, one = 0, 1
var isink any
var sink int
var bsink bool
var ssink string

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
func vs[V any](a V, b ...V) int { return 1 }

func run[V comparable, W MI](name string, v V, w W, np *T[V], ss []V, nw *W) {
	try(name+"1", func() { two(np.x, ss[5]) })
	try(name+"2", func() { two(ss[5], np.x) })
	try(name+"3", func() { two(ss[5], np) })
	try(name+"4", func() { two(ss[5], &np.x) })
	try(name+"5", func() { two(np.n, ss[5]) })
	try(name+"6", func() { vs(np.x, ss[5]) })
	try(name+"7", func() { vs(ss[5], np.x) })
	try(name+"8", func() { bsink = np.x == ss[5] })
	try(name+"9", func() { bsink = ss[5] == np.x })
	try(name+"10", func() { bsink = any(np.x) == any(ss[5]) })
	try(name+"11", func() { bsink = any(ss[5]) == any(np.x) })
	try(name+"12", func() { bsink = np.i == any(ss[5]) })
	try(name+"13", func() { bsink = any(ss[5]) == np.i })
	try(name+"14", func() { np.x = ss[5] })
	try(name+"15", func() { np.s[one] = ss[5] })
	try(name+"16", func() { np.m[ss[5]] = np.x })
	try(name+"17", func() { np.m[np.x] = ss[5] })
	try(name+"18", func() { isink = []any{np.x, ss[5]} })
	try(name+"19", func() { isink = []V{np.x, ss[5]} })
	try(name+"20", func() { isink = map[V]V{np.x: ss[5]} })
	try(name+"21", func() { (*nw).M(gs[5]) })
	try(name+"22", func() { sink = (*nw).M(1) + gs[5] })
	try(name+"23", func() { isink = append(np.s, ss[5]) })
	try(name+"24", func() { isink = T[V]{x: ss[5], n: np.n} })
	try(name+"25", func() { isink = isink.(V) == ss[5] })
	try(name+"26", func() { isink = ss[5] == isink.(V) })
	try(name+"27", func() { isink = np.x == isink.(V) })
	try(name+"28", func() { isink = any(np.x).(int) == gs[5] })
	try(name+"29", func() { isink = gs[5] == any(np.x).(int) })
	try(name+"30", func() {
		for _, x := range []V{ss[5], np.x} {
			_ = x
		}
	})
	try(name+"31", func() {
		switch any(np.x).(type) {
		case int:
			sink = gs[5]
		}
	})
	try(name+"32", func() { two(T[V]{x: np.x}, ss[5]) })
	try(name+"33", func() { two(T[V]{x: ss[5]}, np.x) })
	try(name+"34", func() { f := (*nw).M; sink = f(1) })
	try(name+"35", func() { two((*nw).M, gs[5]) })
	try(name+"36", func() { two(gs[5], (*nw).M) })
	try(name+"37", func() { isink = map[V]int{}[np.x] + gs[5] })
	try(name+"38", func() { isink = gs[5] + map[V]int{}[np.x] })
}

func seq(yield func(int) bool) { yield(5) }

func main() {
	run("int", 1, A{}, (*T[int])(nil), []int{}, nil)
	run("str", "", A{}, (*T[string])(nil), []string{}, nil)
	run("ptr", &zero, &A{}, (*T[*int])(nil), []*int{}, nil)
	run("struct", A{}, A{}, (*T[A])(nil), []A{}, nil)
	run("byte", byte(1), A{}, (*T[byte])(nil), []byte{}, nil)
	run("float", 1.5, A{}, (*T[float64])(nil), []float64{}, nil)
	var np *T[int]
	for i := range seq {
		try("rf", func() { sink = gs[i] + np.x })
		try("rf2", func() { sink = np.x + [1]int{gs[i]}[zero] })
		try("rf3", func() { np.s[i] = gs[i] })
	}
}
