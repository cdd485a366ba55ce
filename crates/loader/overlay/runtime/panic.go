package runtime

import "unsafe"

// The functions below are called by the runtime, on the stack of the goroutine that faults, to panic with a Go value.

func goPanicError(text string) { panic(errorString(text)) }

func goPanicPlain(text string) { panic(plainError(text)) }

func goPanicBounds(x int64, y int, signed bool, code uint8) {
	panic(boundsError{x, y, signed, code})
}

func goPanicTypeAssert(iface, concrete, asserted unsafe.Pointer, missing string) {
	panic(&TypeAssertionError{iface, concrete, asserted, missing})
}

func goPanicNil() { panic(new(PanicNilError)) }

func goPanicMem() { panic(memoryError) }

func goPanicDivide() { panic(divideError) }

func goPanicShift() { panic(shiftError) }

type stringer interface{ String() string }

// preprintpanic turns the value of a panic that nobody recovered into what can be printed without running more code of
// the program: errors and Stringers are asked for their text, marked by the bool.
func preprintpanic(v any) (any, bool) {
	switch v := v.(type) {
	case error:
		return v.Error(), true
	case stringer:
		return v.String(), true
	}
	return v, false
}

// printpanicval prints such a value as Go does: basic types by value, others as (type) address.
func printpanicval(v any) {
	switch v := v.(type) {
	case nil:
		print("nil")
	case bool:
		print(v)
	case int:
		print(v)
	case int8:
		print(v)
	case int16:
		print(v)
	case int32:
		print(v)
	case int64:
		print(v)
	case uint:
		print(v)
	case uint8:
		print(v)
	case uint16:
		print(v)
	case uint32:
		print(v)
	case uint64:
		print(v)
	case uintptr:
		print(v)
	case float32:
		print(v)
	case float64:
		print(v)
	case complex64:
		print(v)
	case complex128:
		print(v)
	case string:
		printindented(v)
	default:
		printanycustomtype(v)
	}
}

// printanycustomtype prints values of defined types with a basic underlying type as T(value), all others by address.
func printanycustomtype(v any) {
	e := (*eface)(unsafe.Pointer(&v))
	name := typeString(e.typ)
	switch typeKind(e.typ) {
	case 1:
		print(name, "(", *(*bool)(e.data), ")")
	case 2, 6:
		print(name, "(", *(*int64)(e.data), ")")
	case 3:
		print(name, "(", *(*int8)(e.data), ")")
	case 4:
		print(name, "(", *(*int16)(e.data), ")")
	case 5:
		print(name, "(", *(*int32)(e.data), ")")
	case 7, 11, 12:
		print(name, "(", *(*uint64)(e.data), ")")
	case 8:
		print(name, "(", *(*uint8)(e.data), ")")
	case 9:
		print(name, "(", *(*uint16)(e.data), ")")
	case 10:
		print(name, "(", *(*uint32)(e.data), ")")
	case 13:
		print(name, "(", *(*float32)(e.data), ")")
	case 14:
		print(name, "(", *(*float64)(e.data), ")")
	case 15:
		print(name, *(*complex64)(e.data))
	case 16:
		print(name, *(*complex128)(e.data))
	case 24:
		print(name, `("`)
		printindented(*(*string)(e.data))
		print(`")`)
	default:
		print("(", name, ") ", e.data)
	}
}

// printindented prints a string so that its further lines do not look like output of the runtime.
func printindented(s string) {
	start := 0
	for i := 0; i < len(s); i++ {
		if s[i] == '\n' {
			print(s[start:i], "\n\t")
			start = i + 1
		}
	}
	print(s[start:])
}

type eface struct {
	typ  unsafe.Pointer
	data unsafe.Pointer
}

func typeString(typ unsafe.Pointer) string

func typeKind(typ unsafe.Pointer) uint8
