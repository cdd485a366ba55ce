// run

// Places that are reached through embedded pointers, assigned by every form of statement. The variable that holds the
// pointer is never assigned itself.

package main

type Leaf struct {
	a, b int
	s    string
	arr  [3]int
	list []int
	m    map[string]int
	ok   bool
	any  any
}

type Mid struct {
	*Leaf
	own int
}

type Top struct{ *Mid }

type Value struct{ Mid }

type Deep struct {
	pad [2]int
	Value
}

type Gen[T any] struct {
	*Inner[T]
}

type Inner[T any] struct {
	val  T
	next *Inner[T]
}

func newTop() Top { return Top{&Mid{Leaf: &Leaf{m: map[string]int{}}}} }

func show(l *Leaf) {
	println(l.a, l.b, l.s, l.arr[0], l.arr[1], l.arr[2], len(l.list), len(l.m), l.m["k"], l.ok, l.any != nil)
}

func pair() (int, int)     { return 11, 12 }
func two() (int, bool)     { return 13, true }
func next(p *int) int      { *p++; return *p }
func seq(yield func(int, string) bool) {
	for i, s := range []string{"x", "y", "z"} {
		if !yield(i, s) {
			return
		}
	}
}

func forms(t Top) {
	t.a, t.b = 5, 6
	show(t.Leaf)
	t.a, t.b = t.b, t.a
	t.a++
	t.b--
	t.a += 10
	t.b <<= 3
	t.s += "text"
	t.arr[1] = 4
	t.arr[t.arr[1]-2] += 9
	t.list = append(t.list, 1, 2)
	t.list[1]++
	t.m["k"] = 3
	t.m["k"] += 2
	show(t.Leaf)
	t.a, t.b = pair()
	t.b, t.ok = two()
	t.own, t.any = 1, "any"
	show(t.Leaf)
}

func commaOk(t Top) {
	c := make(chan int, 2)
	c <- 21
	c <- 22
	t.a = <-c
	t.b, t.ok = <-c
	show(t.Leaf)
	t.a, t.ok = map[string]int{"q": 23}["z"]
	show(t.Leaf)
	t.any = 24
	t.b, t.ok = t.any.(int)
	show(t.Leaf)
	c <- 25
	select {
	case t.a = <-c:
	}
	c <- 26
	select {
	case t.b, t.ok = <-c:
	default:
	}
	show(t.Leaf)
	c <- 27
	close(c)
	for t.a = range c {
		println(t.a)
	}
	show(t.Leaf)
}

func ranges(t Top) {
	for t.a = range 3 {
	}
	for t.a, t.b = range []int{7, 8, 9} {
	}
	for _, t.b = range [2]int{31, 32} {
	}
	for t.a = range "héllo" {
	}
	for t.s, t.b = range map[string]int{"only": 1} {
	}
	for t.a, t.s = range seq {
		t.b += t.a
		t.arr[t.a]++
	}
	show(t.Leaf)
}

func closures(t Top, v Value, d Deep) {
	func() {
		t.a, v.b = 41, 42
		d.a++
		func() { d.b, t.b = 43, 44 }()
	}()
	defer func() { t.a = 45; show(t.Leaf) }()
	for i, s := range seq {
		v.a += i
		d.s += s
		t.own = i
	}
	show(v.Leaf)
	show(d.Leaf)
}

func arrays() {
	leaf := &Leaf{m: map[string]int{}}
	arr := [2]Value{{Mid{Leaf: leaf}}, {Mid{Leaf: &Leaf{}}}}
	i := 0
	arr[next(&i)-1].a, arr[0].b = 51, 52
	func() { arr[i-1].arr[i] = 53 }()
	show(leaf)
	ms := map[string]*Deep{"k": {Value: Value{Mid{Leaf: leaf}}}}
	ms["k"].a, ms["k"].b = 54, 55
	byValue := map[string]Top{"k": {&Mid{Leaf: leaf}}}
	byValue["k"].s = "in a map"
	byValue["k"].own++
	show(leaf)
	(Top{&Mid{Leaf: leaf}}).a = 56
	func() Top { return Top{&Mid{Leaf: leaf}} }().b++
	show(leaf)
}

func generic[T any](g Gen[T], vals ...T) {
	for _, g.val = range vals {
	}
	g.val, g.next = g.val, &Inner[T]{}
	g.next.val = g.val
	h := Gen[T]{g.next}
	func() { h.val = vals[0] }()
}

func (t Top) set(n int)    { t.a, t.Mid.b = n, n+1 }
func (v Value) inc()       { v.a++; v.own++ }
func (g Gen[T]) put(val T) { g.val = val }

// The pointer is read before anything is assigned, and once calls on the right have been made.
func order(t Top) {
	old, other := t.Leaf, &Leaf{}
	t.Mid.Leaf, t.a = other, 61
	println(old.a, other.a)
	t.b = func() int { t.Leaf = old; return 62 }()
	println(old.b, other.b)
	t.b, t.Leaf = 63, nil
	println(old.b, t.Leaf == nil)
}

func nils(name string, f func()) {
	defer func() { println(name, recover().(error).Error()) }()
	f()
}

func main() {
	forms(newTop())
	commaOk(newTop())
	ranges(newTop())
	closures(newTop(), Value{Mid{Leaf: &Leaf{}}}, Deep{Value: Value{Mid{Leaf: &Leaf{}}}})
	arrays()
	g := Gen[string]{&Inner[string]{}}
	generic(g, "a", "b", "c")
	g.put(g.val + g.next.val)
	println(g.val, g.next.val)
	t := newTop()
	t.set(71)
	v := Value{*t.Mid}
	v.inc()
	println(t.a, t.b, v.own)
	order(newTop())
	var none Top
	half := Top{&Mid{}}
	nils("outer", func() { none.a, none.b = 1, 2 })
	nils("inner", func() { half.a++ })
	nils("receive", func() {
		c := make(chan int, 1)
		c <- 1
		half.b = <-c
	})
	nils("divided", func() { half.a = 1 / len(half.pad()) })
}

func (t Top) pad() string { return "" }
