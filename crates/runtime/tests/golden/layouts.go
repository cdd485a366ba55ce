// Prints how gc lays out a few hundred types of every kind: what stands in their descriptors, their pointer masks, their
// methods in order, and how they fare in assertions to a number of interface types. The Rust test builds the same types
// from these lines and compares. Written by: go run -ldflags=-checklinkname=0 layouts.go > layouts.txt
//
// Lines, with fields separated by tabs. Types are numbers.
//
//	T id named string pkgpath kind detail..   what the type is
//	M id name pkgpath type                    a method, in the order of the method table; type may be ? (pruned)
//	D id size align fieldalign ptrbytes tflag comparable exported mask
//	F id offset..                             offsets of a struct's fields
//	G id groupsize keysoff keystride elemsoff elemstride elemoff flags groupptrbytes groupmask
//	A id inter text                           assertion of a value of the type to the interface: ok, or the error's text
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"math/rand/v2"
	"net/url"
	"os"
	"reflect"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"text/template"
	"time"
	"unsafe"
)

type abiType struct {
	size, ptrBytes                 uintptr
	hash                           uint32
	tflag, align, fieldAlign, kind uint8
	equal                          unsafe.Pointer
	gcdata                         unsafe.Pointer
	str, ptrToThis                 int32
}

type abiMap struct {
	abiType
	key, elem, group                                             *abiType
	hasher                                                       unsafe.Pointer
	groupSize, keysOff, keyStride, elemsOff, elemStride, elemOff uintptr
	flags                                                        uint32
}

type uncommon struct {
	pkgPath        int32
	mcount, xcount uint16
	moff, _        uint32
}

type method struct{ name, mtyp, ifn, tfn int32 }

//go:linkname resolveNameOff reflect.resolveNameOff
func resolveNameOff(unsafe.Pointer, int32) unsafe.Pointer

//go:linkname resolveTypeOff reflect.resolveTypeOff
func resolveTypeOff(unsafe.Pointer, int32) unsafe.Pointer

//go:linkname getGCMask runtime.getGCMask
func getGCMask(*abiType) *byte

func descriptor(t reflect.Type) *abiType {
	return (*abiType)((*[2]unsafe.Pointer)(unsafe.Pointer(&t))[1])
}

func toType(p unsafe.Pointer) reflect.Type {
	var e any
	(*[2]unsafe.Pointer)(unsafe.Pointer(&e))[0] = p
	// A value is never looked at: TypeOf reads the first word.
	return reflect.TypeOf(e)
}

// name decodes an encoded name: flags, text and the handle of the package path.
func name(p unsafe.Pointer) (flags byte, text string, pkg int32) {
	at := func(i int) byte { return *(*byte)(unsafe.Add(p, i)) }
	varint := func(i int) (n, next int) {
		for shift := 0; ; shift += 7 {
			b := at(i)
			i++
			n |= int(b&0x7f) << shift
			if b&0x80 == 0 {
				return n, i
			}
		}
	}
	flags = at(0)
	n, i := varint(1)
	text = unsafe.String((*byte)(unsafe.Add(p, i)), n)
	i += n
	if flags&2 != 0 {
		n, i = varint(i)
		i += n
	}
	if flags&4 != 0 {
		copy((*[4]byte)(unsafe.Pointer(&pkg))[:], unsafe.Slice((*byte)(unsafe.Add(p, i)), 4))
	}
	return
}

func kindSize(k reflect.Kind) uintptr {
	switch k {
	case reflect.Array:
		return 72
	case reflect.Chan:
		return 64
	case reflect.Func, reflect.Pointer, reflect.Slice:
		return 56
	case reflect.Interface, reflect.Struct:
		return 80
	case reflect.Map:
		return 136
	}
	return 48
}

var (
	ids   = map[reflect.Type]int{}
	types []reflect.Type
	out   = bufio.NewWriter(os.Stdout)
)

func id(t reflect.Type) int {
	if n, ok := ids[t]; ok {
		return n
	}
	n := len(types)
	ids[t] = n
	types = append(types, t)
	return n
}

