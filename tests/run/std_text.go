package main

import (
	"bufio"
	"bytes"
	"fmt"
	"html"
	"html/template"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"net/netip"
	"net/textproto"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"strings"
	"text/scanner"
	"text/tabwriter"
	"unicode/utf16"
)

func main() {
	w := tabwriter.NewWriter(os.Stdout, 0, 8, 2, ' ', tabwriter.AlignRight|tabwriter.Debug)
	fmt.Fprintln(w, "a\tbbb\tc")
	fmt.Fprintln(w, "aaaa\tb\tc")
	w.Flush()
	var s scanner.Scanner
	s.Init(strings.NewReader("x := 3.5 + \"s\" // c"))
	for t := s.Scan(); t != scanner.EOF; t = s.Scan() {
		fmt.Print(s.TokenText(), "|")
	}
	fmt.Println()
	fmt.Println(html.EscapeString("<a&b>"), html.UnescapeString("&lt;&eacute;"))
	t := template.Must(template.New("t").Parse(`<a href="{{.U}}">{{.T}}</a><script>var x={{.J}}</script>` + "\n"))
	fmt.Println(t.Execute(os.Stdout, map[string]any{"U": "javascript:x", "T": "<b>", "J": map[string]int{"a": 1}}))
	fmt.Println(path.Join("a", "../b"), filepath.Base("/x/y.go"), filepath.Ext("a.go"))
	m, _ := filepath.Match("*.go", "a.go")
	fmt.Println(m)
	u, err := url.Parse("https://u:p@h.com:80/p/a?q=1&r=a+b#f")
	fmt.Println(u.Host, u.Query(), u.Fragment, u.User, err, url.QueryEscape("a b&c"))
	fmt.Println(mime.TypeByExtension(".html"))
	ip, _ := netip.ParseAddr("10.0.0.1")
	fmt.Println(ip.IsPrivate(), ip.Next(), utf16.Encode([]rune("a😀")))
	a, err := mail.ParseAddress("Bob <bob@x.org>")
	fmt.Println(a, err)
	var b bytes.Buffer
	mw := multipart.NewWriter(&b)
	mw.SetBoundary("xx")
	mw.WriteField("k", "v")
	mw.Close()
	fmt.Println(b.Len())
	q := quotedprintable.NewWriter(os.Stdout)
	q.Write([]byte("é=\n"))
	q.Close()
	h, err := textproto.NewReader(bufio.NewReader(strings.NewReader("A: b\r\nC: d\r\n\r\n"))).ReadMIMEHeader()
	fmt.Println(h, err)
}
