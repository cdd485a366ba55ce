// run

package main

import (
	"fmt"
	"html"
	"syscall"
	"time"
	"unicode"
)

// Tables of the standard library that are filled when they are first needed: from an initialiser, from several
// goroutines, and where a map is changed.

var early, earlyErr = time.ParseDuration("1h15m30.918s")

func main() {
	fmt.Println(early, earlyErr)
	results := make(chan string)
	for i := range 4 {
		go func() { results <- fmt.Sprint(i, html.UnescapeString("&lt;&eacute;&NotEqualTilde;")) }()
	}
	seen := map[string]bool{}
	for range 4 {
		seen[<-results] = true
	}
	fmt.Println(len(seen), seen["0<é≂̸"], seen["3<é≂̸"])
	fmt.Println(len(unicode.Categories) > 30, unicode.Scripts["Greek"] == unicode.Greek)
	kept := unicode.Categories["Lu"]
	unicode.Categories["Lu"] = nil
	fmt.Println(unicode.Categories["Lu"] == nil, kept == unicode.Lu)
	_, err := time.ParseDuration("3 fortnights")
	fmt.Println(err)
	data, err := syscall.Mmap(-1, 0, 4096, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	fmt.Println(len(data), err)
	data[17] = 1
	fmt.Println(syscall.Munmap(data), syscall.Munmap([]byte{1}))
}