func idList(n int, at func(int) reflect.Type) string {
	var s []string
	for i := range n {
		s = append(s, fmt.Sprint(id(at(i))))
	}
	return strings.Join(s, ",")
}

func detail(t reflect.Type) []any {
	switch t.Kind() {
	case reflect.Array:
		return []any{t.Len(), id(t.Elem())}
	case reflect.Chan:
		return []any{int(t.ChanDir()), id(t.Elem())}
	case reflect.Func:
		return []any{t.IsVariadic(), idList(t.NumIn(), t.In), idList(t.NumOut(), t.Out)}
	case reflect.Interface:
		var d []any
		for i := range t.NumMethod() {
			m := t.Method(i)
			d = append(d, m.Name, m.PkgPath, id(m.Type))
		}
		return d
	case reflect.Map:
		return []any{id(t.Key()), id(t.Elem())}
	case reflect.Pointer, reflect.Slice:
		return []any{id(t.Elem())}
	case reflect.Struct:
		var d []any
		for i := range t.NumField() {
			f := t.Field(i)
			d = append(d, f.Name, f.PkgPath, f.Anonymous, id(f.Type), string(f.Tag))
		}
		return d
	}
	return nil
}

func mask(d *abiType) string {
	if d.ptrBytes == 0 {
		return "-"
	}
	bits := unsafe.Slice(getGCMask(d), (d.ptrBytes/8+7)/8)
	if len(bits) <= 64 {
		return fmt.Sprintf("%x", bits)
	}
	h := fnv.New64a()
	h.Write(bits)
	return fmt.Sprintf("fnv%016x", h.Sum64())
}

func line(parts ...any) {
	for i, p := range parts {
		if i > 0 {
			out.WriteByte('\t')
		}
		fmt.Fprint(out, p)
	}
	out.WriteByte('\n')
}

func dump(t reflect.Type) {
	d := descriptor(t)
	n := id(t)
	named := d.tflag&4 != 0
	if named && t.PkgPath() != "" || hasEmbedded(t) {
		id(reflect.PointerTo(t))
	}
	line(append([]any{"T", n, named, t.String(), t.PkgPath(), uint(t.Kind())}, detail(t)...)...)
	if d.tflag&1 != 0 {
		u := (*uncommon)(unsafe.Add(unsafe.Pointer(d), kindSize(t.Kind())))
		for _, m := range unsafe.Slice((*method)(unsafe.Add(unsafe.Pointer(u), u.moff)), u.mcount) {
			flags, text, pkg := name(resolveNameOff(unsafe.Pointer(d), m.name))
			path := ""
			if flags&1 == 0 {
				off := u.pkgPath
				if pkg != 0 {
					off = pkg
				}
				_, path, _ = name(resolveNameOff(unsafe.Pointer(d), off))
			}
			typ := "?"
			if m.mtyp > 0 {
				typ = fmt.Sprint(id(toType(resolveTypeOff(unsafe.Pointer(d), m.mtyp))))
			}
			line("M", n, text, path, typ)
		}
	}
	flags, _, _ := name(resolveNameOff(unsafe.Pointer(d), d.str))
	line("D", n, d.size, d.align, d.fieldAlign, d.ptrBytes, d.tflag, d.equal != nil, flags&1, mask(d))
	if t.Kind() == reflect.Struct {
		p := []any{"F", n}
		for i := range t.NumField() {
			p = append(p, t.Field(i).Offset)
		}
		line(p...)
	}
	if t.Kind() == reflect.Map {
		m := (*abiMap)(unsafe.Pointer(d))
		line("G", n, m.groupSize, m.keysOff, m.keyStride, m.elemsOff, m.elemStride, m.elemOff, m.flags,
			m.group.ptrBytes, mask(m.group))
	}
}

func hasEmbedded(t reflect.Type) bool {
	if t.Kind() != reflect.Struct || t.Name() != "" {
		return false
	}
	for i := range t.NumField() {
		if t.Field(i).Anonymous {
			return true
		}
	}
	return false
}

