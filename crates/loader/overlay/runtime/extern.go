package runtime

import "unsafe"

// GOOS is the running program's operating system target.
const GOOS string = "linux"

// Compiler is the name of the toolchain that built the running binary.
const Compiler = "gc"

// Version returns the Go version that the engine implements.
func Version() string { return "go1.27.3" }

// GOROOT returns the root of the Go tree: what the environment says.
func GOROOT() string { return getenv("GOROOT") }

func getenv(key string) string

// Package math/bits has some of these by linkname.
var (
	divideError   = error(errorString("integer divide by zero"))
	overflowError = error(errorString("integer overflow"))
	shiftError    = error(errorString("negative shift amount"))
	memoryError   = error(errorString("invalid memory address or nil pointer dereference"))
)

// What package internal/godebug wants to be told of the variable GODEBUG: its value at first and when it changes.
var godebugUpdate func(defaults, env string)

func setGodebugUpdate(update func(defaults, env string)) {
	godebugUpdate = update
	update("", getenv("GODEBUG"))
}

// environChanged is told by package syscall of a variable that has been set or, with no value, unset.
func environChanged(key, value string) {
	if key == "GODEBUG" && godebugUpdate != nil {
		godebugUpdate("", value)
	}
}

// GC runs a garbage collection and returns when it is complete. Goroutines that can run have a turn first, as they have
// while gc's collector works: one that is about to end holds what it had.
func GC() {
	Gosched()
	emptyPools()
	clearDeadStack()
	collect()
}

// emptyPools has package sync empty its pools.
func emptyPools()

// clearDeadStack clears the stack below the caller's frame. Calls that have returned left words there, which frames of
// later calls do not overwrite altogether, and a collection would take them for pointers.
func clearDeadStack()

// collect collects.
func collect()

// Gosched lets other goroutines run.
func Gosched()

// Goexit ends the calling goroutine after running its deferred calls.
func Goexit()

// NumGoroutine returns the number of goroutines that exist.
func NumGoroutine() int

// NumCPU returns the number of logical CPUs usable by the process.
func NumCPU() int { return 1 }

// NumCgoCall returns the number of cgo calls, of which there are none.
func NumCgoCall() int64 { return 0 }

var maxProcs = 1

// GOMAXPROCS sets the number of threads that may run Go code at once and returns the previous setting. The number has no
// effect: an isolate runs on one thread.
func GOMAXPROCS(n int) int {
	old := maxProcs
	if n > 0 {
		maxProcs = n
	}
	return old
}

// SetDefaultGOMAXPROCS undoes calls of GOMAXPROCS.
func SetDefaultGOMAXPROCS() { maxProcs = 1 }

// LockOSThread has no effect: an isolate is on one thread at a time.
func LockOSThread() {}

// UnlockOSThread has no effect.
func UnlockOSThread() {}

// Breakpoint has no effect: there is no debugger to stop for.
func Breakpoint() {}

// KeepAlive marks its argument as reachable up to this call.
//
//go:noinline
func KeepAlive(x any) {}

//go:linkname nanotime
func nanotime() int64

// A Pinner keeps objects in place, which they are anyway, and alive.
type Pinner struct {
	*pinner
}

type pinner struct {
	refs []any
}

// Pin keeps the object that pointer leads to alive until Unpin.
func (p *Pinner) Pin(pointer any) {
	if p.pinner == nil {
		p.pinner = new(pinner)
	}
	switch typeKind((*eface)(unsafe.Pointer(&pointer)).typ) {
	case 22, 26:
		p.refs = append(p.refs, pointer)
	default:
		panic(errorString("runtime.Pinner: argument is not a pointer: " + typeString((*eface)(unsafe.Pointer(&pointer)).typ)))
	}
}

// Unpin lets go of all objects.
func (p *Pinner) Unpin() {
	p.pinner = nil
}

// An eface is an interface value without methods in its parts.
type eface struct {
	typ, data unsafe.Pointer
}

func typeString(typ unsafe.Pointer) string

func typeKind(typ unsafe.Pointer) uint8

// SetCgoTraceback has no effect: there is no cgo.
func SetCgoTraceback(version int, traceback, context, symbolizer unsafe.Pointer) {}

// For package time's tests: sleeping is as exact as the clock.
var haveHighResSleep = true
