// run

// Method values keep a copy of a value receiver and the address of a pointer receiver; method expressions take it.
package main

type V struct{ a, b, c, d, e int }

func (v V) Sum(x int) int { return v.a + v.b + v.c + v.d + v.e + x }
func (v *V) Set(x int)    { v.a = x }

type N int

func (n N) Add(x int) int { return int(n) + x }

type D func(int) int

func (d D) Twice(x int) int { return d(d(x)) }

type E struct {
	*V
	N
}

type Adder interface{ Add(int) int }

func main() {
	v := V{1, 2, 3, 4, 5}
	sum, set := v.Sum, v.Set
	v.b = 100
	set(50)
	println(sum(0), v.Sum(0), v.a)
	n := N(3)
	add := n.Add
	n = 9
	println(add(1), n.Add(1), N.Add(4, 5), (*N).Add(&n, 1), V.Sum(v, 1), Adder.Add(n, 2))
	inc := D(func(x int) int { return x + 1 })
	twice := inc.Twice
	println(twice(5), D.Twice(inc, 7))
	e := E{&v, 7}
	esum, eset, eadd := e.Sum, e.Set, e.Add
	eset(1)
	println(esum(0), e.a, eadd(3), E.Sum(e, 0), E.Add(e, 1))
	var a Adder = e
	aadd := a.Add
	a = nil
	println(aadd(10))
	defer func() {
		println(recover().(error).Error())
		var p *E
		defer func() { println(recover().(error).Error()) }()
		_ = p.Add
	}()
	_ = a.Add
}
