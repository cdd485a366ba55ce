// run

// Deferred calls run newest first, see named results, recover only when called directly, and nest.
package main

func order() {
	for i := 0; i < 3; i++ {
		defer println("deferred", i)
	}
	println("body")
}

func named(fail bool) (n int, err any) {
	defer func() {
		err = recover()
		n *= 2
	}()
	n = 21
	if fail {
		panic("failed")
	}
	return n + 1, "unused"
}

func helper() any { return recover() }

func tooDeep() (r string) {
	defer func() {
		if recover() != nil {
			r = "outer"
		}
	}()
	defer func() {
		if helper() != nil {
			r = "helper"
		}
	}()
	panic(1)
}

func nested() {
	defer func() { println("last", recover().(string)) }()
	defer func() {
		defer func() { println("inner", recover().(string)) }()
		panic("second")
	}()
	panic("first")
}

func replaced() {
	defer func() { println(recover().(string)) }()
	defer func() { panic("replacement") }()
	panic("original")
}

func again() {
	defer func() { println("again", recover() == nil) }()
	defer func() { recover() }()
	panic(1)
}

type T struct{ n int }

func (t T) show()   { println("T", t.n) }
func (t *T) showP() { println("*T", t.n) }

func methods() {
	t := T{1}
	defer t.show()
	defer t.showP()
	t.n = 2
}

func nilFunc() {
	defer func() { println(recover().(error).Error()) }()
	var f func()
	defer f()
	println("still runs")
}

func main() {
	order()
	n, err := named(false)
	println(n, err == nil)
	n, err = named(true)
	println(n, err.(string))
	println(tooDeep())
	nested()
	replaced()
	again()
	methods()
	nilFunc()
}
