package pprof

import (
	"internal/profilerecord"
	"runtime"
	"unsafe"
)

// There are no profiles: each is empty. Labels are kept for all goroutines together.

func readProfile() (data []uint64, tags []unsafe.Pointer, eof bool) { return nil, nil, true }

func pprof_goroutineProfileWithLabels(p []profilerecord.StackRecord, labels []unsafe.Pointer) (n int, ok bool) {
	return 0, true
}

func pprof_goroutineLeakProfileWithLabels(p []profilerecord.StackRecord, labels []unsafe.Pointer) (n int, ok bool) {
	return 0, true
}

func pprof_cyclesPerSecond() int64 { return 1000000000 }

func pprof_memProfileInternal(p []profilerecord.MemProfileRecord, inuseZero bool) (n int, ok bool) {
	return 0, true
}

func pprof_blockProfileInternal(p []profilerecord.BlockProfileRecord) (n int, ok bool) {
	return 0, true
}

func pprof_mutexProfileInternal(p []profilerecord.BlockProfileRecord) (n int, ok bool) {
	return 0, true
}

func pprof_threadCreateInternal(p []profilerecord.StackRecord) (n int, ok bool) { return 0, true }

func pprof_fpunwindExpand(dst, src []uintptr) int { return copy(dst, src) }

func pprof_makeProfStack() []uintptr { return make([]uintptr, 128) }

func runtime_FrameStartLine(f *runtime.Frame) int { return f.Line }

func runtime_FrameSymbolName(f *runtime.Frame) string { return f.Function }

func runtime_expandFinalInlineFrame(stk []uintptr) []uintptr { return stk }

var profLabels unsafe.Pointer

func runtime_setProfLabel(labels unsafe.Pointer) { profLabels = labels }

func runtime_getProfLabel() unsafe.Pointer { return profLabels }

func runtime_goroutineleakcount() int { return 0 }

func runtime_goroutineLeakGC() { runtime.GC() }
