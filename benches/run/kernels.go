// Loops over integers, floats, slices and strings; sorting through an interface; generics.
package main

//go:noinline
func sum(s []int) int {
	n := 0
	for i := 0; i < len(s); i++ {
		n += s[i]
	}
	return n
}

//go:noinline
func sumRange(s []int) int {
	n := 0
	for _, v := range s {
		n += v
	}
	return n
}

//go:noinline
func sieve(flags []bool) int {
	for i := range flags {
		flags[i] = true
	}
	n := 0
	for i := 2; i < len(flags); i++ {
		if flags[i] {
			n++
			for j := i + i; j < len(flags); j += i {
				flags[j] = false
			}
		}
	}
	return n
}

type body struct{ x, y, z, vx, vy, vz, m float64 }

//go:noinline
func advance(bs []body, dt float64, steps int) {
	for s := 0; s < steps; s++ {
		for i := range bs {
			b := &bs[i]
			for j := i + 1; j < len(bs); j++ {
				c := &bs[j]
				dx, dy, dz := b.x-c.x, b.y-c.y, b.z-c.z
				d := dx*dx + dy*dy + dz*dz
				mag := dt / (d * (d + 0.5))
				b.vx -= dx * c.m * mag
				b.vy -= dy * c.m * mag
				b.vz -= dz * c.m * mag
				c.vx += dx * b.m * mag
				c.vy += dy * b.m * mag
				c.vz += dz * b.m * mag
			}
		}
		for i := range bs {
			b := &bs[i]
			b.x += dt * b.vx
			b.y += dt * b.vy
			b.z += dt * b.vz
		}
	}
}

//go:noinline
func matmul(a, b, c [][]float64) {
	n := len(a)
	for i := 0; i < n; i++ {
		for j := 0; j < n; j++ {
			s := 0.0
			for k := 0; k < n; k++ {
				s += a[i][k] * b[k][j]
			}
			c[i][j] = s
		}
	}
}

//go:noinline
func fnv(s string) uint64 {
	h := uint64(14695981039346656037)
	for i := 0; i < len(s); i++ {
		h ^= uint64(s[i])
		h *= 1099511628211
	}
	return h
}

//go:noinline
func runes(s string) int {
	n := 0
	for _, r := range s {
		n += int(r)
	}
	return n
}

//go:noinline
func collatz(n int) int {
	longest := 0
	for i := 1; i < n; i++ {
		steps := 0
		for x := i; x != 1; steps++ {
			if x%2 == 0 {
				x /= 2
			} else {
				x = 3*x + 1
			}
		}
		if steps > longest {
			longest = steps
		}
	}
	return longest
}

type Interface interface {
	Len() int
	Less(i, j int) bool
	Swap(i, j int)
}

type ints []int

func (s ints) Len() int           { return len(s) }
func (s ints) Less(i, j int) bool { return s[i] < s[j] }
func (s ints) Swap(i, j int)      { s[i], s[j] = s[j], s[i] }

func heapSort(s Interface) {
	n := s.Len()
	for i := n/2 - 1; i >= 0; i-- {
		down(s, i, n)
	}
	for i := n - 1; i > 0; i-- {
		s.Swap(0, i)
		down(s, 0, i)
	}
}

func down(s Interface, lo, hi int) {
	for {
		child := 2*lo + 1
		if child >= hi {
			return
		}
		if child+1 < hi && s.Less(child, child+1) {
			child++
		}
		if !s.Less(lo, child) {
			return
		}
		s.Swap(lo, child)
		lo = child
	}
}

type number interface{ ~int | ~float64 }

//go:noinline
func insertion[T number](s []T) {
	for i := 1; i < len(s); i++ {
		for j := i; j > 0 && s[j] < s[j-1]; j-- {
			s[j], s[j-1] = s[j-1], s[j]
		}
	}
}

func mapped[T, U any](s []T, f func(T) U) []U {
	r := make([]U, len(s))
	for i, v := range s {
		r[i] = f(v)
	}
	return r
}

func shuffled(n int) []int {
	s := make([]int, n)
	x := uint32(1)
	for i := range s {
		x = x*1664525 + 1013904223
		s[i] = int(x >> 8)
	}
	return s
}

func main() {
	s := shuffled(4096)
	best("kernels/sum_indexed", 4096*100, func() {
		for i := 0; i < 100; i++ {
			sink += sum(s)
		}
	})
	best("kernels/sum_range", 4096*100, func() {
		for i := 0; i < 100; i++ {
			sink += sumRange(s)
		}
	})
	flags := make([]bool, 100000)
	best("kernels/sieve", 100000, func() { sink += sieve(flags) })
	bs := []body{{0, 0, 0, 0, 0, 0, 39}, {4.8, -1.1, -0.1, 0.6, 2.8, -0.02, 0.03}, {8.3, 4.1, -4, -1, 1.8, 0.008, 0.01}, {12, -15, -0.2, 1, 0.8, -0.01, 0.001}, {15, -25, 0.1, 0.9, 0.5, -0.03, 0.002}}
	best("kernels/nbody", 10000, func() { advance(bs, 0.001, 10000) })
	m := func() [][]float64 {
		r := make([][]float64, 64)
		for i := range r {
			r[i] = make([]float64, 64)
			for j := range r[i] {
				r[i][j] = float64(i*j%7) + 0.5
			}
		}
		return r
	}
	a, b, c := m(), m(), m()
	best("kernels/matmul", 64*64*64, func() { matmul(a, b, c) })
	text := ""
	for i := 0; i < 256; i++ {
		text += "abcdefgh\u00e9\u4e16"
	}
	best("kernels/fnv", len(text)*50, func() {
		for i := 0; i < 50; i++ {
			sink += int(fnv(text))
		}
	})
	best("kernels/runes", len(text)*50, func() {
		for i := 0; i < 50; i++ {
			sink += runes(text)
		}
	})
	best("kernels/collatz", 10000, func() { sink += collatz(10000) })
	best("kernels/heapsort_interface", 4096, func() { heapSort(ints(shuffled(4096))) })
	best("kernels/insertion_generic", 512*512/4, func() { insertion(shuffled(512)) })
	best("kernels/map_generic", 4096*10, func() {
		for i := 0; i < 10; i++ {
			sink += len(mapped(s, func(x int) float64 { return float64(x) }))
		}
	})
}
