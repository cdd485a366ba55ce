// run

package main

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
)

type code int

func (c code) Error() string { return fmt.Sprint("code ", int(c)) }

type pair struct {
	a any
	e error
}

type text struct{ s string }

func (t *text) String() string { return t.s }

type empty struct{}

func (empty) String() string { return "empty" }

func newText(s string) fmt.Stringer { return &text{s} }
func named(s string) fmt.Stringer   { return newText(s) }
func constant() int                 { return 42 }
func boxed(n int) any               { return n }
func twice(s string) [2]string      { return [2]string{s, s} }
func read() int                     { return counter }
func deep(n int) any                { return pair{a: n, e: code(7)} }
func same(x any) any                { return x }
func swap(a, b string) [2]string    { return [2]string{b, a} }

var (
	errA               = errors.New("same text")
	errB               = errors.New("same text")
	errs               = []error{errA, errB, code(1), nil, errors.New("third")}
	str                = newText("direct")
	str2               = named("through another")
	n                  = constant()
	any1               = boxed(5)
	any2  any          = "a string"
	any3  any          = 3.5
	any4  any          = [2]any{1, "two"}
	any5  any          = &pair{any1, errA}
	any6  any          = nil
	any7  any          = error(nil)
	any8               = any(code(9))
	any9  fmt.Stringer = empty{}
	two                = twice("x")
	ps                 = []*pair{{1, code(2)}, {a: "k", e: errB}}
	d                  = deep(11)
	sw                 = swap("left", "right")
	sameS              = same("kept")
	table              = [...]struct {
		name string
		val  any
	}{{"int", 1}, {"string", "s"}, {"rune", 'r'}, {"uint8", uint8(200)}, {"nil", nil}, {"ptr", &n}}

	counter = 1
	before  = read()
	bumped  = bump()
	after   = read()
	copied  = counter

	_    fmt.Stringer = (*text)(nil)
	_                 = bump()
	_                 = "nothing"
	last              = counter
)

func bump() int { counter++; return counter }

func main() {
	fmt.Println(errA == errB, errA == errs[0], errB == errs[1], errA, errs)
	fmt.Println(errs[2] == error(code(1)), errors.Is(errs[4], errA))
	fmt.Println(str, str2, n, any1, any2, any3, any4, any6, any7, any8, any9)
	p := any5.(*pair)
	fmt.Println(p.a == any1, p.e == errA)
	fmt.Println(two, *ps[0], ps[1].a, ps[1].e, d, sw, sameS)
	for _, t := range table {
		fmt.Print(t.name, " ", reflect.TypeOf(t.val), "; ")
	}
	fmt.Println(table[5].val.(*int) == &n)
	fmt.Println(before, bumped, after, copied, last, counter)
	// What is boxed does not change with the variable.
	n = 43
	any4 = strings.Repeat("-", 3)
	fmt.Println(any4, *table[5].val.(*int), any1)
	*ps[0] = pair{}
	fmt.Println(*ps[0], str.(*text).s)
	str.(*text).s = "changed"
	fmt.Println(str, newText("direct"))
}
