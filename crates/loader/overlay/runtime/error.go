// Package runtime is itab's own: what Go programs see of it, over natives of the Rust crate itab-runtime.
// This file has the errors with which running code panics. Their texts are made by natives, so that host and Go code
// read the same words.
package runtime

import "unsafe"

// An Error identifies a run time error, such as an index out of range.
type Error interface {
	error
	// RuntimeError does nothing but tell run time errors from ordinary ones.
	RuntimeError()
}

// A TypeAssertionError explains a failed type assertion. The types are descriptors; missing ones are nil.
type TypeAssertionError struct {
	_interface    unsafe.Pointer
	concrete      unsafe.Pointer
	asserted      unsafe.Pointer
	missingMethod string
}

func (*TypeAssertionError) RuntimeError() {}

func (e *TypeAssertionError) Error() string {
	return typeAssertionErrorText(e._interface, e.concrete, e.asserted, e.missingMethod)
}

func typeAssertionErrorText(iface, concrete, asserted unsafe.Pointer, missing string) string

// An errorString is a run time error described by its text.
type errorString string

func (e errorString) RuntimeError() {}

func (e errorString) Error() string { return "runtime error: " + string(e) }

// A plainError is a run time error whose text has no prefix.
type plainError string

func (e plainError) RuntimeError() {}

func (e plainError) Error() string { return string(e) }

// An errorAddressString is the error of a fault at an address.
type errorAddressString struct {
	msg  string
	addr uintptr
}

func (e errorAddressString) RuntimeError() {}

func (e errorAddressString) Error() string { return "runtime error: " + e.msg }

func (e errorAddressString) Addr() uintptr { return e.addr }

// A boundsError is an index or slice expression out of range.
type boundsError struct {
	x      int64
	y      int
	signed bool
	code   uint8
}

func (e boundsError) RuntimeError() {}

func (e boundsError) Error() string {
	return "runtime error: " + boundsErrorText(e.x, e.y, e.signed, e.code)
}

func boundsErrorText(x int64, y int, signed bool, code uint8) string

// A PanicNilError happens when code calls panic(nil).
type PanicNilError struct {
	_ [0]func()
}

func (*PanicNilError) Error() string {
	return "runtime error: panic called with nil argument"
}

func (*PanicNilError) RuntimeError() {}
