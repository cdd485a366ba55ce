package main

type I interface{ M() int }
type J interface{ N() int }
type P struct{ a, b, c, d, e, f int }

// The value is used only where ok holds.
func iface(x any) int {
	if i, ok := x.(I); ok && i != nil {
		return i.M()
	}
	return 0
}

// Nobody wants the value.
func only(x any) bool {
	_, ok := x.(I)
	return ok
}

// Unboxed only where it is one.
func concrete(x any) int {
	if p, ok := x.(P); ok {
		return p.f
	}
	return 1
}

// The edge of the other way mentions the value: it is zero there.
func merged(x any) (v int) {
	v, ok := x.(int)
	if !ok {
		v++
	}
	return v
}

// Used where ok does not hold: left alone.
func elsewhere(x any) int {
	v, ok := x.(*P)
	if ok {
		return v.a
	}
	sink = v
	return 2
}

var sink *P

// One after the other.
func chain(x any) int {
	if i, ok := x.(I); ok {
		if j, ok := i.(J); ok {
			return j.N()
		}
		return i.M()
	}
	return 3
}

func main() {}
