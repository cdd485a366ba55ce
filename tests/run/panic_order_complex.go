package main

// Complex divisions are calls of functions: which of several panics in their operands comes first.

type S struct{ f complex128 }

var a = []*S{nil}
var b []*S
var m *S

//go:noinline
func id(x complex128) complex128 { return x }
func inl(i int) int              { return 0 }

func try(n string, f func() complex128) {
	defer func() { println(n, recover().(error).Error()) }()
	f()
}

func main() {
	i := 0
	try("1", func() complex128 { return (a[i].f / 2i) * (b[i].f / 3i) })
	try("2", func() complex128 { return (a[i].f / 2i) * (b[i].f / id(3i)) })
	try("3", func() complex128 { return (a[i].f * m.f / m.f) * (b[i].f / id(3i)) })
	try("4", func() complex128 { return (a[i].f * m.f / m.f) * (b[i].f / (b[i].f - id(3i))) })
	try("5", func() complex128 { return (a[i].f / m.f) * (b[inl(1)].f / (b[i].f - id(3i))) })
	try("6", func() complex128 { return (a[inl(1)].f / m.f) * (b[inl(1)].f / (b[i].f)) })
	try("7", func() complex128 { return (a[inl(1)].f) * (b[inl(1)].f / (b[i].f)) })
	try("8", func() complex128 { return (a[i].f) * (b[i].f / (b[i].f)) })
	try("9", func() complex128 { return (a[i].f / m.f) * (b[inl(1)].f / 3i) })
	try("10", func() complex128 { return (a[i].f / 2i) * (b[inl(1)].f / 3i) })
	try("11", func() complex128 { return (a[inl(1)].f / 2i) * (b[i].f / 3i) })
	try("12", func() complex128 { return (a[inl(1)].f * m.f / 2i) * (b[i].f / 3i) })
	try("13", func() complex128 { return (a[inl(1)].f * m.f / m.f) * (b[inl(1)].f / 3i) })
	try("14", func() complex128 { return (a[i].f / 2i) / (b[i].f / 3i) })
	try("15", func() complex128 { return a[i].f / 2i / b[i].f })
	try("16", func() complex128 { return a[i].f/2i - b[i].f/3i + m.f })
	try("17", func() complex128 { return b[i].f/2i - a[i].f/3i + m.f/4i })
	try("18", func() complex128 { return a[i].f - b[i].f/3i })
	try("19", func() complex128 { return a[i].f + m.f - b[i].f/3i })
	try("20", func() complex128 { return (a[i].f + m.f) / (b[i].f / 3i) })
	try("21", func() complex128 { return (a[i].f + m.f/2i) / (b[i].f / 3i) })
	try("22", func() complex128 { return (a[i].f - (m.f/2i)*b[i].f) * (b[i].f / 3i) })
	try("23", func() complex128 { return id(a[i].f/2i) * (b[i].f / 3i) })
	try("24", func() complex128 { return -(a[i].f / 2i) * (b[i].f / 3i) })
}
