package runtime

import "unsafe"

// The functions below make the values with which the runtime panics, on the stack of the goroutine that faults.

func errorStringValue(text string) any {
	for _, e := range constantErrors {
		if e == error(errorString(text)) {
			return e
		}
	}
	return errorString(text)
}

func errorAddressValue(text string, addr uintptr) any { return errorAddressString{text, addr} }

func plainErrorValue(text string) any {
	for _, e := range constantErrors {
		if e == error(plainError(text)) {
			return e
		}
	}
	return plainError(text)
}

func boundsErrorValue(x int64, signed bool, y int, code uint8) any {
	return boundsError{x, y, signed, code}
}

func typeAssertionErrorValue(iface, concrete, asserted unsafe.Pointer, missing string) any {
	return &TypeAssertionError{iface, concrete, asserted, missing}
}

func panicNilErrorValue() any { return new(PanicNilError) }

type stringer interface{ String() string }

// printText gives the text of a panic's value that nobody recovered, if the value has a method for it.
func printText(v any) (string, bool) {
	switch v := v.(type) {
	case error:
		return v.Error(), true
	case stringer:
		return v.String(), true
	}
	return "", false
}
