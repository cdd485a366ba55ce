// Methods, method values, entries of itabs, deferred calls.

package main

type big struct{ a, b, c, d, e int }

func (x big) sum() int { return x.a + x.e }

func (x *big) inc() { x.a++ }

type embeds struct {
	*big
	name string
}

type summer interface{ sum() int }

func values(x big, p *big, i summer) (func() int, func(), func() int) {
	return x.sum, p.inc, i.sum
}

func exprs() (func(big) int, func(*big), func(summer) int) {
	return big.sum, (*big).inc, summer.sum
}

func promoted(e embeds) summer { return e }

func deferred(p *big) (err any) {
	defer func() { err = recover() }()
	defer p.inc()
	go println(p.sum())
	return nil
}
