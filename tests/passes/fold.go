package main

func constants() int {
	x := 3
	if x > 2 {
		x += 4
	} else {
		x = 0
	}
	return x << 1
}

func joins(b bool, n int) int {
	x, y := n, 1
	for i := 0; i < n; i++ {
		if b {
			y *= 2
		}
	}
	return x + y
}

func pair(a, b int) (int, int) { return b, a }

func swap(a, b int) int {
	a, b = pair(a, b)
	return a - b
}

func array(i int) int {
	a := [3]int{1, 2, i}
	a[0] += a[2]
	return a[0] + a[1]
}

func text(s string) int { return len(s[2:]) + len("abc"+"d") }
