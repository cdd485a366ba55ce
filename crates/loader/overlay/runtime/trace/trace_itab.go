package trace

// There is no tracer: annotations go nowhere.

func userTaskCreate(id, parentID uint64, taskType string) {}

func userTaskEnd(id uint64) {}

func userRegion(id, mode uint64, regionType string) {}

func userLog(id uint64, category, message string) {}

func runtime_traceClockUnitsPerSecond() uint64 { return 1000000000 }

func runtime_traceAdvance(stopTrace bool) {}

func runtime_traceClockNow() uint64 { return 0 }
