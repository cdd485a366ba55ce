package runtime

import (
	"internal/abi"
	"internal/runtime/maps"
	"unsafe"
)

// Maps are GOROOT's internal/runtime/maps, compiled like any other package. It provides lookup and assignment under
// names of this package; the rest is here. This file is part of programs that use maps only.

// What an assignment to an element of a nil map panics with.
//
//go:linkname maps_errNilAssign internal/runtime/maps.errNilAssign
var maps_errNilAssign error = plainError("assignment to entry in nil map")

// zeroVal is what lookups of missing keys point to.
//
//go:linkname zeroVal
var zeroVal [abi.ZeroValSize]byte

// maxMapAlloc bounds what a hint may reserve at once.
const maxMapAlloc = 1 << 47

func makemap(t *abi.MapType, hint int, m *maps.Map) *maps.Map {
	if hint < 0 {
		hint = 0
	}
	return maps.NewMap(t, uintptr(hint), m, maxMapAlloc)
}

func mapdelete(t *abi.MapType, m *maps.Map, key unsafe.Pointer) { m.Delete(t, key) }

func mapclear(t *abi.MapType, m *maps.Map) {
	if m != nil {
		m.Clear(t)
	}
}

func mapIterStart(t *abi.MapType, m *maps.Map, it *maps.Iter) {
	it.Init(t, m)
	it.Next()
}

func mapIterNext(it *maps.Iter) { it.Next() }

// What package reflect does with maps.

//go:linkname mapaccess1
func mapaccess1(t *abi.MapType, m *maps.Map, key unsafe.Pointer) unsafe.Pointer

//go:linkname mapaccess2
func mapaccess2(t *abi.MapType, m *maps.Map, key unsafe.Pointer) (unsafe.Pointer, bool)

//go:linkname mapassign
func mapassign(t *abi.MapType, m *maps.Map, key unsafe.Pointer) unsafe.Pointer

//go:linkname mapaccess2_faststr
func mapaccess2_faststr(t *abi.MapType, m *maps.Map, key string) (unsafe.Pointer, bool)

//go:linkname mapassign_faststr
func mapassign_faststr(t *abi.MapType, m *maps.Map, key string) unsafe.Pointer

//go:linkname mapdelete_faststr
func mapdelete_faststr(t *abi.MapType, m *maps.Map, key string)

//go:linkname typedmemmove internal/runtime/maps.typedmemmove
func typedmemmove(t *abi.Type, dst, src unsafe.Pointer)

//go:linkname reflect_makemap reflect.makemap
func reflect_makemap(t *abi.MapType, hint int) *maps.Map { return makemap(t, hint, nil) }

//go:linkname reflect_mapaccess reflect.mapaccess
func reflect_mapaccess(t *abi.MapType, m *maps.Map, key unsafe.Pointer) unsafe.Pointer {
	elem, ok := mapaccess2(t, m, key)
	if !ok {
		return nil
	}
	return elem
}

//go:linkname reflect_mapaccess_faststr reflect.mapaccess_faststr
func reflect_mapaccess_faststr(t *abi.MapType, m *maps.Map, key string) unsafe.Pointer {
	elem, ok := mapaccess2_faststr(t, m, key)
	if !ok {
		return nil
	}
	return elem
}

//go:linkname reflect_mapassign reflect.mapassign0
func reflect_mapassign(t *abi.MapType, m *maps.Map, key unsafe.Pointer, elem unsafe.Pointer) {
	typedmemmove(t.Elem, mapassign(t, m, key), elem)
}

//go:linkname reflect_mapassign_faststr reflect.mapassign_faststr0
func reflect_mapassign_faststr(t *abi.MapType, m *maps.Map, key string, elem unsafe.Pointer) {
	typedmemmove(t.Elem, mapassign_faststr(t, m, key), elem)
}

//go:linkname reflect_mapdelete reflect.mapdelete
func reflect_mapdelete(t *abi.MapType, m *maps.Map, key unsafe.Pointer) { m.Delete(t, key) }

//go:linkname reflect_mapdelete_faststr reflect.mapdelete_faststr
func reflect_mapdelete_faststr(t *abi.MapType, m *maps.Map, key string) { mapdelete_faststr(t, m, key) }

//go:linkname reflect_maplen reflect.maplen
func reflect_maplen(m *maps.Map) int { return maplen(m) }

//go:linkname reflectlite_maplen internal/reflectlite.maplen
func reflectlite_maplen(m *maps.Map) int { return maplen(m) }

func maplen(m *maps.Map) int {
	if m == nil {
		return 0
	}
	return int(m.Used())
}

//go:linkname reflect_mapclear reflect.mapclear
func reflect_mapclear(t *abi.MapType, m *maps.Map) { mapclear(t, m) }

// Iteration for programs that link to it by its old names. They bring the structure, of which these are the first fields.
type linkedIter struct {
	key, elem unsafe.Pointer
	typ       *abi.MapType
	it        *maps.Iter
}

//go:linkname mapiterinit
func mapiterinit(t *abi.MapType, m *maps.Map, it *linkedIter) {
	it.typ, it.it = t, new(maps.Iter)
	mapIterStart(t, m, it.it)
	it.key, it.elem = it.it.Key(), it.it.Elem()
}

//go:linkname mapiternext
func mapiternext(it *linkedIter) {
	it.it.Next()
	it.key, it.elem = it.it.Key(), it.it.Elem()
}

//go:linkname reflect_mapiterinit reflect.mapiterinit
func reflect_mapiterinit(t *abi.MapType, m *maps.Map, it *linkedIter) { mapiterinit(t, m, it) }

//go:linkname reflect_mapiternext reflect.mapiternext
func reflect_mapiternext(it *linkedIter) { mapiternext(it) }

//go:linkname reflect_mapiterkey reflect.mapiterkey
func reflect_mapiterkey(it *linkedIter) unsafe.Pointer { return it.it.Key() }

//go:linkname reflect_mapiterelem reflect.mapiterelem
func reflect_mapiterelem(it *linkedIter) unsafe.Pointer { return it.it.Elem() }

//go:linkname mapclone maps.clone
func mapclone(m any) any {
	e := (*eface)(unsafe.Pointer(&m))
	t := (*abi.MapType)(e.typ)
	src := (*maps.Map)(e.data)
	dst := makemap(t, maplen(src), nil)
	var it maps.Iter
	for mapIterStart(t, src, &it); it.Key() != nil; it.Next() {
		typedmemmove(t.Elem, mapassign(t, dst, it.Key()), it.Elem())
	}
	e.data = unsafe.Pointer(dst)
	return m
}
