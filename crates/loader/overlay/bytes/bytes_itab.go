package bytes

import "internal/bytealg"

// Equal says whether a and b have the same bytes; nil is empty.
func Equal(a, b []byte) bool { return bytealg.Equal(a, b) }
