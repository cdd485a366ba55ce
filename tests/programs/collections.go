// collections is a small library of generic containers (deque, set, ordered map as a skip list, heap, ring, trie, graph
// of lazy sequences) with iterators, functional options and constraints, used by a few dozen checks.
package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"maps"
	"math/rand/v2"
	"slices"
	"sort"
	"strings"
)

// Deque is a ring buffer that grows.
type Deque[T any] struct {
	buf     []T
	head, n int
}

func (d *Deque[T]) grow() {
	if d.n < len(d.buf) {
		return
	}
	buf := make([]T, max(4, 2*len(d.buf)))
	k := copy(buf, d.buf[d.head:])
	copy(buf[k:], d.buf[:d.head])
	d.buf, d.head = buf, 0
}

func (d *Deque[T]) at(i int) *T { return &d.buf[(d.head+i)%len(d.buf)] }

func (d *Deque[T]) PushBack(v T) {
	d.grow()
	d.n++
	*d.at(d.n - 1) = v
}

func (d *Deque[T]) PushFront(v T) {
	d.grow()
	d.head = (d.head + len(d.buf) - 1) % len(d.buf)
	d.n++
	*d.at(0) = v
}

var ErrEmpty = errors.New("deque is empty")

func (d *Deque[T]) PopFront() (v T, err error) {
	if d.n == 0 {
		return v, ErrEmpty
	}
	p := d.at(0)
	v, *p = *p, v
	d.head, d.n = (d.head+1)%len(d.buf), d.n-1
	return v, nil
}

func (d *Deque[T]) All() iter.Seq2[int, T] {
	return func(yield func(int, T) bool) {
		for i := range d.n {
			if !yield(i, *d.at(i)) {
				return
			}
		}
	}
}

// Set is a set with algebra.
type Set[T comparable] map[T]struct{}

func SetOf[T comparable](vs ...T) Set[T] { return Collect(slices.Values(vs)) }

func Collect[T comparable](seq iter.Seq[T]) Set[T] {
	s := Set[T]{}
	for v := range seq {
		s[v] = struct{}{}
	}
	return s
}

func (s Set[T]) Has(v T) bool { _, ok := s[v]; return ok }

func (s Set[T]) Union(t Set[T]) Set[T] {
	u := maps.Clone(s)
	maps.Copy(u, t)
	return u
}

func (s Set[T]) Minus(t Set[T]) Set[T] {
	return Collect(Filter(maps.Keys(s), func(v T) bool { return !t.Has(v) }))
}

func (s Set[T]) And(t Set[T]) Set[T] { return Collect(Filter(maps.Keys(s), t.Has)) }

func Ordered[T cmp.Ordered](s Set[T]) []T { return slices.Sorted(maps.Keys(s)) }

// Lazy sequences.

func Filter[T any](seq iter.Seq[T], keep func(T) bool) iter.Seq[T] {
	return func(yield func(T) bool) {
		for v := range seq {
			if keep(v) && !yield(v) {
				return
			}
		}
	}
}

func Map[T, U any](seq iter.Seq[T], f func(T) U) iter.Seq[U] {
	return func(yield func(U) bool) {
		seq(func(v T) bool { return yield(f(v)) })
	}
}

func Take[T any](seq iter.Seq[T], n int) iter.Seq[T] {
	return func(yield func(T) bool) {
		if n <= 0 {
			return
		}
		i := 0
		for v := range seq {
			if i++; !yield(v) || i == n {
				return
			}
		}
	}
}

func Zip[A, B any](a iter.Seq[A], b iter.Seq[B]) iter.Seq2[A, B] {
	return func(yield func(A, B) bool) {
		next, stop := iter.Pull(b)
		defer stop()
		for x := range a {
			y, ok := next()
			if !ok || !yield(x, y) {
				return
			}
		}
	}
}

func Reduce[T, A any](seq iter.Seq[T], acc A, f func(A, T) A) A {
	for v := range seq {
		acc = f(acc, v)
	}
	return acc
}

func GroupBy[T any, K comparable](seq iter.Seq[T], key func(T) K) map[K][]T {
	m := make(map[K][]T)
	for v := range seq {
		k := key(v)
		m[k] = append(m[k], v)
	}
	return m
}

type Integer interface {
	~int | ~int8 | ~int16 | ~int32 | ~int64 | ~uint | ~uint8 | ~uint16 | ~uint32 | ~uint64
}

func Naturals[I Integer]() iter.Seq[I] {
	return func(yield func(I) bool) {
		for i := I(0); yield(i); i++ {
		}
	}
}

func Primes() iter.Seq[int] {
	return func(yield func(int) bool) {
		var known []int
		for n := range Naturals[int]() {
			if n < 2 || slices.ContainsFunc(known, func(p int) bool { return p*p <= n && n%p == 0 }) {
				continue
			}
			known = append(known, n)
			if !yield(n) {
				return
			}
		}
	}
}

// SkipList is an ordered map.
type SkipList[K, V any] struct {
	compare func(a, b K) int
	head    *skipNode[K, V]
	rng     *rand.Rand
	n       int
}

