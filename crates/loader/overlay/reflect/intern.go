package reflect

import (
	"internal/abi"
	"strconv"
	"unsafe"
)

// Types that are made while the program runs come from the program's one interner of types, like those that the compiler
// makes: two identical types have one descriptor, whoever asks first.

func internPointer(elem *abi.Type) *abi.Type

func internSlice(elem *abi.Type) *abi.Type

func internArray(length int, elem *abi.Type) *abi.Type

func internChan(dir int, elem *abi.Type) *abi.Type

func internMap(key, elem *abi.Type) *abi.Type

func internFunc(in, out []*abi.Type, variadic bool) *abi.Type

func internStruct(fields []internField, ifaceMethod uintptr) *abi.Type

func internName(name *byte) int32

// An internField describes a field to internStruct.
type internField struct {
	name, pkgPath, tag string
	typ                *abi.Type
	embedded           bool
}

func (t *rtype) ptrTo() *abi.Type {
	if off := t.t.PtrToThis; off != 0 {
		return t.typeOff(off)
	}
	return internPointer(&t.t)
}

// A resolved name must outlive the heap object that holds its bytes.
func resolveReflectName(n abi.Name) aNameOff {
	return aNameOff(internName(n.Bytes))
}

// SliceOf returns the slice type with element type t.
func SliceOf(t Type) Type {
	return toType(internSlice(t.common()))
}

// ArrayOf returns the array type with the given length and element type. It panics if the array would be larger than the
// address space.
func ArrayOf(length int, elem Type) Type {
	if length < 0 {
		panic("reflect: negative length passed to ArrayOf")
	}
	t := internArray(length, elem.common())
	if t == nil {
		panic("reflect.ArrayOf: array size would exceed virtual address space")
	}
	return toType(t)
}

// ChanOf returns the channel type with the given direction and element type. Elements are smaller than 64 kB.
func ChanOf(dir ChanDir, t Type) Type {
	elem := t.common()
	if elem.Size_ >= 1<<16 {
		panic("reflect.ChanOf: element size too large")
	}
	if dir != SendDir && dir != RecvDir && dir != BothDir {
		panic("reflect.ChanOf: invalid dir")
	}
	return toType(internChan(int(dir), elem))
}

// MapOf returns the map type with the given key and element types. It panics if == is not defined for keys.
func MapOf(key, elem Type) Type {
	k := key.common()
	if k.Equal == nil {
		panic("reflect.MapOf: invalid key type " + stringFor(k))
	}
	return toType(internMap(k, elem.common()))
}

// FuncOf returns the func type with the given parameters and results. If variadic, the last parameter is a slice.
func FuncOf(in, out []Type, variadic bool) Type {
	if variadic && (len(in) == 0 || in[len(in)-1].common().Kind() != abi.Slice) {
		panic("reflect.FuncOf: last arg of variadic func must be slice")
	}
	if len(in)+len(out) > 128 {
		panic("reflect.FuncOf: too many arguments")
	}
	return toType(internFunc(commonTypes(in), commonTypes(out), variadic))
}

func commonTypes(types []Type) []*abi.Type {
	common := make([]*abi.Type, len(types))
	for i, t := range types {
		common[i] = t.common()
	}
	return common
}

// StructOf returns the struct type with the given fields, whose offsets and indices are ignored.
//
// As in Go, methods of embedded fields are limited: a struct takes those of its first field, and only where that
// field's code serves unchanged.
func StructOf(fields []StructField) Type {
	interned := make([]internField, len(fields))
	seen := map[string]bool{}
	pkgPath := ""
	for i := range fields {
		f := &fields[i]
		checkStructField(i, f)
		if f.PkgPath != "" {
			if pkgPath != "" && pkgPath != f.PkgPath {
				panic("reflect.StructOf: fields with different PkgPath " + pkgPath + " and " + f.PkgPath)
			}
			pkgPath = f.PkgPath
		}
		t := f.Type.common()
		if f.Anonymous {
			checkEmbedded(i, len(fields), t)
		}
		if f.Name != "_" && seen[f.Name] {
			panic("reflect.StructOf: duplicate field " + f.Name)
		}
		seen[f.Name] = true
		interned[i] = internField{f.Name, f.PkgPath, string(f.Tag), t, f.Anonymous}
	}
	t := internStruct(interned, abi.FuncPCABIInternal(embeddedIfaceMethStub))
	if t == nil {
		panic("reflect.StructOf: struct size would exceed virtual address space")
	}
	return toType(t)
}

func checkStructField(i int, f *StructField) {
	switch {
	case f.Name == "":
		panic("reflect.StructOf: field " + strconv.Itoa(i) + " has no name")
	case !isValidFieldName(f.Name):
		panic("reflect.StructOf: field " + strconv.Itoa(i) + " has invalid name")
	case f.Type == nil:
		panic("reflect.StructOf: field " + strconv.Itoa(i) + " has no type")
	case f.Anonymous && f.PkgPath != "":
		panic("reflect.StructOf: field \"" + f.Name + "\" is anonymous but has PkgPath set")
	}
	if c := f.Name[0]; f.PkgPath == "" && ('a' <= c && c <= 'z' || c == '_') {
		panic("reflect.StructOf: field \"" + f.Name + "\" is unexported but missing PkgPath")
	}
}

// checkEmbedded refuses what StructOf cannot do with an embedded field of type t.
func checkEmbedded(i, fields int, t *abi.Type) {
	switch t.Kind() {
	case abi.Interface:
		inter := (*interfaceType)(unsafe.Pointer(t))
		for _, m := range inter.Methods {
			if pkgPath(inter.nameOff(m.Name)) != "" {
				panic("reflect: embedded interface with unexported method(s) not implemented")
			}
		}
		return
	case abi.Pointer:
		if k := t.Elem().Kind(); k == abi.Pointer || k == abi.Interface {
			panic("reflect.StructOf: illegal embedded field type " + stringFor(t))
		}
	}
	u := t.Uncommon()
	if u != nil && fields > 1 && t.IsDirectIface() && t.Kind() != abi.Pointer {
		panic("reflect: embedded type with methods not implemented for non-pointer type")
	}
	if u == nil || u.Mcount == 0 {
		return
	}
	if i > 0 {
		panic("reflect: embedded type with methods not implemented if type is not first field")
	}
	if fields > 1 && t.Kind() == abi.Pointer {
		panic("reflect: embedded type with methods not implemented if there is more than one field")
	}
	for _, m := range u.Methods() {
		if pkgPath(nameOffFor(t, m.Name)) != "" {
			panic("reflect: embedded interface with unexported method(s) not implemented")
		}
	}
}

// implements reports whether the type V implements the interface type T. The engine asks the host if V is a type of the
// host.
func implements(T, V *abi.Type) bool
