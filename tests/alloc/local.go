// Objects that are allocated where nothing is kept. What Go's own compiler needs is the most that is allowed.
package main

import "runtime"

const rounds = 1000

// count prints how many objects a call of f allocates.
func count(name string, f func()) {
	f()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for i := 0; i < rounds; i++ {
		f()
	}
	runtime.ReadMemStats(&after)
	println(name+":", (after.Mallocs-before.Mallocs+rounds/2)/rounds)
}

type Pair struct{ a, b int }

func (p Pair) M() int   { return p.a + p.b }
func (p *Pair) PM() int { return p.a - p.b }

type Celsius float64

func (c Celsius) String() string { return "warm" }

type M interface{ M() int }
type PM interface{ PM() int }
type Both interface {
	M
	PM
}
type Stringer interface{ String() string }

var (
	isink      int
	bsink      bool
	sink       any
	ssink      string
	large           = 1 << 30
	str             = "some text that is long enough"
	bytes           = []byte("some text that is long enough")
	pair            = Pair{1, 2}
	boxedInt   any  = 1 << 30
	boxedPair  any  = Pair{1, 2}
	boxedText  any  = "some text that is long enough"
	method     M    = Pair{1, 2}
	both       Both = &Pair{1, 2}
	table           = map[string]int{"some text that is long enough": 1}
	anyTable        = map[any]int{1 << 30: 1, "key": 2, Pair{1, 2}: 3}
	arrayTable      = map[[2]string]int{{"some text that is long enough", "x"}: 1}
	words           = []string{"a", "b", "c"}
	values          = []any{1 << 30, "x", Pair{1, 2}}
)

//go:noinline
func last(args ...any) int {
	return len(args)
}

//go:noinline
func lastInt(args ...int) int { return len(args) }

//go:noinline
func typeOf(v any) int {
	switch v := v.(type) {
	case int:
		return v
	case string:
		return len(v)
	case Pair:
		return v.a
	case Stringer:
		return len(v.String())
	case nil:
		return 0
	}
	return -1
}

//go:noinline
func call(f func() int) int { return f() }

//go:noinline
func callM(m M) int { return m.M() }

//go:noinline
func each(f func(int)) {
	for i := 0; i < 3; i++ {
		f(i)
	}
}

func sum(m M, n M) int { return m.M() + n.M() }

