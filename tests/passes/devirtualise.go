// passes: -preempt
package main

type shape interface{ area() int }

type square struct{ a int }

func (s square) area() int { return s.a * s.a }

type circle struct{ r int }

func (c *circle) area() int { return 3 * c.r * c.r }

func measure(s shape) int { return s.area() }

func known(a int) int { return measure(square{a}) + measure(&circle{a}) }

func asserted(x int) (int, bool) {
	var v any = x
	n, ok := v.(int)
	_, is := v.(shape)
	return n, ok && !is
}

func switched(a int) int {
	var v any = square{a}
	switch v := v.(type) {
	case nil:
		return 0
	case int:
		return v
	case shape:
		return v.area()
	}
	return -1
}

func compared(x int, v any) bool {
	var w any = x
	return w == any(7) || w == v
}
