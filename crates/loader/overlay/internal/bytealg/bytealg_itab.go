package bytealg

import (
	"math/bits"
	"unsafe"
)

// Searches compare 16 bytes at a time. They work with addresses as numbers, so that what is searched does not escape; no
// object moves. They may look at bytes around the text, but never at another page.

// MaxBruteForce is the length of text from which package strings looks for the first byte before it calls Index.
const MaxBruteForce = 64

func init() { MaxLen = 63 }

// Cutover is the number of false first bytes after which Index is called instead, having read n bytes.
func Cutover(n int) int { return n/8 + 2 }

// block is how many bytes are compared at once.
const block = 16

// page is a size of memory that is there as a whole or not at all.
const page = 4096

// matches has bit i if byte i of the block at p is c.
func matches(p uintptr, c byte) uint32

// matchesIn is matches of a text that is shorter than a block.
func matchesIn(p uintptr, n int, c byte) uint32 {
	if n == 0 {
		return 0
	}
	if p%page <= page-block {
		return matches(p, c) & (1<<n - 1)
	}
	return matches(p+uintptr(n)-block, c) >> (block - n)
}

func indexByte(p uintptr, n int, c byte) int {
	if n < block {
		if m := matchesIn(p, n, c); m != 0 {
			return bits.TrailingZeros32(m)
		}
		return -1
	}
	i := 0
	for ; i+2*block <= n; i += 2 * block {
		if m := matches(p+uintptr(i), c) | matches(p+uintptr(i)+block, c)<<block; m != 0 {
			return i + bits.TrailingZeros32(m)
		}
	}
	if i+block <= n {
		if m := matches(p+uintptr(i), c); m != 0 {
			return i + bits.TrailingZeros32(m)
		}
	}
	if m := matches(p+uintptr(n)-block, c); m != 0 {
		return n - block + bits.TrailingZeros32(m)
	}
	return -1
}

func lastIndexByte(p uintptr, n int, c byte) int {
	for ; n >= block; n -= block {
		if m := matches(p+uintptr(n)-block, c); m != 0 {
			return n - block + 31 - bits.LeadingZeros32(m)
		}
	}
	return 31 - bits.LeadingZeros32(matchesIn(p, n, c))
}

func countByte(p uintptr, n int, c byte) (k int) {
	for ; n >= block; n -= block {
		k += bits.OnesCount32(matches(p, c))
		p += block
	}
	return k + bits.OnesCount32(matchesIn(p, n, c))
}

// index looks for the first and the last byte of b, and compares the rest where both are in place.
func index(a, b string) int {
	last := len(b) - 1
	switch {
	case last > len(a)-1:
		return -1
	case last < 0:
		return 0
	case last == 0:
		return indexByte(addressOfString(a), len(a), b[0])
	}
	p, x, y := addressOfString(a), b[0], b[last]
	places := len(a) - last
	i := 0
	for ; i+block <= places; i += block {
		m := matches(p+uintptr(i), x)
		for m &= matches(p+uintptr(i+last), y); m != 0; m &= m - 1 {
			if j := i + bits.TrailingZeros32(m); a[j:j+len(b)] == b {
				return j
			}
		}
	}
	m := matchesIn(p+uintptr(i), places-i, x)
	for m &= matchesIn(p+uintptr(i+last), places-i, y); m != 0; m &= m - 1 {
		if j := i + bits.TrailingZeros32(m); a[j:j+len(b)] == b {
			return j
		}
	}
	return -1
}

func addressOf(b []byte) uintptr { return uintptr(unsafe.Pointer(unsafe.SliceData(b))) }

func addressOfString(s string) uintptr { return uintptr(unsafe.Pointer(unsafe.StringData(s))) }

func text(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// IndexByte is the place of the first c in b, or -1.
func IndexByte(b []byte, c byte) int { return indexByte(addressOf(b), len(b), c) }

// IndexByteString is the place of the first c in s, or -1.
func IndexByteString(s string, c byte) int { return indexByte(addressOfString(s), len(s), c) }

// LastIndexByte is the place of the last c in b, or -1.
func LastIndexByte(b []byte, c byte) int { return lastIndexByte(addressOf(b), len(b), c) }

// LastIndexByteString is the place of the last c in s, or -1.
func LastIndexByteString(s string, c byte) int { return lastIndexByte(addressOfString(s), len(s), c) }

// Count is the number of bytes c in b.
func Count(b []byte, c byte) int { return countByte(addressOf(b), len(b), c) }

// CountString is the number of bytes c in s.
func CountString(s string, c byte) int { return countByte(addressOfString(s), len(s), c) }

// Index is the place of the first b in a, or -1.
func Index(a, b []byte) int { return index(text(a), text(b)) }

// IndexString is the place of the first b in a, or -1.
func IndexString(a, b string) int { return index(a, b) }

// Equal says whether a and b have the same bytes.
func Equal(a, b []byte) bool { return text(a) == text(b) }

// Compare is -1, 0 or 1, as a is before, equal to or after b.
func Compare(a, b []byte) int { return CompareString(text(a), text(b)) }

// CompareString is -1, 0 or 1, as a is before, equal to or after b. Equal eights of bytes are passed over.
func CompareString(a, b string) int {
	n := min(len(a), len(b))
	p, q := unsafe.Pointer(unsafe.StringData(a)), unsafe.Pointer(unsafe.StringData(b))
	i := 0
	for i+8 <= n && *(*uint64)(unsafe.Add(p, i)) == *(*uint64)(unsafe.Add(q, i)) {
		i += 8
	}
	for ; i < n; i++ {
		if x, y := a[i], b[i]; x != y {
			if x < y {
				return -1
			}
			return 1
		}
	}
	switch {
	case len(a) < len(b):
		return -1
	case len(a) > len(b):
		return 1
	}
	return 0
}
