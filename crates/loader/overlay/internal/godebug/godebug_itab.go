package godebug

import "unsafe"

//go:linkname getenv runtime.getenv
func getenv(key string) string

// Settings are read once, when the program starts.
func setUpdate(update func(string, string)) { update("", getenv("GODEBUG")) }

func registerMetric(name string, read func() uint64) {}

func setNewIncNonDefault(newIncNonDefault func(string) func()) {}

//go:linkname print runtime.printBytes
func print(p unsafe.Pointer, n int)

func write(fd uintptr, p unsafe.Pointer, n int32) int32 {
	print(p, int(n))
	return n
}
