// run

// Values of any type as map keys through strings that share their memory, and why this is not what it seems: padding
// takes part in the comparison, and so do the addresses inside interfaces and strings.
package main

import (
	"fmt"
	"unsafe"
)

// StringAlias returns a string of the bytes of the elements of s.
func StringAlias[T any](s []T) string {
	return unsafe.String((*byte)(unsafe.Pointer(unsafe.SliceData(s))), len(s)*int(unsafe.Sizeof(*new(T))))
}

type Padded struct {
	A byte
	B int32
}

// pad writes a byte between the fields, as whoever had this memory before may have.
func pad(p *Padded, b byte) {
	*(*byte)(unsafe.Add(unsafe.Pointer(p), 1)) = b
}

func main() {
	m := map[string]string{}
	m[StringAlias([]int{1, 2, 3})] = "123"
	m[StringAlias([]rune("hé"))] = "runes"
	fmt.Println(m[StringAlias([]int{1, 2, 3})], m[StringAlias([]int{1, 2})] == "", m[StringAlias([]rune{'h', 'é'})], len(m))
	fmt.Println(len(StringAlias([]struct{}{{}, {}})), len(StringAlias[int](nil)), StringAlias([]byte("text")))
	fmt.Printf("%x %x\n", StringAlias([]uint16{1, 0xabcd}), StringAlias([]float64{0.5, -0.0}))

	// Floats: two zeros, and a NaN that equals itself.
	zero := 0.0
	nan := zero / zero
	f := map[string]int{StringAlias([]float64{-zero * 1}): 1, StringAlias([]float64{nan}): 2}
	fmt.Println(f[StringAlias([]float64{zero})], f[StringAlias([]float64{nan})])

	// Padding.
	p, q := []Padded{{1, 2}}, []Padded{{1, 2}}
	pad(&p[0], 0)
	pad(&q[0], 0)
	fmt.Println(p[0] == q[0], StringAlias(p) == StringAlias(q), any(p[0]) == any(q[0]))
	pad(&q[0], 7)
	fmt.Println(p[0] == q[0], StringAlias(p) == StringAlias(q), any(p[0]) == any(q[0]))

	// Interfaces and strings are compared by address.
	long := func(tail string) string { return "some text, " + tail }
	s, t := []string{long("x")}, []string{long("x")}
	fmt.Println(s[0] == t[0], StringAlias(s) == StringAlias(t), StringAlias(s) == StringAlias([]string{s[0]}))
	i, j := []any{1 << 40}, []any{1 << 40}
	for k := range i {
		i[k], j[k] = any(i[k].(int)+1), any(j[k].(int)+1)
	}
	fmt.Println(i[0] == j[0], StringAlias(i) == StringAlias(j), StringAlias(i) == StringAlias([]any{i[0]}))
	small, same := []any{7}, []any{7}
	fmt.Println(StringAlias(small) == StringAlias(same))
	direct := new(int)
	fmt.Println(StringAlias([]any{direct}) == StringAlias([]any{direct}))

	// Types that cannot be compared have bytes all the same.
	fn := func() {}
	fmt.Println(StringAlias([]func(){fn}) == StringAlias([]func(){fn}), StringAlias([][]int{{1}}) == StringAlias([][]int{{1}}))
	uncomparable := map[string]bool{StringAlias([]any{[]int(nil)}): true}
	fmt.Println(len(uncomparable))

	// The memory is shared: a key that is written to is lost.
	w := []int{1}
	lost := map[string]int{StringAlias(w): 1}
	w[0] = 2
	_, old := lost[StringAlias([]int{1})]
	_, new_ := lost[StringAlias([]int{2})]
	fmt.Println(len(lost), old, new_)
}
