package main

// Loops whose body ends in several ways: switches, continue, break and goto, nested, with results that the ways pass on.

import "fmt"

type Shape interface{ Area() int }
type A struct{ x int }
type B struct{ x, y int }
type C []int

func (a A) Area() int  { return a.x }
func (b *B) Area() int { return b.x * b.y }
func (c C) Area() int  { return len(c) }

//go:noinline
func kinds(s []any) (n, turns int, last string) {
	for i, x := range s {
		switch x := x.(type) {
		case Shape:
			n += x.Area()
			last = "shape"
		case error:
			n -= len(x.Error())
			last = x.Error()
		case func() int:
			n += x()
		case nil:
			last = "nil"
		default:
			last = fmt.Sprintf("%T", x)
		}
		turns += i
	}
	return
}

//go:noinline
func machine(code string) (acc, steps int) {
	for pc := 0; pc < len(code); pc++ {
		steps++
		switch code[pc] {
		case '+':
			acc++
		case '-':
			acc--
		case '*':
			acc *= 3
		case 'j':
			pc += 2
		case '!':
			return
		}
	}
	return acc, -steps
}

//go:noinline
func nested(rows [][]byte) (total int, trace []string) {
outer:
	for i := 0; i < len(rows); i++ {
		depth := 0
		for j := 0; j < len(rows[i]); j++ {
			switch rows[i][j] {
			case '(':
				depth++
			case ')':
				depth--
				if depth < 0 {
					trace = append(trace, fmt.Sprint("row ", i, " at ", j))
					continue outer
				}
			case 'x':
				total += depth
			case 'q':
				break outer
			default:
				continue
			}
		}
		total += 100 * depth
	}
	return
}

//go:noinline
func swap(n int) (a, b, c int) {
	a, b, c = 1, 2, 3
	for i := 0; i < n; i++ {
		switch i % 4 {
		case 0:
			a, b = b, a
		case 1:
			b, c = c, b
		case 2:
			a, c = c, a
		}
	}
	return
}

//go:noinline
func captured(n int) []func() int {
	var fs []func() int
	for i := 0; i < n; i++ {
		switch i % 3 {
		case 0:
			fs = append(fs, func() int { return i })
		case 1:
			fs = append(fs, func() int { i += 10; return i })
		default:
			i++
		}
	}
	return fs
}

func main() {
	fmt.Println(kinds([]any{A{3}, &B{4, 5}, C{1, 2}, fmt.Errorf("bad"), nil, func() int { return 7 }, 3.5, A{9}}))
	fmt.Println(kinds(nil))
	fmt.Println(machine("+++*-"))
	fmt.Println(machine("++j--*!+"))
	fmt.Println(machine("j"))
	fmt.Println(nested([][]byte{[]byte("((x)x"), []byte("x)xx"), []byte("(a(bx"), []byte("(q"), []byte("((((")}))
	for n := range 9 {
		fmt.Println(swap(n))
	}
	for _, f := range captured(12) {
		fmt.Print(f(), " ", f(), " ")
	}
	fmt.Println()
	func() {
		defer func() { fmt.Println(recover()) }()
		fmt.Println(kinds([]any{A{1}, (*B)(nil), A{2}}))
	}()
}
