package main

type N int64

type Small int8

//go:noinline
func show(v any) {
	switch v := v.(type) {
	case N:
		println(v)
	case Small:
		println(v)
	case int:
		println(v)
	}
}

//go:noinline
func boxed(n N, m int) {
	show(n % 7)
	show(m % 7)
	show(int(Small(m & 255)))
}

// A remainder of a defined type may be negative as well, and so may what was narrowed.
func main() {
	boxed(-8, -8)
	boxed(-9223372036854775808, 200)
}
