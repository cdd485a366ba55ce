// passes: -checks
package main

func space(r rune) bool {
	switch r {
	case ' ', '\n':
		return true
	}
	return r == '\u00a0'
}

func digit(r rune) bool { return '0' <= r && r <= '9' }

func words(s []rune) (n int) {
	for _, r := range s {
		if space(r) || digit(r) {
			n++
		}
	}
	return n
}

func either(a, b bool) int {
	c := a || b
	if c {
		return 1
	}
	return 2
}

// The parameter is used after the branch too.
func kept(a bool) (int, bool) {
	c := true
	if a {
		c = false
	}
	if c {
		return 1, c
	}
	return 2, c
}
