package runtime

import "unsafe"

// The functions below make the values with which the runtime panics, on the stack of the goroutine that faults. Constants
// need not be made anew.

func errorStringValue(text string) any {
	switch text {
	case "integer divide by zero":
		return errorString("integer divide by zero")
	case "negative shift amount":
		return errorString("negative shift amount")
	case "invalid memory address or nil pointer dereference":
		return errorString("invalid memory address or nil pointer dereference")
	case "makeslice: len out of range":
		return errorString("makeslice: len out of range")
	case "makeslice: cap out of range":
		return errorString("makeslice: cap out of range")
	case "growslice: len out of range":
		return errorString("growslice: len out of range")
	}
	return errorString(text)
}

func errorAddressValue(text string, addr uintptr) any { return errorAddressString{text, addr} }

func plainErrorValue(text string) any {
	switch text {
	case "send on closed channel":
		return plainError("send on closed channel")
	case "close of closed channel":
		return plainError("close of closed channel")
	case "close of nil channel":
		return plainError("close of nil channel")
	case "makechan: size out of range":
		return plainError("makechan: size out of range")
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
