// run

// What package reflect says about interfaces: concrete types, interface types, names that are not exported.
package main

import (
	"errors"
	"fmt"
	"io"
	"reflect"
)

type hidden interface {
	Len() int
	peek() string
}

type Wide interface {
	hidden
	io.Reader
	Cap() int
}

type buffer struct{}

func (buffer) Len() int                  { return 0 }
func (buffer) peek() string              { return "" }
func (*buffer) Read([]byte) (int, error) { return 0, io.EOF }
func (*buffer) Cap() int                 { return 1 }

type wrong struct{}

func (wrong) Len() int64 { return 0 }

type notFound struct{ name string }

func (e *notFound) Error() string { return e.name + " is not there" }

func main() {
	interfaces := []reflect.Type{
		reflect.TypeFor[any](), reflect.TypeFor[hidden](), reflect.TypeFor[Wide](), reflect.TypeFor[io.Reader](),
		reflect.TypeFor[interface{ Len() int }](), reflect.TypeFor[error](), reflect.TypeFor[interface{ Write(string) }](),
	}
	types := append([]reflect.Type{
		reflect.TypeFor[buffer](), reflect.TypeFor[*buffer](), reflect.TypeFor[wrong](), reflect.TypeFor[int](),
		reflect.TypeFor[*notFound](), reflect.TypeFor[struct{ buffer }](), reflect.TypeFor[reflect.Type](),
	}, interfaces...)
	for _, t := range types {
		fmt.Print(t, ":")
		for _, i := range interfaces {
			if t.Implements(i) != t.AssignableTo(i) {
				fmt.Print(" differ")
			}
			fmt.Print(" ", t.Implements(i))
		}
		fmt.Println()
	}

	var wide Wide = &buffer{}
	v := reflect.New(reflect.TypeFor[hidden]()).Elem()
	v.Set(reflect.ValueOf(wide))
	fmt.Println(v.Elem().Type(), v.NumMethod())
	fmt.Println(reflect.ValueOf(wide).Convert(reflect.TypeFor[io.Reader]()).Type())
	func() {
		defer func() { fmt.Println(recover()) }()
		v.Set(reflect.ValueOf(wrong{}))
	}()

	// Package errors asks internal/reflectlite.
	err := fmt.Errorf("config: %w", &notFound{"x"})
	var target *notFound
	var named interface{ Error() string }
	fmt.Println(errors.As(err, &target), target, errors.As(err, &named), named)
	func() {
		defer func() { fmt.Println(recover()) }()
		var w *wrong
		errors.As(err, &w)
	}()
}
