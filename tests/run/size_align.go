// run

// Sizes and alignments in generic code: constants of each instance.
package main

import (
	"fmt"
	"reflect"
	"unsafe"
)

// Size is the number of bytes of a T.
func Size[T any]() uintptr {
	var zero T
	return unsafe.Sizeof(zero)
}

// Align is the alignment of a T.
func Align[T any]() uintptr {
	var zero T
	return unsafe.Alignof(zero)
}

// FieldAlign is that of a field of type T, by the place of the second field.
func FieldAlign[T any]() uintptr {
	var s struct {
		_ byte
		v T
	}
	return unsafe.Offsetof(s.v)
}

// Stride is the distance of two elements.
func Stride[T any]() uintptr {
	var a [2]T
	return uintptr(unsafe.Pointer(&a[1])) - uintptr(unsafe.Pointer(&a[0]))
}

type Node[K comparable, V any] struct {
	key  K
	val  V
	next *Node[K, V]
	used bool
}

func show[T any]() {
	t := reflect.TypeFor[T]()
	same := t.Size() == Size[T]() && uintptr(t.Align()) == Align[T]() && uintptr(t.FieldAlign()) == FieldAlign[T]() && Stride[T]() == Size[T]()
	fmt.Println(t, Size[T](), Align[T](), same, Size[[3]T](), Size[*T](), Size[struct {
		a byte
		T T
		b byte
	}]())
}

type buffer[T any] struct {
	raw [64]byte
}

// put and get keep values in bytes.
func (b *buffer[T]) put(i int, v T) { *(*T)(unsafe.Pointer(&b.raw[uintptr(i)*Size[T]()])) = v }
func (b *buffer[T]) get(i int) T    { return *(*T)(unsafe.Pointer(&b.raw[uintptr(i)*Size[T]()])) }

func main() {
	show[bool]()
	show[int16]()
	show[int64]()
	show[string]()
	show[[]byte]()
	show[any]()
	show[error]()
	show[complex64]()
	show[complex128]()
	show[[0]int64]()
	show[[3]byte]()
	show[struct{}]()
	show[struct {
		a byte
		b int32
		c byte
	}]()
	show[struct {
		p *int
		_ struct{}
	}]()
	show[func(int) string]()
	show[map[string]int]()
	show[chan<- int]()
	show[unsafe.Pointer]()
	show[Node[byte, string]]()
	show[Node[[5]int16, [0]func()]]()
	show[*Node[any, any]]()

	var b buffer[[3]uint16]
	for i := range 5 {
		b.put(i, [3]uint16{uint16(i), uint16(i * i), 1})
	}
	fmt.Println(b.get(4), b.get(2), Size[buffer[any]]())
	const n = unsafe.Sizeof(Node[int, int8]{})
	var arr [n]byte
	fmt.Println(len(arr))
}
