package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/bzip2"
	"compress/flate"
	"compress/gzip"
	"compress/lzw"
	"compress/zlib"
	"fmt"
	"io"
	"strings"
)

func main() {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	w.Write([]byte(strings.Repeat("hello ", 1000)))
	w.Close()
	fmt.Println(b.Len())
	r, err := gzip.NewReader(&b)
	d, _ := io.ReadAll(r)
	fmt.Println(len(d), err)
	var z bytes.Buffer
	zw := zlib.NewWriter(&z)
	zw.Write(d)
	zw.Close()
	zr, _ := zlib.NewReader(&z)
	d2, _ := io.ReadAll(zr)
	fmt.Println(bytes.Equal(d, d2))
	var f bytes.Buffer
	fw, _ := flate.NewWriter(&f, 9)
	fw.Write(d)
	fw.Close()
	fmt.Println(f.Len())
	var l bytes.Buffer
	lw := lzw.NewWriter(&l, lzw.LSB, 8)
	lw.Write(d)
	lw.Close()
	fmt.Println(l.Len())
	_, err = io.ReadAll(bzip2.NewReader(strings.NewReader("xx")))
	fmt.Println(err)
	var t bytes.Buffer
	tw := tar.NewWriter(&t)
	tw.WriteHeader(&tar.Header{Name: "a", Size: 3, Mode: 0600})
	tw.Write([]byte("abc"))
	tw.Close()
	tr := tar.NewReader(&t)
	h, err := tr.Next()
	fmt.Println(h.Name, h.Size, err)
	var zb bytes.Buffer
	zz := zip.NewWriter(&zb)
	zf, _ := zz.Create("f.txt")
	zf.Write([]byte("zip"))
	zz.Close()
	rd, err := zip.NewReader(bytes.NewReader(zb.Bytes()), int64(zb.Len()))
	fmt.Println(rd.File[0].Name, err)
}
