// run

// Conversions between strings and bytes that copy nothing, or into the frame, must look as if they copied.
package main

import "fmt"

type key struct {
	name string
	n    int
}

//go:noinline
func set(b []byte, s string) []byte { copy(b, s); return b }

//go:noinline
func keep(s string) string { return s }

//go:noinline
func write(b []byte) { b[0] = '!' }

//go:noinline
func sum(b []byte) (n int) {
	for _, c := range b {
		n += int(c)
	}
	return n
}

// The bytes change between the conversion and the use.
func order() {
	b := []byte("abc")
	fmt.Println(string(b) == keep(string(set(b, "xyz"))), string(b))
	m := map[string]int{"xyz": 1, "abc": 2}
	fmt.Println(m[string(b)], m[string(set(b, "abc"))])
	s := string(b)
	set(b, "123")
	fmt.Println(s, m[s], string(b))
	k := map[key]int{{"123", 1}: 7}
	fmt.Println(k[key{string(b), 1}], k[key{"123", len(set(b, "456"))}])
	a := map[[2]string]int{{"456", "x"}: 8}
	v, ok := a[[2]string{string(b), "x"}]
	fmt.Println(v, ok)
	fmt.Println("<" + string(b) + ">" + keep("-") + string(set(b, "789")))
	t := string(b) + ""
	set(b, "000")
	fmt.Println(t)
}

//go:noinline
func lookups(b []byte, m map[string]int) int {
	s := string(b)
	n := m[s]
	if s == "none" {
		return -1
	}
	t := string(b)
	n += m[t] + len(t)
	b[0] = 'x'
	n += m[s]
	return n
}

func cases(b []byte) int {
	switch string(b) {
	case "one":
		b[0] = 'O'
		fallthrough
	case "two":
		return 10 * len(string(b))
	case "One":
		return 3
	}
	return -1
}

// The same place in the frame is used in each round.
func rounds() {
	var all []string
	last := ""
	var lists [][]byte
	for i := 0; i < 4; i++ {
		s := string(rune('a' + i))
		if s != last {
			last = s + "!"
		}
		all = append(all, s+"?")
		b := []byte(s + s)
		write(b)
		lists = append(lists, b)
		c := []byte(last)
		c[0]++
		fmt.Print(string(c), " ")
	}
	fmt.Println(last, all)
	for _, l := range lists {
		fmt.Print(string(l), " ")
	}
	prev := ""
	for i := 0; i < 3; i++ {
		now := fmt.Sprint(i) + "x"
		fmt.Print(prev < now, prev, now, " ")
		prev = now
	}
	fmt.Println()
}

func written(s string) {
	b := []byte(s)
	fmt.Println(sum(b), sum([]byte(s)))
	write(b)
	fmt.Println(s, string(b))
	c := []byte(s)[:1]
	c = append(c, "..."...)
	fmt.Println(s, string(c))
	d := []byte(s)
	e := d[1:]
	clear(e)
	fmt.Printf("%q %q\n", s, string(d))
	for i, x := range []byte(s) {
		if i == 0 {
			s = "changed"
		}
		fmt.Print(x, " ")
	}
	fmt.Println(s)
}

func runes(s string) {
	fmt.Println(len([]rune(s)), len([]rune("é€")), len([]rune(s+"\xff")))
	r := []rune(s)
	r[0] = 'Ω'
	fmt.Println(string(r), s)
}

// What programs see of the places.
func caps(s string) {
	heap := []byte(s)
	heapRunes := []rune(s)
	defer func() { fmt.Println(len(heap), len(heapRunes)) }()
	fmt.Println(cap(heap), cap(heapRunes))
	sinkBytes, sinkRunes = heap, heapRunes
	frame, frameRunes := []byte(s), []rune(s)
	frame[0], frameRunes[0] = 'x', 'x'
	fmt.Println(cap(frame), cap(frameRunes), string(frame[:1]))
	constant := []byte("constant")
	constant[0] = 'C'
	fmt.Println(len(constant), cap(constant))
	sinkBytes = []byte("constant")
	fmt.Println(len(sinkBytes), cap(sinkBytes))
	sinkBytes, sinkRunes = []byte(s[:0]), []rune(s[:0])
	var none string
	fmt.Println([]byte("") == nil, []byte(none) == nil, []rune(none) == nil, string([]byte(nil)) == "")
	fmt.Println(sinkBytes != nil, cap(sinkBytes), sinkRunes != nil, cap(sinkRunes))
}

var (
	sinkBytes []byte
	sinkRunes []rune
)

func main() {
	order()
	fmt.Println(cases([]byte("one")), cases([]byte("two")), cases([]byte("One")), cases(nil))
	fmt.Println(lookups([]byte("abcd"), map[string]int{"abcd": 1, "xbcd": 100}), lookups([]byte("none"), nil))
	rounds()
	written("hello, world")
	runes("grüße")
	caps("hello")
	caps("twenty bytes of text")
	caps("hello, this is a text that has more than 32 bytes")
}
