// The lines of heap.rs, for Go. `go build -o heap heap.go && ./heap`
package main

import (
	"fmt"
	"math/rand"
	"runtime"
	"time"
)

type node struct{ left, right *node }

var (
	sink8    *[8]byte
	sink16   *[16]byte
	sink64   *[64]byte
	sink1000 *[1000]byte
	sinkNode *node
	globals  [2]*node
)

func tree(depth int) *node {
	if depth == 0 {
		return &node{}
	}
	l := tree(depth - 1)
	r := tree(depth - 1)
	return &node{l, r}
}

func count(n *node) int {
	if n.left == nil {
		return 1
	}
	return 1 + count(n.left) + count(n.right)
}

func least(rounds, n int, f func()) float64 {
	best := 1e18
	for i := 0; i < rounds; i++ {
		start := time.Now()
		f()
		best = min(best, float64(time.Since(start).Nanoseconds())/float64(n))
	}
	return best
}

const million = 1000000

func main() {
	fmt.Printf("allocate 8 bytes: %.2f ns\n", least(21, million, func() {
		for i := 0; i < million; i++ {
			sink8 = new([8]byte)
		}
	}))
	fmt.Printf("allocate 16 bytes: %.2f ns\n", least(21, million, func() {
		for i := 0; i < million; i++ {
			sink16 = new([16]byte)
		}
	}))
	fmt.Printf("allocate 64 bytes: %.2f ns\n", least(21, million, func() {
		for i := 0; i < million; i++ {
			sink64 = new([64]byte)
		}
	}))
	fmt.Printf("allocate 16 bytes with pointers by a call: %.2f ns\n", least(21, million, func() {
		for i := 0; i < million; i++ {
			sinkNode = new(node)
		}
	}))
	fmt.Printf("allocate 1000 bytes: %.2f ns\n", least(21, million, func() {
		for i := 0; i < million; i++ {
			sink1000 = new([1000]byte)
		}
	}))
	for depth := 16; depth <= 20; depth++ {
		nodes := 2<<depth - 1
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		ns := least(9, nodes, func() {
			if count(tree(depth)) != nodes {
				panic("count")
			}
		})
		runtime.ReadMemStats(&after)
		fmt.Printf("binary tree of depth %d: %.2f ns a node (%d collections)\n", depth, ns, after.NumGC-before.NumGC)
	}
	runtime.GC()
	fmt.Printf("empty collection: %.1f ns\n", least(101, 1, runtime.GC))
	n := 2<<20 - 1
	nodes := make([]*node, n)
	for i := range nodes {
		nodes[i] = new(node)
	}
	rand.Shuffle(n, func(i, j int) { nodes[i], nodes[j] = nodes[j], nodes[i] })
	for i := 0; i < n/2; i++ {
		*nodes[i] = node{nodes[2*i+1], nodes[2*i+2]}
	}
	globals[0] = nodes[0]
	nodes = nil
	runtime.GC()
	fmt.Printf("mark and sweep of a random tree of %.1f MB: %.2f ns an object\n", float64(n)*16/1e6, least(11, n, runtime.GC))
}
