package main

import (
	"fmt"
	"iter"
	"math/rand"
	r2 "math/rand/v2"
	"runtime"
	"unique"
	"weak"
)

func seq(yield func(int) bool) {
	for i := range 5 {
		if !yield(i) {
			fmt.Println("stopped")
			return
		}
	}
}

func main() {
	r := rand.New(rand.NewSource(42))
	fmt.Println(r.Intn(100), r.Float64(), r.Perm(5))
	p := r2.New(r2.NewPCG(1, 2))
	fmt.Println(p.IntN(1000), p.N(int64(50)), p.Uint64())
	c := r2.New(r2.NewChaCha8([32]byte{1}))
	fmt.Println(c.Uint64())
	_ = rand.Int()
	x := r2.N(10)
	fmt.Println(x < 10)
	next, stop := iter.Pull(iter.Seq[int](seq))
	a, ok := next()
	b, _ := next()
	fmt.Println(a, ok, b)
	stop()
	_, ok = next()
	fmt.Println(ok)
	h1, h2 := unique.Make("abc"), unique.Make("ab"+string([]byte{'c'}))
	fmt.Println(h1 == h2, h1.Value())
	q := new([64]int)
	w := weak.Make(q)
	fmt.Println(w.Value() == q)
	runtime.KeepAlive(q)
}
