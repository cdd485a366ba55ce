package cpu

// CacheLinePadSize keeps what different processors write apart.
const CacheLinePadSize = 64

// doinit finds no features: the portable code of every package is used.
func doinit() {}
