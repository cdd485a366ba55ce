package reflect

import (
	"internal/abi"
	"internal/goarch"
	"sync"
	"unsafe"
)

// Arguments and results of a call through reflection lie in a frame, laid out like a struct. Code that calls with the
// arguments in a frame, and code of funcs that collect theirs in one, is made by the engine for each func type.

// A frameType is the type of a frame, as far as the collector needs it, and leads to the func type.
type frameType struct {
	abi.Type
	ftyp   *funcType
	method bool
	code   uintptr // what frameCall gave, or 0
}

// frameCall gives the code of a func(fn, frame unsafe.Pointer) that calls fn, a func value of the type or, for a method,
// the address of its code.
func frameCall(ftyp *funcType, method bool) uintptr

// frameStub gives code for func values of the type that start like makeFuncCtxt.
func frameStub(ftyp *abi.Type) uintptr

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
		known, _ = layoutCache.LoadOrStore(key, newLayout(t, rcvr))
	}
	layout := known.(layoutType)
	return layout.t, layout.framePool, layout.abid
}

func newLayout(t *funcType, rcvr *abi.Type) layoutType {
	abid := newAbiDesc(t, rcvr)
	frame := &frameType{ftyp: t, method: rcvr != nil}
	frame.Align_ = goarch.PtrSize
	frame.Size_ = align(abid.retOffset+abid.ret.stackBytes, goarch.PtrSize)
	frame.PtrBytes = uintptr(abid.stackPtrs.n) * goarch.PtrSize
	if frame.PtrBytes != 0 {
		frame.GCData = &abid.stackPtrs.data[0]
	}
	text := "funcargs(" + stringFor(&t.Type) + ")"
	if rcvr != nil {
		text = "methodargs(" + stringFor(rcvr) + ")(" + stringFor(&t.Type) + ")"
	}
	frame.Str = resolveReflectName(newName(text, "", false, false))
	pool := &sync.Pool{New: func() any { return unsafe_New(&frame.Type) }}
	return layoutType{&frame.Type, pool, abid}
}

// call calls fn with the arguments in a frame of funcLayout and leaves the results there. No registers are used.
func call(frametype *abi.Type, fn, frame unsafe.Pointer, _, _, _ uint32, _ *abi.RegArgs) {
	t := (*frameType)(unsafe.Pointer(frametype))
	if t.code == 0 {
		t.code = frameCall(t.ftyp, t.method)
	}
	code := &t.code
	(*(*func(fn, frame unsafe.Pointer))(unsafe.Pointer(&code)))(fn, frame)
}

// A makeFuncCtxt is how a func value that reflection made starts: its code, and what the code gives the func value and
// a frame with the arguments.
type makeFuncCtxt struct {
	fn      uintptr
	handler func(self, frame unsafe.Pointer)
	regPtrs abi.IntArgRegBitmap
}

func serveFunc(self, frame unsafe.Pointer) {
	var done bool
	var regs abi.RegArgs
	callReflect((*makeFuncImpl)(self), frame, &done, &regs)
}

func serveMethod(self, frame unsafe.Pointer) {
	var done bool
	var regs abi.RegArgs
	callMethod((*methodValue)(self), frame, &done, &regs)
}

// MakeFunc returns a func of the given type that calls fn with its arguments as Values and returns fn's results. The
// last argument of a variadic func is a slice.
func MakeFunc(typ Type, fn func(args []Value) (results []Value)) Value {
	t := typ.common()
	if t.Kind() != abi.Func {
		panic("reflect: call of MakeFunc with non-Func type")
	}
	impl := &makeFuncImpl{
		makeFuncCtxt: makeFuncCtxt{fn: frameStub(t), handler: serveFunc},
		ftyp:         (*funcType)(unsafe.Pointer(t)),
		fn:           fn,
	}
	return Value{t, unsafe.Pointer(impl), flag(Func)}
}

// makeMethodValue turns a receiver with a method's index into a func value.
func makeMethodValue(op string, v Value) Value {
	if v.flag&flagMethod == 0 {
		panic("reflect: internal error: invalid use of makeMethodValue")
	}
	kept := v.flag & (flagRO | flagAddr | flagIndir)
	rcvr := Value{v.typ(), v.ptr, kept | flag(v.typ().Kind())}
	index := int(v.flag) >> flagMethodShift
	methodReceiver(op, rcvr, index) // panics if there is no such method to call
	ftyp := v.Type().common()
	fv := &methodValue{
		makeFuncCtxt: makeFuncCtxt{fn: frameStub(ftyp), handler: serveMethod},
		method:       index,
		rcvr:         rcvr,
	}
	return Value{ftyp, unsafe.Pointer(fv), v.flag&flagRO | flag(Func)}
}
