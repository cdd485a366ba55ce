package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"os/user"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"syscall"
	"testing/fstest"
	"time"
)

func main() {
	d, _ := os.MkdirTemp("", "t")
	defer os.RemoveAll(d)
	os.WriteFile(filepath.Join(d, "a.txt"), []byte("hi"), 0644)
	os.Mkdir(filepath.Join(d, "sub"), 0755)
	es, err := os.ReadDir(d)
	for _, e := range es {
		fmt.Println(e.Name(), e.IsDir(), err)
	}
	filepath.WalkDir(d, func(p string, e fs.DirEntry, err error) error { r, _ := filepath.Rel(d, p); fmt.Println(r); return err })
	st, _ := os.Stat(filepath.Join(d, "a.txt"))
	fmt.Println(st.Size(), st.Mode())
	fmt.Println(os.Rename(filepath.Join(d, "a.txt"), filepath.Join(d, "b.txt")))
	_, err = os.Stat("nope")
	fmt.Println(errors.Is(err, fs.ErrNotExist), err)
	fsys := fstest.MapFS{"x/y": {Data: []byte("z")}}
	b, _ := fs.ReadFile(fsys, "x/y")
	fmt.Println(string(b))
	g, _ := fs.Glob(fsys, "x/*")
	fmt.Println(g)
	r, _ := os.OpenRoot(d)
	_, err = r.Open("../x")
	fmt.Println(err)
	u, err := user.Current()
	fmt.Println(u != nil && u.Uid != "", err)
	out, err := exec.Command("echo", "hello").Output()
	fmt.Printf("%q %v\n", out, err)
	err = exec.Command("false").Run()
	fmt.Println(err)
	p, _ := exec.LookPath("sh")
	fmt.Println(p != "")
	cmd := exec.Command("sh", "-c", "cat; echo err >&2; exit 3")
	in, _ := cmd.StdinPipe()
	go func() { in.Write([]byte("piped\n")); in.Close() }()
	o, err := cmd.CombinedOutput()
	fmt.Printf("%q %v\n", o, err)
	ch := make(chan os.Signal, 1)
	signal.Notify(ch, syscall.SIGUSR1)
	syscall.Kill(os.Getpid(), syscall.SIGUSR1)
	select {
	case s := <-ch:
		fmt.Println(s)
	case <-time.After(time.Second):
		fmt.Println("no signal")
	}
	bi, ok := debug.ReadBuildInfo()
	fmt.Println(bi != nil == ok)
	debug.SetGCPercent(50)
	debug.FreeOSMemory()
	fmt.Println(len(debug.Stack()) > 0, runtime.NumGoroutine() > 0, os.Getpid() > 1)
	h, _ := os.Hostname()
	fmt.Println(h != "")
	pr, pw, _ := os.Pipe()
	go func() { time.Sleep(time.Millisecond); pw.Write([]byte("x")); pw.Close() }()
	bb := make([]byte, 3)
	n, err := pr.Read(bb)
	fmt.Println(n, err)
	n, err = pr.Read(bb)
	fmt.Println(n, err)
}
