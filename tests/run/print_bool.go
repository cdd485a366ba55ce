// Runtime functions get bools and bytes whose registers hold nothing else: the comparison here leaves its result in the
// low byte of a register that has had other bits.
package main

func main() {
	const least = -1 << 63
	for i := int64(least); i >= least; i-- {
		if i > 0 {
			println("done")
			return
		}
		println(i, i > 0)
	}
}
