// run

// Deferred calls that panic, recover and nest.

package main

func a() (s string) {
	defer func() { s += "1" }()
	defer func() {
		if e := recover(); e != nil {
			s += e.(string)
		}
	}()
	defer func() { s += "2"; panic("P") }()
	s = "x"
	return s + "r"
}
func b() (s string) {
	defer func() {
		s += "[" + a() + "]"
		e := recover()
		if e != nil {
			s += e.(string)
		}
	}()
	defer func() {
		defer func() {
			if e := recover(); e != nil {
				s += "never"
			}
		}()
		s += "n"
	}()
	panic("B")
}
func c() (r int) {
	var f func()
	defer func() {
		if e := recover(); e != nil {
			r = 5
			println(e.(error).Error())
		}
	}()
	defer f()
	r = 3
	return
}
func d(n int) (r int) {
	for i := 0; i < n; i++ {
		defer func() { r = r*3 + i }()
	}
	return 1
}
func e() (s string) {
	defer func() { s += "|" + recover().(string) }()
	for i := range 3 {
		defer func() {
			s += string(rune('a' + i))
			if i == 1 {
				panic("mid")
			}
		}()
	}
	return "e"
}

type M struct{ s string }

func (m *M) done() {
	if e := recover(); e != nil {
		m.s += "rec"
	} else {
		m.s += "norec"
	}
}
func g(p bool) (r string) {
	m := &M{}
	func() {
		defer m.done()
		if p {
			panic(1)
		}
	}()
	return m.s
}
func nested() {
	defer func() { defer func() { println("inner", recover() != nil) }(); panic("again") }()
	panic("first")
}
func goexit() {
	c := make(chan bool)
	go func() { defer close(c); defer func() { println("exit", recover() == nil) }(); func() { panicexit() }() }()
	<-c
}
func panicexit() { defer func() { recover() }(); panic(1) }
func main() {
	println(a(), b(), c(), d(4), e(), g(true), g(false))
	func() { defer func() { println("outer", recover() != nil) }(); nested() }()
	goexit()
	x := 0
	for i := 0; i < 100000; i++ {
		func() { defer func() { x += i }() }()
	}
	println(x)
}
