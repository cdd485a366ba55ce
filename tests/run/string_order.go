// run

// Order of strings of all short lengths, with bytes above 127, by the operators.
package main

import "fmt"

// less compares byte by byte.
func less(a, b string) bool {
	for i := 0; i < len(a) && i < len(b); i++ {
		if a[i] != b[i] {
			return a[i] < b[i]
		}
	}
	return len(a) < len(b)
}

func main() {
	var all []string
	for n := range 20 {
		base := make([]byte, n)
		for i := range base {
			base[i] = 'm'
		}
		all = append(all, string(base))
		for i := range base {
			for _, c := range []byte{0, 'a', 'z', 0x80, 0xff} {
				base[i] = c
				all = append(all, string(base))
			}
			base[i] = 'm'
		}
	}
	wrong := 0
	for _, a := range all {
		for _, b := range all {
			l, g := less(a, b), less(b, a)
			if (a < b) != l || (a > b) != g || (a <= b) == g || (a >= b) == l || (a == b) != (!l && !g) {
				wrong++
			}
		}
	}
	fmt.Println(len(all), wrong)
}
