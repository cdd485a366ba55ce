package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"time"
)

func main() {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	go func() {
		c, _ := l.Accept()
		s, _ := bufio.NewReader(c).ReadString('\n')
		fmt.Fprintf(c, "echo %s", s)
		c.Close()
	}()
	c, err := net.DialTimeout("tcp", l.Addr().String(), time.Second)
	fmt.Println(err)
	fmt.Fprintln(c, "hey")
	b, err := io.ReadAll(c)
	fmt.Printf("%q %v\n", b, err)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprintf(w, "path %s", r.URL.Path) }))
	defer s.Close()
	r, err := http.Get(s.URL + "/x")
	if err != nil {
		fmt.Println(err)
		return
	}
	bb, _ := io.ReadAll(r.Body)
	fmt.Println(r.StatusCode, string(bb))
	c2, _ := net.Pipe()
	c2.SetDeadline(time.Now())
	_, err = c2.Read(bb)
	fmt.Println(err)
}
