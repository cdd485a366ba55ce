package reflectlite

import "internal/abi"

// implements reports whether the type V implements the interface type T. The engine asks the host if V is a type of the
// host.
func implements(T, V *abi.Type) bool