type skipNode[K, V any] struct {
	key   K
	value V
	next  []*skipNode[K, V]
}

const maxLevel = 12

func NewSkipList[K, V any](compare func(a, b K) int) *SkipList[K, V] {
	return &SkipList[K, V]{compare, &skipNode[K, V]{next: make([]*skipNode[K, V], maxLevel)}, rand.New(rand.NewPCG(1, 2)), 0}
}

func (l *SkipList[K, V]) before(k K) (path [maxLevel]*skipNode[K, V]) {
	n := l.head
	for i := maxLevel - 1; i >= 0; i-- {
		for n.next[i] != nil && l.compare(n.next[i].key, k) < 0 {
			n = n.next[i]
		}
		path[i] = n
	}
	return path
}

func (l *SkipList[K, V]) Set(k K, v V) {
	path := l.before(k)
	if n := path[0].next[0]; n != nil && l.compare(n.key, k) == 0 {
		n.value = v
		return
	}
	level := 1
	for level < maxLevel && l.rng.IntN(3) == 0 {
		level++
	}
	n := &skipNode[K, V]{k, v, make([]*skipNode[K, V], level)}
	for i := range n.next {
		n.next[i], path[i].next[i] = path[i].next[i], n
	}
	l.n++
}

func (l *SkipList[K, V]) Delete(k K) bool {
	path := l.before(k)
	n := path[0].next[0]
	if n == nil || l.compare(n.key, k) != 0 {
		return false
	}
	for i := range n.next {
		path[i].next[i] = n.next[i]
	}
	l.n--
	return true
}

func (l *SkipList[K, V]) From(k K) iter.Seq2[K, V] {
	return func(yield func(K, V) bool) {
		for n := l.before(k)[0].next[0]; n != nil && yield(n.key, n.value); n = n.next[0] {
		}
	}
}

// Heap is a binary heap by a method of its elements.
type Lesser[T any] interface{ Less(T) bool }

type Heap[T Lesser[T]] []T

func (h *Heap[T]) Push(v T) {
	*h = append(*h, v)
	s := *h
	for i := len(s) - 1; i > 0 && s[i].Less(s[(i-1)/2]); i = (i - 1) / 2 {
		s[i], s[(i-1)/2] = s[(i-1)/2], s[i]
	}
}

func (h *Heap[T]) Pop() T {
	s := *h
	top, last := s[0], len(s)-1
	s[0], s[last] = s[last], *new(T)
	s = s[:last]
	*h = s
	for i := 0; ; {
		c := 2*i + 1
		if c >= last {
			return top
		}
		if c+1 < last && s[c+1].Less(s[c]) {
			c++
		}
		if !s[c].Less(s[i]) {
			return top
		}
		s[i], s[c] = s[c], s[i]
		i = c
	}
}

type Task struct {
	Priority int
	Name     string
}

func (t *Task) Less(u *Task) bool {
	return t.Priority > u.Priority || t.Priority == u.Priority && t.Name < u.Name
}

// Option is a value or nothing; it knows JSON.
type Option[T any] struct{ p *T }

func Some[T any](v T) Option[T] { return Option[T]{&v} }
func None[T any]() Option[T]    { return Option[T]{} }

func (o Option[T]) Or(v T) T {
	if o.p != nil {
		return *o.p
	}
	return v
}
func (o Option[T]) String() string {
	if o.p == nil {
		return fmt.Sprintf("None[%T]", *new(T))
	}
	return fmt.Sprintf("Some(%v)", *o.p)
}
func (o Option[T]) MarshalJSON() ([]byte, error)     { return json.Marshal(o.p) }
func (o *Option[T]) UnmarshalJSON(text []byte) error { return json.Unmarshal(text, &o.p) }

// Pair, Either and a memo table.
type Pair[A, B any] struct {
	First  A
	Second B
}

func (p Pair[A, B]) Swap() Pair[B, A] { return Pair[B, A]{p.Second, p.First} }

func Memo[K comparable, V any](f func(self func(K) V, k K) V) func(K) V {
	known := map[K]V{}
	var self func(K) V
	self = func(k K) V {
		v, ok := known[k]
		if !ok {
			v = f(self, k)
			known[k] = v
		}
		return v
	}
	return self
}

type Tree[K cmp.Ordered] struct {
	left, right *Tree[K]
	key         K
}

func (t *Tree[K]) Insert(k K) *Tree[K] {
	switch {
	case t == nil:
		return &Tree[K]{key: k}
	case k < t.key:
		t.left = t.left.Insert(k)
	case k > t.key:
		t.right = t.right.Insert(k)
	}
	return t
}

func (t *Tree[K]) All() iter.Seq[K] {
	return func(yield func(K) bool) { t.push(yield) }
}

func (t *Tree[K]) push(yield func(K) bool) bool {
	return t == nil || t.left.push(yield) && yield(t.key) && t.right.push(yield)
}

func Sum[S ~[]E, E Integer | ~float64 | ~string](s S) (t E) {
	for _, v := range s {
		t += v
	}
	return t
}

type Celsius float64
type Temps []Celsius

