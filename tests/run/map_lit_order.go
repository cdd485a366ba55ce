// run

// A map literal is filled before calls to its right are made.

package main

var none []int

//go:noinline
func called() int { println("called"); return 0 }

type pair struct {
	m map[int]int
	n int
}

func try(f func()) {
	defer func() { println(recover().(error).Error()) }()
	f()
}

func main() {
	try(func() { println(map[int]int{0: none[1]}[called()]) })
	try(func() { println(pair{map[int]int{0: none[1]}, called()}.n) })
	try(func() { println(len([]any{none[1], called()})) })
}
