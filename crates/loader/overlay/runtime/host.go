package runtime

import "unsafe"

// A hostError is a Go error that is an error of the host. The host finds its own error by the owner, which a copy of the value
// shares.
type hostError struct {
	text  string
	cause error
	owner *hostOwner
}

// A hostOwner owns an error of the host. Nothing can copy it.
type hostOwner struct{ own uintptr }

func (e *hostError) Error() string { return e.text }

func (e *hostError) Unwrap() error { return e.cause }

func hostErrorValue(text string, cause error, own uintptr) error { return &hostError{text, cause, &hostOwner{own}} }

// How the host uses channels: elem is the address of an element.

func hostSend(c, elem unsafe.Pointer, wait bool, sent *bool)

func hostRecv(c, elem unsafe.Pointer, wait bool, got *[2]bool)

func hostClose(c unsafe.Pointer)