func main() {
	for _, v := range values() {
		id(reflect.TypeOf(v).Elem())
	}
	inters, targets := assertions()
	for _, t := range inters {
		id(t)
	}
	for i := 0; i < len(types); i++ {
		dump(types[i])
	}
	for n, t := range types {
		if t.Kind() == reflect.Interface || t.Size() > 1<<20 || n > 450 {
			continue
		}
		v := reflect.Zero(t).Interface()
		for i, inter := range inters {
			result := targets[i](v)
			if result == "ok" || t.NumMethod() > 0 || n%64 == 0 {
				line("A", n, id(inter), result)
			}
		}
	}
	out.Flush()
}

// to makes the assertion of a value to I.
func to[I any]() (reflect.Type, func(any) string) {
	return reflect.TypeFor[I](), func(v any) (result string) {
		defer func() {
			if e := recover(); e != nil {
				result = e.(error).Error()
			}
		}()
		_ = v.(I)
		return "ok"
	}
}

func assertions() (inters []reflect.Type, targets []func(any) string) {
	add := func(t reflect.Type, f func(any) string) {
		inters = append(inters, t)
		targets = append(targets, f)
	}
	add(to[error]())
	add(to[fmt.Stringer]())
	add(to[io.Reader]())
	add(to[io.ReadWriter]())
	add(to[io.ReadWriteCloser]())
	add(to[Shape]())
	add(to[hidden]())
	add(to[mixed]())
	add(to[interface{ V() }]())
	add(to[interface{ P() }]())
	add(to[interface {
		V()
		W(int) string
	}]())
	add(to[interface {
		V()
		W(int) int
	}]())
	add(to[interface {
		Unwrap() error
		error
	}]())
	add(to[json.Marshaler]())
	add(to[interface {
		json.Marshaler
		json.Unmarshaler
	}]())
	add(to[interface {
		Lock()
		Unlock()
	}]())
	add(to[interface{ Get() int }]())
	add(to[interface{ Get() string }]())
	return
}

// ---- the types

type (
	Bool       bool
	Int        int
	Int8       int8
	Int16      int16
	Int32      int32
	Int64      int64
	Uint       uint
	Uint8      uint8
	Uint16     uint16
	Uint32     uint32
	Uint64     uint64
	Uintptr    uintptr
	Float32    float32
	Float64    float64
	Complex64  complex64
	Complex128 complex128
	String     string
	UPtr       unsafe.Pointer
	Array      [3]int16
	Chan       chan int
	RecvChan   <-chan chan<- int
	Func       func(int, ...string) (bool, error)
	Inter      interface {
		M()
		N(int) string
	}
	AnyType interface{}
	Map     map[string][]int
	Ptr     *Ptr
	PtrInt  *int
	Slice   []Slice
	Struct  struct{ A, b int }
	lower   struct{ lower *lower }
	MapRec  map[string]MapRec
	FuncRec func(FuncRec) FuncRec
	ChanRec chan ChanRec
	Mutual1 struct {
		next *Mutual2
		all  []Mutual1
	}
	Mutual2 struct {
		back Mutual1
		by   map[Key]Mutual1
		arr  [2]Mutual1
	}
	Key struct {
		a int32
		s string
		f float32
	}
)

type Shape interface {
	Area() float64
	Perimeter() float64
}

type hidden interface{ secret() }

type mixed interface {
	Zeta()
	Alpha()
	zeta()
	alpha() int
}

type V struct{ x int }

func (V) V()              {}
func (V) W(int) string    { return "" }
func (*V) P()             {}
func (V) secret()         {}
func (*V) secretPointer() {}

type M struct{}

func (M) Zeta()      {}
func (M) Alpha()     {}
func (M) zeta()      {}
func (M) alpha() int { return 0 }

type EmbedV struct {
	V
	n int
}
type EmbedPV struct{ *V }
type EmbedBoth struct {
	EmbedV
	M
}
type EmbedI struct {
	Shape
	hidden
}
type Circle struct{ r float64 }

func (c Circle) Area() float64       { return c.r }
func (c *Circle) Perimeter() float64 { return c.r }

type Square float64

func (Square) Area() float64      { return 0 }
func (Square) Perimeter() float64 { return 0 }

type FuncM func()

func (FuncM) V() {}

type MapM map[int]int

func (MapM) Get() int { return 0 }

type Ch chan int

