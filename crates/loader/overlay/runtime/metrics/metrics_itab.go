package metrics

import (
	"runtime"
	"unsafe"
)

// runtime_readMetrics knows the metrics that the heap counts. Others have no value.
func runtime_readMetrics(samples unsafe.Pointer, len, cap int) {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	known := map[string]uint64{
		"/gc/cycles/total:gc-cycles":         uint64(m.NumGC),
		"/gc/cycles/forced:gc-cycles":        uint64(m.NumForcedGC),
		"/gc/heap/allocs:bytes":              m.TotalAlloc,
		"/gc/heap/allocs:objects":            m.Mallocs,
		"/gc/heap/frees:objects":             m.Frees,
		"/gc/heap/goal:bytes":                m.NextGC,
		"/gc/heap/objects:objects":           m.HeapObjects,
		"/memory/classes/heap/objects:bytes": m.HeapAlloc,
		"/memory/classes/total:bytes":        m.Sys,
		"/sched/gomaxprocs:threads":          uint64(runtime.GOMAXPROCS(0)),
		"/sched/goroutines:goroutines":       uint64(runtime.NumGoroutine()),
	}
	for i := range unsafe.Slice((*Sample)(samples), len) {
		s := &unsafe.Slice((*Sample)(samples), len)[i]
		s.Value = Value{}
		if n, ok := known[s.Name]; ok {
			s.Value = Value{kind: KindUint64, scalar: n}
		}
	}
}
