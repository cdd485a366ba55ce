package main

import (
	"bytes"
	"encoding/ascii85"
	"encoding/asn1"
	"encoding/base32"
	"encoding/base64"
	"encoding/binary"
	"encoding/csv"
	"encoding/gob"
	"encoding/hex"
	"encoding/pem"
	"encoding/xml"
	"fmt"
	"os"
	"strings"
)

type P struct {
	XMLName xml.Name `xml:"p"`
	A       int      `xml:"a,attr"`
	B       []string `xml:"b"`
}
type G struct {
	X int
	M map[string][]float64
	I any
}

func main() {
	fmt.Println(base64.StdEncoding.EncodeToString([]byte("hello")), hex.Dump([]byte("abc")), base32.StdEncoding.EncodeToString([]byte("x")))
	r := csv.NewReader(strings.NewReader("a,\"b,c\"\n1,2\n"))
	rec, err := r.ReadAll()
	fmt.Println(rec, err)
	w := csv.NewWriter(os.Stdout)
	w.Write([]string{"q\"", "z"})
	w.Flush()
	b, err := xml.MarshalIndent(P{A: 1, B: []string{"x", "y"}}, "", " ")
	fmt.Println(string(b), err)
	var p P
	fmt.Println(xml.Unmarshal(b, &p), p.A, p.B)
	gob.Register(G{})
	var buf bytes.Buffer
	fmt.Println(gob.NewEncoder(&buf).Encode(G{1, map[string][]float64{"a": {1, 2}}, G{X: 5}}))
	var g G
	fmt.Println(gob.NewDecoder(&buf).Decode(&g), g)
	var bb bytes.Buffer
	binary.Write(&bb, binary.BigEndian, struct {
		A uint16
		B int32
	}{1, -2})
	fmt.Println(bb.Bytes(), binary.LittleEndian.Uint32([]byte{1, 2, 3, 4}), binary.AppendUvarint(nil, 300))
	d := make([]byte, 20)
	n := ascii85.Encode(d, []byte("abcd"))
	fmt.Println(string(d[:n]))
	fmt.Print(string(pem.EncodeToMemory(&pem.Block{Type: "T", Bytes: []byte("x")})))
	a, _ := asn1.Marshal([]int{1, 2})
	fmt.Println(a)
}
