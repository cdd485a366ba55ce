// run

// Digests and checksums of all lengths around the blocks', in pieces too.
package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/sha512"
	"encoding"
	"fmt"
	"hash"
	"hash/crc32"
	"io"
	"strings"
)

func main() {
	data := make([]byte, 1000)
	for i := range data {
		data[i] = byte(i*7 + i>>3)
	}
	all := sha256.New()
	for _, n := range []int{0, 1, 3, 55, 56, 63, 64, 65, 111, 112, 127, 128, 129, 500, 998} {
		for from := range 3 {
			d := data[from : from+n]
			a, b, c, e := sha256.Sum256(d), sha512.Sum512(d), sha256.Sum224(d), sha512.Sum512_256(d)
			fmt.Fprintf(all, "%x%x%x%x%08x%08x", a, b, c, e, crc32.ChecksumIEEE(d), crc32.Checksum(d, crc32.MakeTable(crc32.Castagnoli)))
		}
	}
	fmt.Printf("%x\n", all.Sum(nil))
	fmt.Printf("%x %x\n", sha256.Sum256(nil), sha512.Sum384([]byte("abc")))
	fmt.Printf("%08x %08x\n", crc32.ChecksumIEEE([]byte("123456789")), crc32.Update(crc32.ChecksumIEEE([]byte("1234")), crc32.IEEETable, []byte("56789")))

	for _, h := range []hash.Hash{sha256.New(), sha512.New(), crc32.NewIEEE(), hmac.New(sha256.New, []byte("key"))} {
		whole, pieces := h.Sum(nil), 0
		h.Write(data)
		one := h.Sum(nil)
		h.Reset()
		for n := 0; n < len(data); pieces++ {
			k := min(len(data)-n, 1+pieces*5)
			h.Write(data[n : n+k])
			n += k
		}
		fmt.Printf("%x %v %d %x\n", one[:4], string(one) == string(h.Sum(nil)), pieces, whole[:4])
	}
	h := sha256.New()
	io.Copy(h, strings.NewReader("half of a text, "))
	state, err := h.(encoding.BinaryMarshaler).MarshalBinary()
	g := sha256.New()
	err2 := g.(encoding.BinaryUnmarshaler).UnmarshalBinary(state)
	g.Write([]byte("and the rest"))
	fmt.Println(err, err2, fmt.Sprintf("%x", g.Sum(nil)) == fmt.Sprintf("%x", sha256.Sum256([]byte("half of a text, and the rest"))))
}
