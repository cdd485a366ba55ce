// run

// Headers of slices and strings, what shares memory with what, and sizes in generic code.
package main

import "unsafe"

type header struct {
	data unsafe.Pointer
	len  int
	cap  int
}

type Mixed[T any] struct {
	a byte
	v T
	b byte
}

func sizes[T any](name string) {
	var m Mixed[T]
	println(name, unsafe.Sizeof(m.v), unsafe.Alignof(m.v), unsafe.Sizeof(m), unsafe.Offsetof(m.b))
}

func main() {
	s := make([]byte, 3, 8)
	copy(s, "abc")
	h := (*header)(unsafe.Pointer(&s))
	println(h.data == unsafe.Pointer(unsafe.SliceData(s)), h.len, h.cap)

	t := unsafe.String(unsafe.SliceData(s), len(s))
	k := string(s)
	boxed := any(t)
	m := map[string]int{k: 1}
	println(t == k, boxed == any(k), m[t])
	s[0] = 'X'
	println(t, k, t == k, boxed == any(k), boxed.(string), m[t], m[k])

	u := unsafe.Slice(unsafe.StringData(k), len(k))
	println(len(u), cap(u), &u[0] == unsafe.StringData(k))

	sub := s[1:2]
	sub = append(sub, 'Y')
	println(string(s), len(sub), cap(sub), string(sub))
	full := s[1:2:2]
	full = append(full, 'Z')
	println(string(s), len(full), string(full))

	type pair struct{ a, b int }
	p := pair{1, 2}
	v := any(p)
	p.a = 3
	q := v.(pair)
	q.b = 4
	println(p.a, q.a, q.b, v.(pair).a, v.(pair).b)
	r := any(&p)
	p.b = 5
	println(r.(*pair).b)

	sizes[byte]("byte")
	sizes[int]("int")
	sizes[any]("any")
	sizes[string]("string")
	sizes[[3]int16]("[3]int16")
	sizes[struct{}]("struct{}")
	sizes[struct {
		a *int
		b struct{}
	}]("trailing")
	sizes[complex128]("complex128")
}
