// run

// Returns that know which deferred calls they make, returns that do not, and where a panic goes on.
package main

import "runtime"

var trace string

func say(s string) { trace += s }

func flush(what string) {
	println(what, trace)
	trace = ""
}

func early(n int) (r int) {
	if n == 0 {
		return -1
	}
	defer say("a")
	if n == 1 {
		return 1
	}
	defer func() { r *= 10; say("b") }()
	if n == 2 {
		defer say("c")
	}
	if n == 3 {
		return 3
	}
	defer func() { r++; say("d") }()
	return n
}

func loops(n int) (r int) {
	defer func() { r += 100; say("z") }()
	for i := 0; i < n; i++ {
		defer func() { r = r*2 + i; say("l") }()
		if i == 3 {
			return 7
		}
	}
	defer say("e")
	return 1
}

func back(n int) {
	defer say("x")
again:
	defer say("g")
	if n--; n > 0 {
		goto again
	}
	defer say("y")
}

func panics(n int) (r int, s string, err any) {
	defer func() { s += "1"; r++ }()
	defer func() {
		err = recover()
		s += "2"
	}()
	defer func() {
		s += "3"
		if n == 1 {
			panic("in the last")
		}
	}()
	r = n * 10
	if n == 2 {
		var p *int
		r = *p
	}
	if n == 3 {
		a := []int{1}
		r = a[n]
	}
	if n == 4 {
		panic("four")
	}
	s = "end"
	return r + 1, s + "!", nil
}

func first(n int) (r int) {
	defer func() {
		if n == 0 {
			panic("first")
		}
		r++
	}()
	defer func() { r += 5 }()
	return n
}

func outer(n int) (s string) {
	defer func() {
		if e := recover(); e != nil {
			s = "outer " + e.(string)
		}
	}()
	first(n)
	return "fine"
}

type big struct {
	a [40]int
	s string
}

func wide(n int) (b big, x, y, z, u, v, w int, t string) {
	defer func() {
		if recover() != nil {
			b.a[3]++
			t += "r"
		}
	}()
	b.a[3] = n
	b.s = "big"
	x, y, z, u, v, w, t = 1, 2, 3, 4, 5, 6, "t"
	if n > 0 {
		panic(n)
	}
	return b, w, v, u, z, y, x, "u"
}

var kept *int

func escapes(n int) (r int) {
	defer func() { recover(); r += n }()
	kept = &r
	r = 7
	if n > 0 {
		panic(n)
	}
	return 3
}

func helper() any   { return recover() }
func indirect() any { return helper() }

func inlined() (r any) {
	defer func() { r = recover() }()
	defer func() {
		say("h")
		if helper() != nil || indirect() != nil {
			say("wrong")
		}
	}()
	panic("kept")
}

func nested() (s string) {
	defer func() {
		defer func() { s += "-" + recover().(string) }()
		s = recover().(string)
		panic("two")
	}()
	panic("one")
}

func quiet() (r any) {
	// Runs while another panic does, and does not see it.
	defer func() { r = recover() }()
	return 1
}

func during() (r any) {
	defer func() { r = recover() }()
	defer func() {
		if quiet() != nil {
			say("q")
		}
	}()
	panic("during")
}

func again() (s string) {
	defer func() { s = recover().(string) }()
	defer func() {
		defer func() { panic(recover().(string) + " again") }()
		panic("second")
	}()
	return "no"
}

type T struct{ n int }

func (t T) value()    { say(string(rune('0' + t.n))) }
func (t *T) pointer() { t.n++; say(string(rune('0' + t.n))) }

type I interface{ value() }

func methods() {
	t := T{1}
	defer t.value()
	defer t.pointer()
	var i I = t
	t.n = 5
	defer i.value()
	f := t.value
	defer f()
	t.n = 7
	defer func(a, b int) { say(string(rune('a'+a)) + string(rune('a'+b))) }(1, t.n)
}

func nilFunc() (s string) {
	defer func() { s += recover().(error).Error() }()
	var f func()
	defer f()
	defer func() { s += "before " }()
	return "x"
}

func goexit(c chan string) {
	defer func() { c <- trace }()
	defer say("2")
	defer func() {
		say("1")
		if recover() != nil {
			say("wrong")
		}
	}()
	runtime.Goexit()
}

func goexitInDeferred(c chan string) {
	defer func() { c <- trace }()
	defer func() { say("B") }()
	defer func() {
		say("A")
		runtime.Goexit()
	}()
}

func ranges() (r int) {
	defer func() { r++ }()
	for i := range func(yield func(int) bool) { _ = yield(1) && yield(2) && yield(3) } {
		defer func() { r = r*10 + i }()
		if i == 2 {
			return 4
		}
	}
	return 5
}

func deferRecover() (s string) {
	defer func() {
		if recover() == nil {
			s += "gone"
		}
	}()
	defer func() {
		defer recover()
	}()
	s = "deferred recover: "
	panic(1)
}

func many(n int) (r int) {
	defer func() { r += 1 }()
	defer func() { r += 2 }()
	defer func() { r += 4 }()
	switch n {
	case 0:
		return 100
	case 1:
		return 200
	case 2:
		return 300
	case 3:
		panics(4)
		return 400
	case 4:
		return 500
	case 5:
		defer func() { r *= 2 }()
		return 600
	}
	return 700
}

func before(p *int, n int) (r int) {
	defer func() { say("o") }()
	inner := func() (s int) {
		if n == 0 {
			return 5
		}
		for i := range n {
			s += *p + i
			if s > 20 {
				return s
			}
		}
		defer func() {
			if recover() != nil {
				s = -s
			}
		}()
		if n == 3 {
			panic("after")
		}
		return s * 2
	}
	r = 1
	defer func() {
		if recover() != nil {
			r = 77
		}
	}()
	return inner()
}

func main() {
	seven := 7
	for i := range 6 {
		println("before", before(&seven, i), before(nil, i))
	}
	flush("")
	for i := range 6 {
		println("early", early(i))
		flush("")
	}
	for i := range 6 {
		println("loops", loops(i))
		flush("")
	}
	back(3)
	flush("back")
	for i := range 6 {
		r, s, err := panics(i)
		switch e := err.(type) {
		case nil:
			println(r, s)
		case string:
			println(r, s, e)
		case error:
			println(r, s, e.Error())
		}
	}
	println(outer(0), outer(1), first(3))
	for i := range 2 {
		b, x, y, z, u, v, w, t := wide(i)
		println(b.a[3], b.s, x, y, z, u, v, w, t)
	}
	println(escapes(0), *kept, escapes(4), *kept)
	println(inlined().(string))
	flush("inlined")
	println(nested(), during().(string), again())
	flush("during")
	methods()
	flush("methods")
	println(nilFunc())
	c := make(chan string)
	go goexit(c)
	println(<-c)
	trace = ""
	go goexitInDeferred(c)
	println(<-c)
	println(ranges(), deferRecover())
	for i := range 7 {
		print(many(i), " ")
	}
	println()
}
