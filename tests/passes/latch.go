package main

// Each case counts and goes back by itself.
func count(s []any) (n, other int) {
	for _, x := range s {
		switch x := x.(type) {
		case int:
			n += x
		case []int:
			n += len(x)
		case string:
			n -= len(x)
		default:
			other++
		}
	}
	return
}

// Two ways meet.
func parity(s []int) int {
	n := 0
	for _, v := range s {
		if v&1 == 0 {
			n += v
		} else {
			n -= v * v
		}
	}
	return n
}
