// run

// Opening a named pipe waits for the other end, while other goroutines run.

package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"
)

func main() {
	dir, err := os.MkdirTemp("", "fifo")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	name := filepath.Join(dir, "fifo")
	if err := syscall.Mkfifo(name, 0o600); err != nil {
		panic(err)
	}
	go func() {
		w, err := os.OpenFile(name, os.O_WRONLY, 0)
		if err != nil {
			panic(err)
		}
		fmt.Fprint(w, "through the pipe")
		w.Close()
	}()
	r, err := os.Open(name)
	if err != nil {
		panic(err)
	}
	all, err := io.ReadAll(r)
	fmt.Println(string(all), err)
}
