package runtime

// A MemStats records statistics about the memory allocator.
type MemStats struct {
	Alloc         uint64
	TotalAlloc    uint64
	Sys           uint64
	Lookups       uint64
	Mallocs       uint64
	Frees         uint64
	HeapAlloc     uint64
	HeapSys       uint64
	HeapIdle      uint64
	HeapInuse     uint64
	HeapReleased  uint64
	HeapObjects   uint64
	StackInuse    uint64
	StackSys      uint64
	MSpanInuse    uint64
	MSpanSys      uint64
	MCacheInuse   uint64
	MCacheSys     uint64
	BuckHashSys   uint64
	GCSys         uint64
	OtherSys      uint64
	NextGC        uint64
	LastGC        uint64
	PauseTotalNs  uint64
	PauseNs       [256]uint64
	PauseEnd      [256]uint64
	NumGC         uint32
	NumForcedGC   uint32
	GCCPUFraction float64
	EnableGC      bool
	DebugGC       bool
	BySize        [61]struct {
		Size    uint32
		Mallocs uint64
		Frees   uint64
	}
}

// ReadMemStats fills m with the statistics of the isolate's heap.
func ReadMemStats(m *MemStats) {
	*m = MemStats{EnableGC: true}
	s := &counted
	readmemstats(s)
	m.Alloc, m.HeapAlloc = s.heapAlloc, s.heapAlloc
	m.TotalAlloc = s.totalAlloc
	m.Mallocs, m.Frees = s.mallocs, s.frees
	m.HeapObjects = s.mallocs - s.frees
	m.HeapSys, m.Sys = s.heapSys, s.heapSys
	m.HeapInuse = s.heapInuse
	m.HeapIdle = s.heapSys - s.heapInuse
	m.NextGC = s.nextGC
	m.NumGC, m.NumForcedGC = s.numGC, s.numForcedGC
	m.PauseTotalNs = s.pauseTotalNs
	m.LastGC = s.lastGC
}

// counted is a variable, because asking must not allocate.
var counted memstats

// What the heap counts. The runtime has the same struct.
type memstats struct {
	heapAlloc, totalAlloc, sys, mallocs, frees              uint64
	heapSys, heapIdle, heapInuse, heapReleased, heapObjects uint64
	gcSys, nextGC, lastGC, pauseTotalNs, lastPauseNs        uint64
	numGC, numForcedGC                                      uint32
}

//go:noescape
func readmemstats(s *memstats)
