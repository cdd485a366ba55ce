// passes: -inline,-promote,-preempt
package main

type node struct {
	next *node
	x    int
}

var keep *node

// Nothing keeps it.
func local(x int) int {
	n := &node{x: x}
	return read(n)
}

func read(n *node) int { return n.x }

func store(n *node) { keep = n }

// The callee keeps it.
func kept() { store(&node{}) }

func same(n *node) *node { return n }

// It comes back and is returned.
func returned() *node { return same(&node{}) }

// What a returned object holds is kept, too.
func inside() *node {
	a := &node{x: 1}
	b := &node{next: a}
	return b
}

// The older one is in use when the next is made.
func list(n int) int {
	var head *node
	for i := 0; i < n; i++ {
		head = &node{head, i}
	}
	return read(head)
}

// Each is done with before the next.
func each(n int) int {
	t := 0
	for i := 0; i < n; i++ {
		t += read(&node{nil, i})
	}
	return t
}

func apply(f func(int) int, x int) int { return f(x) }

// The closure and its variable stay in the frame.
func closure(x int) int {
	n := 0
	apply(func(y int) int { n += y; return n }, x)
	return n
}

func send(c chan *node) { c <- &node{} }

// Bytes that are copied hold no pointers: what they come from stays in the frame.
type text struct{ s []byte }

//go:noinline
func (t *text) set(s []byte) { t.s = append(t.s[:0], s...); copy(t.s, s) }

func (t *text) take(u *text) *text {
	t.set(u.s)
	return t
}

func copied(t *text) {
	var b [8]byte
	t.take(&text{b[:]})
}
