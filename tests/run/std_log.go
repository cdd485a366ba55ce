package main

import (
	"flag"
	"fmt"
	"log"
	"log/slog"
	"os"
)

func main() {
	log.SetFlags(log.Lshortfile)
	log.SetOutput(os.Stdout)
	log.Println("hi")
	fs := flag.NewFlagSet("x", flag.ContinueOnError)
	n := fs.Int("n", 3, "number")
	s := fs.String("s", "d", "str")
	fmt.Println(fs.Parse([]string{"-n", "7", "-s=q", "rest"}), *n, *s, fs.Args())
	fs.SetOutput(os.Stdout)
	fs.PrintDefaults()
	fmt.Println(fs.Parse([]string{"-zz"}))
	l := slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: func(g []string, a slog.Attr) slog.Attr {
		if a.Key == "time" {
			return slog.Attr{}
		}
		return a
	}}))
	l.Info("msg", "a", 1, "b", []int{2})
	log.Fatalf("bye %d", 1)
}
