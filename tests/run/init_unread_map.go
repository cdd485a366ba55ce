// run

package main

import (
	"fmt"
	"unicode"
)

// Tables that something names are filled, wherever it does.

var named = map[string]*int{"a": &x, "b": &y}

var x, y = 1, 2

var unnamed = map[string]*int{"a": &x}

var calls = map[string]int{"n": count()}

var keys = map[any]int{1: x, "one": y}

func count() int {
	fmt.Println("counted")
	return 1
}

func look(s string) int { return *named[s] }

func main() {
	fmt.Println(look("b"), len(unicode.Scripts) > 100, unicode.Is(unicode.Categories["Lu"], 'A'))
	f := func() map[any]int { return keys }
	fmt.Println(f()["one"])
}
