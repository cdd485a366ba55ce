package runtime

// Profiles do not exist: their functions return nothing, as in a program in which profiling is off.

// MemProfileRate would control how much allocations are sampled.
var MemProfileRate int = 512 * 1024

// A StackRecord is a stack of a profile.
type StackRecord struct {
	Stack0 [32]uintptr
}

// Stack returns the part of Stack0 that is in use.
func (r *StackRecord) Stack() []uintptr { return used(r.Stack0[:]) }

func used(stack []uintptr) []uintptr {
	for i, pc := range stack {
		if pc == 0 {
			return stack[:i]
		}
	}
	return stack
}

// A MemProfileRecord describes live objects allocated at one place.
type MemProfileRecord struct {
	AllocBytes, FreeBytes     int64
	AllocObjects, FreeObjects int64
	Stack0                    [32]uintptr
}

// InUseBytes returns the number of bytes in use.
func (r *MemProfileRecord) InUseBytes() int64 { return r.AllocBytes - r.FreeBytes }

// InUseObjects returns the number of objects in use.
func (r *MemProfileRecord) InUseObjects() int64 { return r.AllocObjects - r.FreeObjects }

// Stack returns the part of Stack0 that is in use.
func (r *MemProfileRecord) Stack() []uintptr { return used(r.Stack0[:]) }

// A BlockProfileRecord describes waiting at one place.
type BlockProfileRecord struct {
	Count  int64
	Cycles int64
	StackRecord
}

// MemProfile has no records.
func MemProfile(p []MemProfileRecord, inuseZero bool) (n int, ok bool) { return 0, true }

// BlockProfile has no records.
func BlockProfile(p []BlockProfileRecord) (n int, ok bool) { return 0, true }

// MutexProfile has no records.
func MutexProfile(p []BlockProfileRecord) (n int, ok bool) { return 0, true }

// ThreadCreateProfile has no records.
func ThreadCreateProfile(p []StackRecord) (n int, ok bool) { return 0, true }

// GoroutineProfile has no records.
func GoroutineProfile(p []StackRecord) (n int, ok bool) { return 0, true }

// SetBlockProfileRate has no effect.
func SetBlockProfileRate(rate int) {}

var mutexProfileFraction int

// SetMutexProfileFraction returns the previous rate; it has no other effect.
func SetMutexProfileFraction(rate int) int {
	old := mutexProfileFraction
	if rate >= 0 {
		mutexProfileFraction = rate
	}
	return old
}

// SetCPUProfileRate has no effect.
func SetCPUProfileRate(hz int) {}

// CPUProfile panics, as Go's does.
func CPUProfile() []byte { panic("CPUProfile no longer available") }

// StartTrace fails: there is no tracer.
func StartTrace() error { return errorString("tracing is not supported") }

// StopTrace has no effect.
func StopTrace() {}

// ReadTrace has no data.
func ReadTrace() []byte { return nil }
