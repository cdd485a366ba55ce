// run

// Objects that a conversion to an interface allocates when the interface is kept: the counts of Go, exactly.
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
type Wrapped struct{ p *int }
type Padded struct {
	_ struct{}
	p *int
}
type Trailing struct {
	p *int
	_ struct{}
}
type Empty struct{}
type One struct{ v int64 }
type Flag struct{ b bool }
type Text struct{ s string }
type F32 struct{ f float32 }
type Two struct{ a, b byte }
type Big [200]int

func (p Pair) M() int     { return p.a }
func (w *Wrapped) M() int { return *w.p }
func (e Empty) M() int    { return 1 }
func (o One) M() int      { return int(o.v) }

type M interface{ M() int }
type N interface {
	M
}

var (
	sink  any
	msink M
	nsink N
	fsink func() int

	small, large  = 255, 256
	neg           = -1
	i8, u8        = int8(-1), uint8(200)
	i16, i32, u64 = int16(300), int32(70000), uint64(1) << 40
	f64, fzero    = 1.5, 0.0
	f32           = float32(1.5)
	c64, c128     = complex64(1i), complex128(1i)
	str, empty    = "text", ""
	bytes, none   = []byte("x"), []byte(nil)
	emptySlice    = []byte{}
	x             = 7
	ptr           = &x
	mp            = map[int]int{}
	ch            = make(chan int)
	fn            = func() int { return x }
	arr0          [0]int
	arr1          = [1]int{1000}
	arr1p         = [1]*int{ptr}
	pair, zpair   = Pair{1, 2}, Pair{}
	one, onezero  = One{300}, One{3}
	wrapped       = Wrapped{ptr}
	padded        = Padded{p: ptr}
	trailing      = Trailing{p: ptr}
	flag          = Flag{true}
	text, notext  = Text{"text"}, Text{""}
	two           = Two{1, 2}
	sf32          = F32{0}
	big           Big
	boxed         any = 1000
	method        M   = One{1000}
)

func main() {
	count("int 255", func() { sink = small })
	count("int 256", func() { sink = large })
	count("int -1", func() { sink = neg })
	count("int8", func() { sink = i8 })
	count("uint8", func() { sink = u8 })
	count("int16 300", func() { sink = i16 })
	count("int32 70000", func() { sink = i32 })
	count("uint64", func() { sink = u64 })
	count("float64", func() { sink = f64 })
	count("float64 0", func() { sink = fzero })
	count("float32", func() { sink = f32 })
	count("complex64", func() { sink = c64 })
	count("complex128", func() { sink = c128 })
	count("bool", func() { sink = x == 7 })
	count("string", func() { sink = str })
	count("string empty", func() { sink = empty })
	count("slice", func() { sink = bytes })
	count("slice nil", func() { sink = none })
	count("slice empty", func() { sink = emptySlice })
	count("constant int", func() { sink = 123456 })
	count("constant string", func() { sink = "constant" })
	count("pointer", func() { sink = ptr })
	count("map", func() { sink = mp })
	count("chan", func() { sink = ch })
	count("func", func() { sink = fn })
	count("[0]int", func() { sink = arr0 })
	count("[1]int 1000", func() { sink = arr1 })
	count("[1]*int", func() { sink = arr1p })
	count("struct", func() { sink = pair })
	count("struct zero variable", func() { sink = zpair })
	count("struct zero literal", func() { sink = Pair{} })
	count("struct of int 300", func() { sink = one })
	count("struct of int 3", func() { sink = onezero })
	count("struct of pointer", func() { sink = wrapped })
	count("struct of nothing and pointer", func() { sink = padded })
	count("struct of pointer and nothing", func() { sink = trailing })
	count("struct of bool", func() { sink = flag })
	count("struct of string", func() { sink = text })
	count("struct of empty string", func() { sink = notext })
	count("struct of two bytes", func() { sink = two })
	count("struct of float32 0", func() { sink = sf32 })
	count("struct empty", func() { sink = Empty{} })
	count("array of 1600 bytes", func() { sink = big })
	count("struct to method interface", func() { msink = pair })
	count("struct of int 3 to method interface", func() { msink = onezero })
	count("pointer to method interface", func() { msink = &wrapped })
	count("struct empty to method interface", func() { msink = Empty{} })
	count("any to any", func() { sink = boxed })
	count("method interface to any", func() { sink = method })
	count("method interface to another", func() { nsink = method.(N) })
	sink = pair
	count("any to method interface", func() { msink = sink.(M) })
	count("method value of struct kept", func() { fsink = pair.M })
	count("method value of pointer kept", func() { fsink = (&wrapped).M })
	count("method value of interface kept", func() { fsink = method.M })
	count("method expression kept", func() { sink = Pair.M })
	count("closure without captures kept", func() { fsink = func() int { return 1 } })
	count("closure of a value kept", func() { v := small; fsink = func() int { return v } })
	count("closure of a variable kept", func() { v := small; fsink = func() int { v++; return v } })
	count("new int kept", func() { sink = new(int) })
}
