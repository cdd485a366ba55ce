package cpu

// CacheLinePadSize keeps what different processors write apart.
const CacheLinePadSize = 128