func main() {
	var d Deque[string]
	for i, w := range strings.Fields("the quick brown fox jumps over the lazy dog") {
		if i%2 == 0 {
			d.PushBack(w)
		} else {
			d.PushFront(w)
		}
	}
	for i, w := range d.All() {
		if i == 7 {
			break
		}
		fmt.Print(i, w, " ")
	}
	for v, err := d.PopFront(); err == nil; v, err = d.PopFront() {
		fmt.Print(v[:1])
	}
	_, err := d.PopFront()
	fmt.Println("", err, d.n, len(d.buf))

	a, b := SetOf(1, 2, 3, 5, 8, 13), SetOf(2, 3, 5, 7, 11, 13)
	fmt.Println(Ordered(a.Union(b)), Ordered(a.Minus(b)), Ordered(a.And(b)), a.Has(8), len(SetOf[any](1, "1", 1.0, 1, [1]int{1})))

	squares := Map(Filter(Naturals[int16](), func(i int16) bool { return i%3 == 1 }), func(i int16) string { return fmt.Sprint(i * i) })
	for s, p := range Zip(Take(squares, 6), Primes()) {
		fmt.Print(s, "/", p, " ")
	}
	fmt.Println(Reduce(Take(Primes(), 100), 0, func(t, p int) int { return t + p }))
	byLen := GroupBy(slices.Values(strings.Fields("a bb cc ddd e fff gggg")), func(s string) int { return len(s) })
	fmt.Println(byLen, fmt.Sprintf("%T", byLen))

	l := NewSkipList[string, int](strings.Compare)
	ref := map[string]int{}
	rng := rand.New(rand.NewPCG(3, 4))
	for i := range 3000 {
		k := fmt.Sprintf("%03x", rng.IntN(700))
		if rng.IntN(3) == 0 {
			_, had := ref[k]
			delete(ref, k)
			if l.Delete(k) != had {
				panic("delete")
			}
		} else {
			l.Set(k, i)
			ref[k] = i
		}
	}
	same := l.n == len(ref)
	for k, v := range l.From("") {
		same = same && ref[k] == v
	}
	fmt.Println(same, l.n)
	for k, v := range l.From("1ff") {
		if k > "208" {
			break
		}
		fmt.Print(k, "=", v, " ")
	}
	fmt.Println()

	var h Heap[*Task]
	for i, n := range strings.Split("write,test,review,land,rest,plan", ",") {
		h.Push(&Task{i * 7 % 4, n})
	}
	for len(h) > 0 {
		t := h.Pop()
		fmt.Print(t.Priority, t.Name, " ")
	}
	fmt.Println()

	type rec struct {
		A Option[int]             `json:"a"`
		B Option[[]string]        `json:"b"`
		C map[string]Option[bool] `json:"c"`
	}
	var r rec
	err = json.Unmarshal([]byte(`{"a": null, "b": ["x"], "c": {"t": true, "n": null}}`), &r)
	text, err2 := json.Marshal(r)
	fmt.Println(r, err, string(text), err2, r.A.Or(7), None[error](), Some(Some(1)))
	fmt.Printf("%+v %T\n", Pair[string, Option[int]]{"x", Some(1)}.Swap(), Pair[int, Pair[rune, []Celsius]]{}.Swap())

	fib := Memo(func(self func(int) uint64, n int) uint64 {
		if n < 2 {
			return uint64(n)
		}
		return self(n-1) + self(n-2)
	})
	grid := Memo(func(self func(Pair[int, int]) int, p Pair[int, int]) int {
		if p.First == 0 || p.Second == 0 {
			return 1
		}
		return self(Pair[int, int]{p.First - 1, p.Second}) + self(Pair[int, int]{p.First, p.Second - 1})
	})
	fmt.Println(fib(90), grid(Pair[int, int]{16, 16}))

	var t *Tree[string]
	for _, w := range strings.Fields("m f t b h p w a c") {
		t = t.Insert(w)
	}
	fmt.Println(slices.Collect(Take(t.All(), 5)), slices.Collect(Filter(t.All(), func(s string) bool { return s > "m" })))
	fmt.Printf("%v %v %q %T\n", Sum(Temps{1.5, 2.25}), Sum([]uint8{200, 100}), Sum([]string{"a", "b"}), Sum(Temps{}))

	people := []Pair[string, int]{{"Ann", 31}, {"Bob", 25}, {"Cy", 31}, {"Di", 19}}
	sort.SliceStable(people, func(i, j int) bool { return people[i].Second > people[j].Second })
	i, found := slices.BinarySearchFunc(people, 25, func(p Pair[string, int], age int) int { return -cmp.Compare(p.Second, age) })
	fmt.Println(people, i, found, slices.MaxFunc(people, func(x, y Pair[string, int]) int { return cmp.Compare(x.First, y.First) }))
	func() {
		defer func() { fmt.Println("recovered:", recover()) }()
		for v := range Naturals[uint8]() {
			for w := range Map(slices.Values([]uint8{1, 0}), func(x uint8) uint8 { return v / (x * v) }) {
				_ = w
			}
		}
	}()
}
