// run

// Goroutines, channels and select.
package main

func producer(n int, out chan<- int) {
	for i := 0; i < n; i++ {
		out <- i
	}
	close(out)
}

func fanIn(a, b <-chan int) int {
	sum := 0
	for a != nil || b != nil {
		select {
		case v, ok := <-a:
			if !ok {
				a = nil
				continue
			}
			sum += v
		case v, ok := <-b:
			if !ok {
				b = nil
				continue
			}
			sum += 1000 * v
		}
	}
	return sum
}

func main() {
	a, b := make(chan int), make(chan int, 4)
	go producer(10, a)
	go producer(5, b)
	println(fanIn(a, b))
	var nilc chan int
	select {
	case <-nilc:
		println("nil channel")
	default:
		println("default")
	}
	c := make(chan string, 2)
	c <- "x"
	c <- "y"
	println(len(c), cap(c))
	close(c)
	for s := range c {
		println(s)
	}
	v, ok := <-c
	println(v == "", ok)
	defer func() {
		println(recover().(error).Error())
		defer func() { println(recover().(error).Error()) }()
		c <- "z"
	}()
	close(c)
}
