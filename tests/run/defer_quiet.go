// run

// Functions in which nothing can panic while calls are deferred.
package main

import "sync"

type M struct {
	sync.Mutex
	n int
	s []int
}

func (m *M) get() int {
	m.Lock()
	defer m.Unlock()
	return m.n
}

func (m *M) set(n int) (old int, done bool) {
	if n < 0 {
		return
	}
	m.Lock()
	defer func() { m.Unlock() }()
	old, m.n = m.n, n
	return old, true
}

func (m *M) at(i int) int {
	m.Lock()
	defer m.Unlock()
	return m.s[i]
}

// Both recover what has called them, and defer something.
func recovers() {
	defer func() {}()
	if e := recover(); e != nil {
		println("recovered", e.(string))
	}
}

func (m *M) recovers() (e any) {
	defer func() { m.n++ }()
	e = recover()
	return
}

func try(f func()) {
	defer recovers()
	f()
}

func count(n int) (r int) {
	defer func() { r *= 2 }()
	for i := 0; i < n; i++ {
		r += i
	}
	return
}

func branch(n int) (r int) {
	defer func() { r++ }()
	if n > 3 {
		defer func() { r *= 10 }()
	} else {
		r = 5
	}
	return r + n
}

func panicsInDeferred(n int) (r int) {
	defer func() {
		if n > 0 {
			panic("deferred")
		}
		r = 3
	}()
	return 1
}

func twice() (r int) {
	defer func() { r += 1 }()
	defer func() { panic("the first of two") }()
	return 4
}

type T struct{ x *int }

func (t T) field() (r int) {
	defer func() { r++ }()
	return *t.x
}

func main() {
	m := &M{s: []int{7}}
	println(m.get())
	println(m.set(5))
	println(m.set(-5))
	println(m.get(), m.at(0))
	try(func() {
		defer func() { println("still locked:", !m.TryLock()); m.Unlock() }()
		func() {
			defer recovers()
			m.at(1 + len("")*m.n - 1)
		}()
		m.Lock()
		panic("locked")
	})
	println(m.TryLock())
	m.Unlock()
	try(func() { defer m.recovers(); panic("lost") })
	println(m.n, m.recovers() == nil)
	println(count(5), branch(1), branch(4))
	println(panicsInDeferred(0))
	try(func() { println(panicsInDeferred(1)) })
	try(func() { println(twice()) })
	x := 8
	println(T{&x}.field())
	func() {
		defer func() { println(recover().(error).Error()) }()
		println(T{}.field())
	}()
	func() {
		defer func() { println(recover().(error).Error()) }()
		var m *M
		m.get()
	}()
}
