// Allocation-heavy programs.
package main

type tree struct{ left, right *tree }

func build(depth int) *tree {
	if depth == 0 {
		return &tree{}
	}
	return &tree{build(depth - 1), build(depth - 1)}
}

func (t *tree) count() int {
	if t.left == nil {
		return 1
	}
	return 1 + t.left.count() + t.right.count()
}

type item struct {
	next *item
	key  int
	name string
}

//go:noinline
func list(n int) *item {
	var head *item
	for i := 0; i < n; i++ {
		head = &item{head, i, "item"}
	}
	return head
}

//go:noinline
func grow(n int) []int {
	var s []int
	for i := 0; i < n; i++ {
		s = append(s, i)
	}
	return s
}

//go:noinline
func closures(n int) func() int {
	f := func() int { return 0 }
	for i := 0; i < n; i++ {
		g := f
		if i%64 == 0 {
			g = func() int { return 1 }
		}
		f = func() int { return g() + i }
	}
	return f
}

func main() {
	best("memory/trees", 131071, func() { sink += build(16).count() })
	keep := build(18)
	best("memory/trees_with_live_heap", 131071, func() { sink += build(16).count() })
	sink += keep.count()
	best("memory/list", 100000, func() { sink += list(100000).key })
	best("memory/append", 100000, func() { sink += len(grow(100000)) })
	best("memory/closures", 100000, func() { sink += closures(100000)() })
	best("memory/small_slices", 100000, func() {
		for i := 0; i < 100000; i++ {
			s := make([]int, i&15+1)
			sink += len(s)
			slices[i&7] = s
		}
	})
	best("memory/concat", 100000, func() {
		s := ""
		for i := 0; i < 100000; i++ {
			s = s + "x"
			if len(s) > 64 {
				s = ""
			}
		}
		sink += len(s)
	})
}

var slices [8][]int