func (Ch) V() {}

type G[T any] struct {
	v    T
	next *G[T]
}

func (g G[T]) Get() T   { return g.v }
func (g *G[T]) Set(v T) { g.v = v }

type Pair[A, B any] struct {
	A A
	B B
}

func (Pair[A, B]) V() {}

type Direct struct{ p *int }

func (Direct) V() {}

type Err struct{ err error }

func (Err) Error() string   { return "" }
func (e Err) Unwrap() error { return e.err }

type (
	S0 struct{}
	S1 struct{ a int8 }
	S2 struct {
		a int8
		b int16
	}
	S3 struct {
		a int8
		b int64
		c int8
	}
	S4 struct {
		a int32
		b struct{}
	}
	S5 struct {
		_ struct{}
		p *int
	}
	S6 struct {
		a [0]func()
		p *int
	}
	S7 struct{ _ *int }
	S8 struct{ _ int }
	S9 struct {
		p *int
		_ struct{}
	}
	S10 struct{ f float64 }
	S11 struct {
		f float32
		g float32
	}
	S12 struct{ s string }
	S13 struct {
		a int
		_ int
		b int
	}
	S14 struct {
		a byte
		p *byte
		b byte
	}
	S15 struct {
		i any
		j error
	}
	S16 struct{ f func() }
	S17 struct {
		a [4]byte
		b uint32
	}
	S18 struct {
		c complex64
		d complex128
	}
	S19 struct {
		a [3]struct {
			s string
			n int
		}
	}
	S20 struct{ m map[int]int }
	S21 struct{ a, b, c, d, e, f, g, h, i uint8 }
	S22 struct{ u uintptr }
	S23 struct{ a [1]*int }
	S24 struct {
		a [2]*int
		b [0]int
	}
	S25 struct {
		A int    `json:"a"`
		B string `xml:"b" json:"-"`
		c bool   `x:"\n\"q\""`
	}
	S26 struct {
		big [200]*int
		n   int
	}
	S27 struct {
		n   int
		big [128]*int
	}
	S28 struct {
		n   int
		p   *int
		big [4096]byte
	}
	S29 struct{ a [3]S28 }
	S30 struct {
		a [40]struct {
			s       string
			n, m, k int
		}
	}
	S31 struct {
		*V
		Int
		string
	}
	S32 struct {
		a [0]int64
		b int8
	}
	S33 struct {
		b int8
		a [0]int64
	}
	S34 struct {
		ch <-chan int
		f  func()
		m  map[string]int
	}
	S35 struct {
		b   bool
		i16 int16
		b2  bool
		i32 int32
		b3  bool
		i64 int64
		b4  bool
		s   string
		b5  bool
		e   any
	}
)

