// run

// A fallthrough behind labels, before empty statements, in generic code, into and out of the default clause.

package main

func one(n int) string {
	switch {
	case n < 10:
		if n < 5 {
			goto next
		}
		return "five"
	next:
		fallthrough
	default:
		return "default"
	}
}

func several(n int) (s string) {
	switch n {
	case 0:
		s += "0"
		if n == 0 {
			goto inner
		}
		goto outer
	outer:
	inner:
		fallthrough
	case 1:
		s += "1"
		switch {
		case len(s) > 1:
			goto end
		}
		s += "!"
	end:
		fallthrough;
		;
	default:
		s += "d"
		for i := range 3 {
			if i == n {
				goto last
			}
		}
	last:
		fallthrough
	case 2:
		s += "2"
	case 3:
		s += "3"
	}
	return s
}

func counted(n int) int {
	count := 0
	switch {
	case true:
	again:
		count++
		if count < n {
			goto again
		}
		fallthrough
	case false:
		count *= 10
	}
	return count
}

func generic[T comparable](x T, list ...T) (n int) {
	for _, y := range list {
		switch y {
		case x:
			n++
			if n == 2 {
				goto two
			}
			n += 10
		two:
			fallthrough
		case *new(T):
			n += 100
		default:
			n += 1000
			continue
		}
		n += 10000
	}
	return n
}

func inLoops(yield func(func(int) bool)) (out []int) {
outer:
	for i := range yield {
		switch i {
		case 0:
			if len(out) > 0 {
				goto skip
			}
			out = append(out, -1)
		skip:
			fallthrough
		case 1:
			out = append(out, i)
			defer func() { out = append(out, 100+i) }()
		case 2:
			break
		case 3:
			break outer
		case 4:
			func() {
				switch {
				default:
					goto in
				in:
					fallthrough
				case i > 100:
					out = append(out, 40)
				}
			}()
		}
	}
	return
}

func main() {
	println(one(7), one(3), one(20))
	for i := range 5 {
		println(several(i))
	}
	println(counted(3))
	println(generic(1, 1, 0, 1, 2), generic("a", "a", "", "b"))
	for _, n := range inLoops(func(yield func(int) bool) {
		for _, i := range []int{0, 2, 0, 1, 4, 3, 0} {
			if !yield(i) {
				return
			}
		}
	}) {
		print(n, " ")
	}
	println()
}
