// run

// Valid and broken UTF-8 under range.

package main

func main() {
	h := 0
	var buf [5]byte
	for a := 0; a < 256; a++ {
		for b := 0; b < 256; b += 3 {
			for c := 0x70; c < 0xd0; c += 7 {
				for n := 0; n <= 4; n++ {
					buf = [5]byte{byte(a), byte(b), byte(c), 0x80 | byte(b&0x3f), 'x'}
					s := string(buf[:n])
					for i, r := range s {
						h = h*31 + i*7 + int(r)
					}
					s2 := "q" + s
					for i, r := range s2 {
						h = h*33 + i*5 + int(r)
					}
				}
			}
		}
	}
	println(h)
	for i := rune(0); i < 0x110000; i += 13 {
		s := string(i) + "é世\U0001F600"
		for j, r := range s {
			h = h*37 + j + int(r)
		}
	}
	println(h)
	a, b := "same", "same"
	c := string([]byte("same"))
	println(a == b, a == c, a[1:] == c[1:], a[:0] == c[:0], a == "other", c != "same")
}
