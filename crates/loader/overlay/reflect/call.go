package reflect

import (
	"internal/abi"
	"internal/goarch"
	"sync"
	"unsafe"
)

// Calls through reflection pass arguments and results in a frame, laid out as a struct in memory. What turns a frame
// into a call, and a call of a func that reflection made into a frame, is code that the engine makes for each func type;
// a frame's type leads to the func type.

// A frameType is the type of a frame, as far as the collector needs it.
type frameType struct {
	abi.Type
	ftyp   *funcType
	method bool
}

func funcLayout(t *funcType, rcvr *abi.Type) (frametype *abi.Type, framePool *sync.Pool, abid abiDesc) {
	if t.Kind() != abi.Func {
		panic("reflect: funcLayout of non-func type " + stringFor(&t.Type))
	}
	if rcvr != nil && rcvr.Kind() == abi.Interface {
		panic("reflect: funcLayout with interface receiver " + stringFor(rcvr))
	}
	key := layoutKey{t, rcvr}
	known, ok := layoutCache.Load(key)
	if !ok {
		abid := newAbiDesc(t, rcvr)
		frame := &frameType{ftyp: t, method: rcvr != nil}
		frame.Align_ = goarch.PtrSize
		frame.Size_ = align(abid.retOffset+abid.ret.stackBytes, goarch.PtrSize)
		frame.PtrBytes = uintptr(abid.stackPtrs.n) * goarch.PtrSize
		if frame.PtrBytes != 0 {
			frame.GCData = &abid.stackPtrs.data[0]
		}
		pool := &sync.Pool{New: func() any { return unsafe_New(&frame.Type) }}
		known, _ = layoutCache.LoadOrStore(key, layoutType{&frame.Type, pool, abid})
	}
	layout := known.(layoutType)
	return layout.t, layout.framePool, layout.abid
}

// funcStub gives code for funcs of a type. It collects the arguments in a frame and has handler, the code of callReflect
// or callMethod, fill in the results.
func funcStub(ftyp *abi.Type, handler uintptr) uintptr

// MakeFunc returns a new func of the given type that calls fn with the arguments as Values and returns fn's results.
func MakeFunc(typ Type, fn func(args []Value) (results []Value)) Value {
	t := typ.common()
	if t.Kind() != abi.Func {
		panic("reflect: call of MakeFunc with non-Func type")
	}
	code := funcStub(t, abi.FuncPCABI0(callReflect))
	impl := &makeFuncImpl{makeFuncCtxt{fn: code}, (*funcType)(unsafe.Pointer(t)), fn}
	return Value{t, unsafe.Pointer(impl), flag(Func)}
}

// makeMethodValue turns a receiver with a method's index into a func value.
func makeMethodValue(op string, v Value) Value {
	if v.flag&flagMethod == 0 {
		panic("reflect: internal error: invalid use of makeMethodValue")
	}
	kept := v.flag & (flagRO | flagAddr | flagIndir)
	rcvr := Value{v.typ(), v.ptr, kept | flag(v.typ().Kind())}
	ftyp := v.Type().common()
	fv := &methodValue{makeFuncCtxt{fn: funcStub(ftyp, abi.FuncPCABI0(callMethod))}, int(v.flag) >> flagMethodShift, rcvr}
	methodReceiver(op, fv.rcvr, fv.method)
	return Value{ftyp, unsafe.Pointer(fv), v.flag&flagRO | flag(Func)}
}

func adjustAIXGCDataForRuntime(*abi.Type) {}
