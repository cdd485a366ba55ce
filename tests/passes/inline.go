// passes: -preempt
package main

type point struct{ x, y int }

func (p point) add(q point) point { return point{p.x + q.x, p.y + q.y} }

func (p *point) move(d int) { p.x += d }

func sum(p point) int { return p.x + p.y }

// Nothing but an addition is left.
func flat(a, b int) int {
	p := point{a, 1}.add(point{b, 2})
	p.move(3)
	return sum(p)
}

// Immediately called, with a captured variable.
func literal(x int) int {
	n := x
	func() { n++ }()
	return n
}

func each(f func(int)) {
	f(1)
	f(2)
}

func caller() int {
	t := 0
	each(func(x int) { t += x })
	return t
}

func fact(n int) int {
	if n < 2 {
		return 1
	}
	return n * fact(n-1)
}

//go:noinline
func never() int { return 1 }

func two() int { return never() + fact(2) }

func seq(yield func(int) bool) {
	for i := 0; i < 3; i++ {
		if !yield(i) {
			return
		}
	}
}
