package runtime

// Program counters in Go's sense name a logical frame: the address of an instruction in the low 48 bits, and above them
// how many functions inlined there are to be passed over.

// Callers fills pc with the return addresses of the calling goroutine's frames, after skipping the first: 0 is Callers
// itself, 1 its caller.
//
//go:noescape
func Callers(skip int, pc []uintptr) int

// Caller reports where the calling goroutine is: skip 0 is the caller of Caller.
func Caller(skip int) (pc uintptr, file string, line int, ok bool) {
	var pcs [1]uintptr
	if Callers(skip+2, pcs[:]) < 1 {
		return
	}
	var at location
	if !locate(pcs[0]-1, &at) {
		return
	}
	return pcs[0] - 1, at.file, at.line, true
}

// A location is what is known about a program counter. The runtime has the same struct.
type location struct {
	name, file string
	entry      uintptr
	line       int
	startLine  int
	inlined    bool
}

// locate fills at with what is known about pc. The function's stub is all right too.
//
//go:noescape
func locate(pc uintptr, at *location) bool

// A Func represents a function. It has all that its methods look at, so that copies are Funcs too, and new ones empty.
type Func struct {
	name, file string
	entry      uintptr
	startLine  int
}

// Functions that FuncForPC has found, by address, so that each has one Func.
var funcs []*Func

// FuncForPC returns the function that contains the program counter, or nil.
func FuncForPC(pc uintptr) *Func {
	var at location
	if !locate(pc, &at) {
		return nil
	}
	return funcFor(&at)
}

func funcFor(at *location) *Func {
	if at.inlined {
		return &Func{at.name, at.file, at.entry, at.startLine}
	}
	low, high := 0, len(funcs)
	for low < high {
		middle := (low + high) / 2
		if funcs[middle].entry < at.entry {
			low = middle + 1
		} else {
			high = middle
		}
	}
	if low == len(funcs) || funcs[low].entry != at.entry {
		funcs = append(funcs, nil)
		copy(funcs[low+1:], funcs[low:])
		funcs[low] = &Func{at.name, at.file, at.entry, at.startLine}
	}
	return funcs[low]
}

// Name returns the name of the function.
func (f *Func) Name() string {
	if f == nil {
		return ""
	}
	return f.name
}

// Entry returns the address of the function.
func (f *Func) Entry() uintptr { return f.entry }

// FileLine returns the file and line of the instruction at pc.
func (f *Func) FileLine(pc uintptr) (file string, line int) {
	var at location
	if !locate(pc, &at) {
		return "?", 0
	}
	return at.file, at.line
}

// Frames gives the frames of a list of program counters.
type Frames struct {
	callers []uintptr
}

// A Frame describes one of them.
type Frame struct {
	PC        uintptr
	Func      *Func
	Function  string
	File      string
	Line      int
	startLine int
	Entry     uintptr
}

// CallersFrames takes what Callers gave.
func CallersFrames(callers []uintptr) *Frames {
	return &Frames{callers}
}

// Next returns the next frame, and whether there are more after it.
func (ci *Frames) Next() (frame Frame, more bool) {
	for len(ci.callers) > 0 {
		pc := ci.callers[0]
		ci.callers = ci.callers[1:]
		var at location
		if pc == 0 || !locate(pc-1, &at) {
			continue
		}
		frame = Frame{
			PC: pc - 1, Function: at.name, File: at.file, Line: at.line, startLine: at.startLine, Entry: at.entry,
		}
		if !at.inlined {
			frame.Func = funcFor(&at)
		}
		break
	}
	return frame, len(ci.callers) > 0
}

// Stack writes the traceback of the calling goroutine, or of all, to buf; the number of bytes written.
//
//go:noescape
func Stack(buf []byte, all bool) int
