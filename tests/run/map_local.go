// run

// Maps that nothing keeps begin in the frame; they must grow out of it, and what they hold must stay alive.
package main

import (
	"fmt"
	"runtime"
	"sort"
)

type big [40]int

type point struct{ x, y int }

//go:noinline
func count(words []string) int {
	seen := map[string]bool{}
	for _, w := range words {
		seen[w] = true
	}
	return len(seen)
}

//go:noinline
func sum(m map[int]*point) (n int) {
	for _, p := range m {
		n += p.x
	}
	return n
}

func grow(n int) int {
	m := make(map[int]*point)
	for i := 0; i < n; i++ {
		m[i] = &point{i, i}
		if i%3 == 0 {
			runtime.GC()
		}
	}
	return sum(m)
}

func rounds() {
	var last map[int]int
	for i := 0; i < 4; i++ {
		m := map[int]int{i: i}
		fmt.Print(len(m), m[i], len(last), last[i-1], " ")
		last = m
	}
	fmt.Println()
	for i := 0; i < 3; i++ {
		m := map[string]int{}
		m[fmt.Sprint(i)]++
		for k := range m {
			delete(m, k)
			m["x"] = i
		}
		fmt.Print(len(m), " ")
	}
	fmt.Println()
}

func hinted(n int) int {
	m := make(map[int]string, n)
	for i := 0; i < 20; i++ {
		m[i] = fmt.Sprint(i)
	}
	clear(m)
	m[1] = "one"
	return len(m[1]) + len(m)
}

func large() int {
	m := map[int]big{}
	m[1] = big{5: 7}
	b := m[1]
	m[2] = b
	n := map[big]string{{1: 1}: "a"}
	n[b] = "b"
	return m[2][5] + len(n[b]) + len(n)
}

func anys(v any) (int, bool) {
	m := map[any]int{1: 1, "a": 2, point{1, 2}: 3, 2.5: 4}
	n, ok := m[v]
	m[v] = n + 1
	return m[v], ok
}

func empty() (int, bool) {
	m := map[struct{}]struct{}{}
	_, before := m[struct{}{}]
	m[struct{}{}] = struct{}{}
	return len(m), before
}

// recursion: the map is passed to the function itself.
func walk(n int, seen map[int]bool) int {
	if n == 0 || seen[n] {
		return 0
	}
	seen[n] = true
	return 1 + walk(n-1, seen) + walk(n/2, seen)
}

func keys(m map[string]int) (list []string) {
	for k := range m {
		list = append(list, k)
	}
	sort.Strings(list)
	return list
}

func closure() int {
	m := map[string]int{}
	add := func(k string) { m[k]++ }
	for i := 0; i < 12; i++ {
		add(fmt.Sprint(i % 10))
	}
	return len(m)
}

func returned() map[string]int { m := map[string]int{"r": 1}; m["s"] = 2; return m }

func main() {
	fmt.Println(count([]string{"a", "b", "a"}), count(nil))
	fmt.Println(grow(0), grow(5), grow(8), grow(9), grow(100))
	rounds()
	fmt.Println(hinted(0), hinted(8), hinted(9), hinted(100), hinted(-1))
	fmt.Println(large())
	fmt.Println(anys(1))
	fmt.Println(anys("a"))
	fmt.Println(anys(point{1, 2}))
	fmt.Println(anys(point{2, 1}))
	fmt.Println(empty())
	fmt.Println(walk(30, map[int]bool{}))
	fmt.Println(keys(map[string]int{"z": 1, "y": 2, "x": 3}), keys(nil))
	fmt.Println(closure(), len(returned()))
	func() {
		defer func() { fmt.Println(recover()) }()
		m := map[any]int{}
		m[[]int{1}] = 1
	}()
}
