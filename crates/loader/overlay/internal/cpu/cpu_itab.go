package cpu

// doinit finds no features: the portable code of every package is used.
func doinit() {}