func values() []any {
	type local struct{ a int }
	v := []any{
		new(bool), new(int), new(int8), new(int16), new(int32), new(int64), new(uint), new(uint8), new(uint16), new(uint32),
		new(uint64), new(uintptr), new(float32), new(float64), new(complex64), new(complex128), new(string), new(unsafe.Pointer),
		new(any), new(error), new(Bool), new(Int), new(Int8), new(Int16), new(Int32), new(Int64), new(Uint), new(Uint8),
		new(Uint16), new(Uint32), new(Uint64), new(Uintptr), new(Float32), new(Float64), new(Complex64), new(Complex128),
		new(String), new(UPtr), new(Array), new(Chan), new(RecvChan), new(Func), new(Inter), new(AnyType), new(Map), new(Ptr),
		new(PtrInt), new(Slice), new(Struct), new(lower), new(MapRec), new(FuncRec), new(ChanRec), new(Mutual1), new(Mutual2),
		new(Shape), new(hidden), new(mixed), new(V), new(M), new(EmbedV), new(EmbedPV), new(EmbedBoth), new(EmbedI),
		new(Circle), new(Square), new(FuncM), new(MapM), new(Ch), new(G[int]), new(G[string]), new(G[G[V]]),
		new(Pair[int, string]), new(Pair[V, *M]), new(Pair[struct{ X int }, func(int) any]), new(Direct), new(Err), new(local),
		new(S0), new(S1), new(S2), new(S3), new(S4), new(S5), new(S6), new(S7), new(S8), new(S9), new(S10), new(S11), new(S12),
		new(S13), new(S14), new(S15), new(S16), new(S17), new(S18), new(S19), new(S20), new(S21), new(S22), new(S23), new(S24),
		new(S25), new(S26), new(S27), new(S28), new(S29), new(S30), new(S31), new(S32), new(S33), new(S34), new(S35),
		new([0]int), new([1]int), new([2]int), new([3]byte), new([16]byte), new([1]*int), new([128]*int), new([129]*int),
		new([0]*int), new([1]string), new([2]string), new([3]float64), new([1]float64), new([0]float64), new([2]any), new([1]error),
		new([7][5]S14), new([1000]S15), new([64]S29), new([2]func()), new([0]func()), new([1]map[int]int), new([5]struct{}),
		new([1 << 16]struct {
			p *int
			n [7]int
		}), new([300]string), new([100]any),
		new(chan int), new(chan (<-chan int)), new(chan<- (chan int)), new(<-chan chan<- int), new(chan<- <-chan int), new(chan struct{}),
		new(chan func(chan int)),
		new(func()), new(func(int)), new(func() int), new(func(...int)), new(func(int, ...any) (int, error)),
		new(func(func(int) string, []int) func()), new(func(a, b V) (c struct{ X int })), new(func(interface{ M() }) map[V]int),
		new(interface{ M() }), new(interface{ m() }), new(interface {
			M()
			m()
			A(int)
		}), new(interface {
			error
			fmt.Stringer
		}),
		new(interface {
			b()
			a()
			B()
			A()
		}),
		new(map[int]int), new(map[string]string), new(map[int8]int8), new(map[int8]int64), new(map[int64]int8), new(map[bool]struct{}),
		new(map[struct{}]struct{}), new(map[any]any), new(map[error]int), new(map[float64]int), new(map[complex64]int), new(map[[2]string]int),
		new(map[S14]S14), new(map[Key]*Key), new(map[[128]byte]int), new(map[[129]byte]int), new(map[int][128]byte), new(map[int][129]byte),
		new(map[[200]byte][200]*int), new(map[*int][]string), new(map[chan int]func()), new(map[struct {
			a int
			b any
		}]int), new(map[V]map[V]V),
		new(map[uint32]bool), new(map[struct {
			a int32
			_ int32
		}]int), new(map[[0]float64]int), new(map[[1]float64]int), new(map[unsafe.Pointer]uint16),
		new(struct{}), new(struct{ V }), new(struct{ *V }), new(struct {
			*V
			n int
		}), new(struct{ Shape }), new(struct {
			hidden
			x int
		}),
		new(struct{ x int }), new(struct{ X int }), new(struct {
			X int "tag"
		}), new(struct {
			X int `k:"v"`
		}), new(struct{ EmbedBoth }),
		new(struct {
			fmt.Stringer
			error
		}), new(struct {
			_ int
			a string
		}), new(struct{ a, b, c *int }), new(struct{ G[int] }),
		new(struct{ a struct{ b struct{ c *int } } }), new(struct{ ä, 世 int }), new(struct{ Ä int }),
		new([]int), new([]any), new([][]string), new([]struct{ X int }), new([]func()), new(**int), new(***V), new(*func()), new(*[]int), new(*any),
		new(*struct{ V }), new(*[4]int), new(*chan int), new(*map[int]int),
		new(time.Time), new(time.Timer), new(os.File), new(bytes.Buffer), new(regexp.Regexp), new(json.Decoder), new(sync.Map), new(template.Template),
		new(url.URL), new(rand.Rand), new(reflect.Value), new(reflect.Type), new(strings.Builder), new(bufio.ReadWriter), new(io.ReadWriteCloser),
		new(atomic.Pointer[V]), new(atomic.Int64), new(sync.Pool), new(os.PathError), new(sync.Mutex), new(*sync.RWMutex), new(sync.Once),
	}
	v = append(v, otherLocal(), errors.ErrUnsupported != nil && false)
	return v[:len(v)-1]
}

func otherLocal() any {
	type local struct{ a int }
	return new(local)
}
