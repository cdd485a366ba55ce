package bytealg

import "unsafe"

// Searches and comparisons: short texts in Go, which is inlined where it matters, long ones by the runtime's vector code.
// The runtime's functions take addresses as numbers, so that what is searched does not escape; they neither allocate nor
// park, and no object moves.

// MaxBruteForce is the length of text from which package strings looks for the first byte before it calls Index.
const MaxBruteForce = 64

func init() { MaxLen = 63 }

// Cutover is the number of false first bytes after which Index is called instead, having read n bytes.
func Cutover(n int) int { return n/8 + 2 }

// short texts are not worth a call.
const short = 16

func indexByte(p uintptr, n int, c byte) int

func lastIndexByte(p uintptr, n int, c byte) int

func countByte(p uintptr, n int, c byte) int

func index(p uintptr, n int, q uintptr, m int) int

func addressOf(b []byte) uintptr { return uintptr(unsafe.Pointer(unsafe.SliceData(b))) }

func addressOfString(s string) uintptr { return uintptr(unsafe.Pointer(unsafe.StringData(s))) }

func text(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// IndexByte is the place of the first c in b, or -1.
func IndexByte(b []byte, c byte) int {
	if len(b) >= short {
		return indexByte(addressOf(b), len(b), c)
	}
	for i, x := range b {
		if x == c {
			return i
		}
	}
	return -1
}

// IndexByteString is the place of the first c in s, or -1.
func IndexByteString(s string, c byte) int {
	if len(s) >= short {
		return indexByte(addressOfString(s), len(s), c)
	}
	for i := 0; i < len(s); i++ {
		if s[i] == c {
			return i
		}
	}
	return -1
}

// LastIndexByte is the place of the last c in b, or -1.
func LastIndexByte(b []byte, c byte) int { return LastIndexByteString(text(b), c) }

// LastIndexByteString is the place of the last c in s, or -1.
func LastIndexByteString(s string, c byte) int {
	if len(s) >= short {
		return lastIndexByte(addressOfString(s), len(s), c)
	}
	for i := len(s) - 1; i >= 0; i-- {
		if s[i] == c {
			return i
		}
	}
	return -1
}

// Count is the number of bytes c in b.
func Count(b []byte, c byte) int { return CountString(text(b), c) }

// CountString is the number of bytes c in s.
func CountString(s string, c byte) (n int) {
	if len(s) >= short {
		return countByte(addressOfString(s), len(s), c)
	}
	for i := 0; i < len(s); i++ {
		if s[i] == c {
			n++
		}
	}
	return n
}

// Index is the place of the first b in a, or -1.
func Index(a, b []byte) int { return index(addressOf(a), len(a), addressOf(b), len(b)) }

// IndexString is the place of the first b in a, or -1.
func IndexString(a, b string) int {
	return index(addressOfString(a), len(a), addressOfString(b), len(b))
}

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
