package runtime

// A hostError is a Go error that is an error of the host. The host knows where it finds its own word.
type hostError struct {
	text  string
	cause error
	own   uintptr
}

func (e *hostError) Error() string { return e.text }

func (e *hostError) Unwrap() error { return e.cause }

func hostErrorValue(text string, cause error, own uintptr) error { return &hostError{text, cause, own} }
