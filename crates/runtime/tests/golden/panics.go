// Prints the texts of run-time errors, for the Rust test to compare. Written by: go run panics.go > panics.txt
// Lines: name, tab, Go type of the panic value, tab, text.
package main

import (
	"fmt"
	html "html/template"
	text "text/template"
)

type T struct{}
type I interface{ M() }
type J interface {
	B()
	A()
	b()
}
type PtrOnly struct{}

func (*PtrOnly) M() {}

type Val struct{ x int }

func (Val) M() {}

type Named func()

func try(name string, f func()) {
	defer func() {
		e := recover()
		fmt.Printf("%s\t%T\t%v\n", name, e, e)
	}()
	f()
}

func local() any {
	type T struct{}
	return T{}
}

var calls = []func(I){I.M}

func main() {
	var nilAny any
	var nilI I
	var nilVal *Val
	zero, minus, five := 0, -1, 5
	s := make([]int, 3, 4)
	str := "abc"
	arr := [3]int{}
	try("nil any to concrete", func() { _ = nilAny.(int) })
	try("nil I to concrete", func() { _ = nilI.(Val) })
	try("nil any to I", func() { _ = nilAny.(I) })
	try("nil I to any", func() { _ = nilI.(any) })
	try("wrong concrete", func() { _ = any(1).(string) })
	try("wrong concrete from I", func() { _ = I(Val{}).(*PtrOnly) })
	try("same name, other scope", func() { _ = local().(T) })
	try("same name, other package", func() { _ = any(text.Template{}).(html.Template) })
	try("pointer of same name, other package", func() { _ = any(new(text.Template)).(*html.Template) })
	try("missing method", func() { _ = any(T{}).(I) })
	try("pointer method", func() { _ = any(PtrOnly{}).(I) })
	try("first missing", func() { _ = any(Val{}).(J) })
	try("basic lacks method", func() { _ = any(3).(fmt.Stringer) })
	try("to unnamed interface", func() { _ = any(3).(interface{ X(int) string }) })
	try("compare slices", func() { _ = any([]int{}) == any([]int{}) })
	try("compare struct", func() { _ = any(struct{ a []int }{}) == any(struct{ a []int }{}) })
	try("compare array", func() { _ = any([1]func(){}) == any([1]func(){}) })
	try("compare named func", func() { _ = any(Named(nil)) == any(Named(nil)) })
	try("compare nested", func() { _ = any(struct{ x any }{[]int{}}) == any(struct{ x any }{[]int{}}) })
	try("hash slice", func() { map[any]int{}[[]int{}] = 1 })
	try("hash nested", func() { map[any]int{}[struct{ x any }{[]int{}}] = 1 })
	try("hash struct", func() { map[any]int{}[struct{ x []int }{}] = 1 })
	try("nil dereference", func() { _ = nilI.M })
	try("divide", func() { _ = 1 / zero })
	try("shift", func() { _ = 1 << minus })
	try("index", func() { _ = s[five] })
	try("index negative", func() { _ = s[minus] })
	try("index uint64", func() { _ = s[^uint64(zero)] })
	try("slice alen", func() { _ = str[:five] })
	try("slice acap", func() { _ = s[:five] })
	try("slice alen negative", func() { _ = str[:minus] })
	try("slice b", func() { _ = s[five-2 : five-3] })
	try("slice b negative", func() { _ = s[minus:] })
	try("slice3 alen", func() { _ = arr[0:1:five] })
	try("slice3 acap", func() { _ = s[0:1:five] })
	try("slice3 b", func() { _ = s[0 : five-1 : five-3] })
	try("slice3 c", func() { _ = s[five-2 : five-3 : five-1] })
	try("convert", func() { _ = [8]int(s) })
	try("makeslice len", func() { _ = make([]int, minus) })
	try("makeslice cap", func() { _ = make([]int, 1, zero) })
	try("nil map", func() { var m map[string]int; m["x"] = 1 })
	try("close nil", func() { var c chan int; close(c) })
	try("close closed", func() { c := make(chan int); close(c); close(c) })
	try("send closed", func() { c := make(chan int); close(c); c <- 1 })
	try("makechan", func() { _ = make(chan int, minus) })
	try("panicwrap", func() { i := I(nilVal); calls[0](i) })
}
