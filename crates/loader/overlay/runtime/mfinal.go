package runtime

import "unsafe"

// SetFinalizer has finalizer called with obj, a pointer to the beginning of an object, once nothing else leads to it.
func SetFinalizer(obj any, finalizer any)

// A Cleanup is the handle of a cleanup that was added to an object.
type Cleanup struct {
	id  uint64
	ptr uintptr
}

// AddCleanup has cleanup(arg) called some time after nothing leads to ptr any more.
func AddCleanup[T, S any](ptr *T, cleanup func(S), arg S) Cleanup {
	if ptr == nil {
		panic(plainError("runtime.AddCleanup: ptr is nil"))
	}
	var boxed any = arg
	if e := (*eface)(unsafe.Pointer(&boxed)); e.typ != nil {
		if kind := typeKind(e.typ); (kind == 22 || kind == 26) && e.data == unsafe.Pointer(ptr) {
			panic(plainError("runtime.AddCleanup: ptr is equal to arg, cleanup will never run"))
		}
	}
	id := addCleanup(unsafe.Pointer(ptr), func() { cleanup(arg) })
	return Cleanup{id, ^uintptr(unsafe.Pointer(ptr))}
}

// addCleanup gives the number of the cleanup, 0 if the object never dies.
func addCleanup(ptr unsafe.Pointer, cleanup func()) uint64

func stopCleanup(id uint64, ptr uintptr)

// Stop cancels the cleanup if it has not been queued yet.
func (c Cleanup) Stop() {
	if c.id != 0 {
		stopCleanup(c.id, ^c.ptr)
	}
}
