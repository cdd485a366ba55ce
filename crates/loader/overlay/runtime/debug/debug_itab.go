package debug

import (
	"runtime"
	"time"
)

func WriteHeapDump(fd uintptr) { panic("runtime/debug.WriteHeapDump is not implemented") }

// SetTraceback has no effect: tracebacks show all frames but the runtime's.
func SetTraceback(level string) {}

func modinfo() string { return "" }

func runtime_setCrashFD(fd uintptr) uintptr { return ^uintptr(0) }

// readGCStats gives no single pauses, then time of the last collection, their number and the pauses' sum.
func readGCStats(pauses *[]time.Duration) {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	*pauses = append((*pauses)[:0], time.Duration(m.LastGC), time.Duration(m.NumGC), time.Duration(m.PauseTotalNs))
}

func freeOSMemory() { runtime.GC() }

var maxStack, maxThreads = 1000000000, 10000

func setMaxStack(n int) int {
	old := maxStack
	maxStack = n
	return old
}

func setGCPercent(percent int32) int32

func setPanicOnFault(on bool) bool

func setMaxThreads(n int) int {
	old := maxThreads
	maxThreads = n
	return old
}

func setMemoryLimit(limit int64) int64
