// run

// Variables of loops are new in each iteration, also where closures that hold them end up in an array of the frame.
package main

func seq(n int) func(func(int) bool) {
	return func(yield func(int) bool) {
		for i := 0; i < n && yield(i); i++ {
		}
	}
}

func main() {
	var fs [3]func() int
	for i := range fs {
		fs[i] = func() int { i *= 2; return i }
	}
	println(fs[1](), fs[1](), fs[2]())
	for i := 0; i < 3; i++ {
		fs[i] = func() int { i += 10; return i }
	}
	println(fs[0](), fs[0](), fs[1]())
	for x := range seq(3) {
		fs[x] = func() int { x++; return x }
	}
	println(fs[0](), fs[0](), fs[2]())
	defer func() { println("deferred", recover() == nil) }()
}
