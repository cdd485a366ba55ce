package maps

import (
	"internal/abi"
	"unsafe"
)

// Most keys and elements are one or two words.
func typedmemmove(typ *abi.Type, dst, src unsafe.Pointer) {
	switch typ.Size_ {
	case 8:
		*(*unsafe.Pointer)(dst) = *(*unsafe.Pointer)(src)
	case 16:
		*(*[2]unsafe.Pointer)(dst) = *(*[2]unsafe.Pointer)(src)
	default:
		typedmemmoveLong(typ, dst, src)
	}
}

//go:noescape
func typedmemmoveLong(typ *abi.Type, dst, src unsafe.Pointer)
