package runtime

import _ "unsafe"

// GOOS is the running program's operating system target.
const GOOS string = "linux"

// GOARCH is the running program's architecture target.
const GOARCH string = "amd64"

// Compiler is the name of the toolchain that built the running binary.
const Compiler = "gc"

// Version returns the Go version that the engine implements.
func Version() string { return "go1.27.3" }

// GC runs a garbage collection and returns when it is complete.
func GC()

// Gosched lets other goroutines run.
func Gosched()

// Goexit ends the calling goroutine after running its deferred calls.
func Goexit()

// NumGoroutine returns the number of goroutines that exist.
func NumGoroutine() int

// NumCPU returns the number of logical CPUs usable by the process.
func NumCPU() int { return 1 }

// GOMAXPROCS returns the number of threads that run Go code at once, which is one in an isolate.
func GOMAXPROCS(n int) int { return 1 }

// LockOSThread has no effect: an isolate is on one thread at a time.
func LockOSThread() {}

// UnlockOSThread has no effect.
func UnlockOSThread() {}

// KeepAlive marks its argument as reachable up to this call.
//
//go:noinline
func KeepAlive(x any) {}

//go:linkname nanotime
func nanotime() int64