func main() {
	count("any == concrete int", func() { bsink = boxedInt == large })
	count("any == concrete string", func() { bsink = boxedText == str })
	count("any == concrete struct", func() { bsink = boxedPair == pair })
	count("any == any", func() { bsink = boxedInt == boxedText })
	count("method interface == concrete", func() { bsink = method == pair })
	count("assertion to int", func() { isink = boxedInt.(int) })
	count("assertion to struct", func() { p := boxedPair.(Pair); isink = p.a })
	count("assertion to interface", func() { isink = boxedPair.(M).M() })
	count("assertion that fails", func() { _, bsink = boxedInt.(M) })
	count("type switch", func() { isink = typeOf(boxedInt) + typeOf(boxedText) + typeOf(boxedPair) })
	count("int into parameter of a switch", func() { isink = typeOf(large) })
	count("string into parameter of a switch", func() { isink = typeOf(str) })
	count("struct into parameter of a switch", func() { isink = typeOf(pair) })
	count("float into parameter of a switch", func() { isink = typeOf(Celsius(large)) })
	count("constant struct kept", func() { sink = Pair{3, 4} })
	count("variadic any without arguments", func() { isink = last() })
	count("variadic any", func() { isink = last(large, str, pair) })
	count("variadic any of constants", func() { isink = last(1, "x", 2.5, nil) })
	count("variadic any passed on", func() { isink = last(values...) })
	count("variadic int", func() { isink = lastInt(1, 2, large) })
	count("interface of a local called", func() { var m M = pair; isink = m.M() })
	count("interface of a pointer called", func() { p := Pair{large, 2}; var m PM = &p; isink = m.PM() })
	count("interface of a local passed", func() { isink = callM(Pair{large, 2}) })
	count("interfaces through an inlined function", func() { isink = sum(pair, Pair{large, 3}) })
	count("interface to interface", func() { var m M = both; isink = m.M() })
	count("interface to any and back", func() { var v any = both; isink = v.(Both).PM() })
	count("method value of struct called", func() { f := pair.M; isink = f() })
	count("method value of interface called", func() { f := method.M; isink = f() })
	count("method value of struct passed", func() { isink = call(pair.M) })
	count("method value of pointer passed", func() { isink = call((&pair).PM) })
	count("method value of interface passed", func() { isink = call(method.M) })
	count("method expression called", func() { f := Pair.M; isink = f(pair) })
	count("closure called", func() { n := large; f := func() int { n++; return n }; isink = f() })
	count("closure of a value passed", func() { n := large; isink = call(func() int { return n }) })
	count("closure of a variable passed", func() { n := 0; each(func(i int) { n += i }); isink = n })
	count("closure deferred", func() { defer func() { isink++ }() })
	count("closure deferred with captures", func() { n := large; defer func() { isink += n }() })
	count("method deferred through interface", func() { defer method.M() })
	count("recover of an int", func() { defer func() { recover() }(); panic(1) })
	count("address of a local", func() { n := large; p := &n; *p++; isink = n })
	count("new struct", func() { p := new(Pair); p.a = large; isink = p.M() })
	count("address of a literal", func() { p := &Pair{large, 1}; isink = p.PM() })
	count("local array sliced", func() { var a [10]int; s := a[:large>>29]; isink = len(s) })
	count("make of constant size", func() { s := make([]int, 10); s[3] = large; isink = s[3] })
	count("slice literal", func() { s := []int{1, 2, large}; isink = s[2] })
	count("append to a local of constant size", func() { s := make([]int, 0, 4); s = append(s, large); isink = s[0] })
	count("map lookup by bytes", func() { isink = table[string(bytes)] })
	count("map lookup by array of bytes", func() { isink = arrayTable[[2]string{string(bytes), "x"}] })
	count("map lookup by any int", func() { isink = anyTable[large] })
	count("map lookup by any string", func() { isink = anyTable[str] })
	count("map lookup by any struct", func() { isink = anyTable[pair] })
	count("comparison of bytes as string", func() { bsink = string(bytes) == str })
	count("switch on bytes as string", func() {
		switch string(bytes) {
		case "a", "b":
			isink = 1
		default:
			isink = 2
		}
	})
	count("range over bytes of a string", func() {
		for _, b := range []byte(str) {
			isink += int(b)
		}
	})
	count("concatenation compared", func() { bsink = str+"x" == "y" })
	count("concatenation kept", func() { ssink = str + "x" })
	count("string of bytes kept", func() { ssink = string(bytes) })
	count("string of short bytes local", func() { s := string(bytes[:3]); bsink = s < "x" })
	count("string of a byte", func() { ssink = string(bytes[:1]) })
	count("string of a rune", func() { s := string(rune(large & 0x7f)); bsink = s == "a" })
	count("map of local", func() { m := map[int]int{}; m[1] = 2; isink = m[1] })
	count("range over func", func() {
		for i := range func(yield func(int) bool) { _ = yield(1) && yield(2) } {
			isink += i
		}
	})
	count("goroutine", func() { done := make(chan int); go func() { done <- 1 }(); isink = <-done })
	count("select with default", func() {
		select {
		case <-unready:
		default:
		}
	})
	count("channel of interfaces", func() { queue <- boxedPair; bsink = (<-queue) == boxedPair })
	count("append of interfaces", func() { values = append(values[:0], boxedInt, boxedText, boxedPair) })
	count("copy of strings", func() { copy(words, words[1:]) })
}

var unready chan int
var queue = make(chan any, 1)
