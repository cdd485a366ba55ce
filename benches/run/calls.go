// Costs of the calling convention: each line is nanoseconds per operation.
package main

type Adder interface{ Add(int) int }

type P struct{ n int }

//go:noinline
func (p *P) Add(x int) int { return p.n + x }

type V struct{ a, b int }

//go:noinline
func (v V) Add(x int) int { return v.a + v.b + x }

//go:noinline
func plain(a, b int) int { return a + b }

//go:noinline
func plain5(a, b, c, d, e int) int { return a + b + c + d + e }

//go:noinline
func fib(n int) int {
	if n < 2 {
		return n
	}
	return fib(n-1) + fib(n-2)
}

//go:noinline
func closure(n int) func(int) int { return func(x int) int { return x + n } }

//go:noinline
func callFunc(f func(int) int, n int) int {
	s := 0
	for i := 0; i < n; i++ {
		s = f(s)
	}
	return s
}

//go:noinline
func callIface(a Adder, n int) int {
	s := 0
	for i := 0; i < n; i++ {
		s = a.Add(s)
	}
	return s
}

//go:noinline
func makeValue(v V) func(int) int { return v.Add }

const N = 3000000

func main() {
	p, v := &P{3}, V{1, 2}
	best("calls/plain", N, func() {
		s := 0
		for i := 0; i < N; i++ {
			s = plain(s, i)
		}
		sink = s
	})
	best("calls/plain5", N, func() {
		s := 0
		for i := 0; i < N; i++ {
			s = plain5(s, i, i, s, i)
		}
		sink = s
	})
	best("calls/fib", 1664079, func() { sink = fib(28) / 2 })
	best("calls/method_pointer", N, func() {
		s := 0
		for i := 0; i < N; i++ {
			s = p.Add(s)
		}
		sink = s
	})
	best("calls/method_value_receiver", N, func() {
		s := 0
		for i := 0; i < N; i++ {
			s = v.Add(s)
		}
		sink = s
	})
	best("calls/closure", N, func() { sink = callFunc(closure(3), N) })
	best("calls/func_value", N, func() { sink = callFunc(plain1, N) })
	best("calls/iface_pointer", N, func() { sink = callIface(p, N) })
	best("calls/iface_value_receiver", N, func() { sink = callIface(v, N) })
	best("calls/bound_method_called", N, func() { sink = callFunc(makeValue(v), N) })
	best("calls/bound_method_made_and_called", N, func() {
		s := 0
		for i := 0; i < N; i++ {
			s = makeValue(v)(s)
		}
		sink = s
	})
	best("calls/bound_pointer_called", N, func() { sink = callFunc(p.Add, N) })
}

//go:noinline
func plain1(x int) int { return x + 7 }
