package main

import (
	"container/heap"
	"container/list"
	"container/ring"
	"fmt"
	"index/suffixarray"
	"math"
	"math/big"
	"math/cmplx"
)

type H []int

func (h H) Len() int           { return len(h) }
func (h H) Less(i, j int) bool { return h[i] < h[j] }
func (h H) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *H) Push(x any)        { *h = append(*h, x.(int)) }
func (h *H) Pop() any          { o := *h; n := len(o); x := o[n-1]; *h = o[:n-1]; return x }
func main() {
	a := new(big.Int)
	a.SetString("123456789012345678901234567890", 10)
	b := big.NewInt(987654321)
	fmt.Println(new(big.Int).Mul(a, b), new(big.Int).Exp(b, big.NewInt(50), nil), new(big.Int).Div(a, b), a.Cmp(b), new(big.Int).Sqrt(a), new(big.Int).MulRange(1, 60))
	fmt.Println(new(big.Int).ModInverse(big.NewInt(3), big.NewInt(11)), big.NewInt(97).ProbablyPrime(10))
	r := big.NewRat(3, 4)
	fmt.Println(r.Add(r, big.NewRat(1, 3)), r.FloatString(5))
	f, _ := new(big.Float).SetPrec(200).SetString("1.5e100")
	fmt.Println(f, f.Sqrt(f))
	fmt.Println(cmplx.Sqrt(-1), cmplx.Exp(1i*math.Pi))
	h := &H{5, 2, 8}
	heap.Init(h)
	heap.Push(h, 1)
	fmt.Println(heap.Pop(h), heap.Pop(h))
	l := list.New()
	l.PushBack(1)
	l.PushFront(0)
	for e := l.Front(); e != nil; e = e.Next() {
		fmt.Print(e.Value, " ")
	}
	rg := ring.New(3)
	fmt.Println(rg.Len())
	ix := suffixarray.New([]byte("banana"))
	fmt.Println(len(ix.Lookup([]byte("ana"), -1)))
}
