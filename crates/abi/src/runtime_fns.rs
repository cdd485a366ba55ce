//! The one table of runtime entry points.
//!
//! Codegen turns it into [`RuntimeFn`] and signatures, the runtime into addresses; a mismatch is a compile error.
//!
//! * `call name(a: ty, ..) -> ty` is an `extern "C"` function. Its first argument is the isolate block (not listed). It
//!   runs on the goroutine's stack, may allocate, panic or park. Up to two results are returned in registers
//!   (`(ty, ty)`); what has more leaves them in `IsolateBlock::ret`, as its doc says.
//! * `slow name` is a stub that preserves all registers but those of the result in memory: operands in
//!   `IsolateBlock::args`, results in `IsolateBlock::ret`, each as the doc says. Cold paths use these, because a normal
//!   call in a cold block spills what is live in the hot path.
//! * `keep name(a: ty, ..) -> ()` is code that preserves all registers, its operands' included, and gets no block: what is
//!   so short and so frequent that it pays not to disturb what is live around it.

/// Machine type of an operand of a runtime function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AbiType {
    /// A pointer.
    Ptr,
    /// A 64-bit integer.
    I64,
    /// A 32-bit integer.
    I32,
    /// A byte or a bool.
    I8,
    /// A float64.
    F64,
}

/// How a runtime function is entered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    /// `extern "C"`, block first.
    Call,
    /// `preserve_all` stub without operands or results.
    Slow,
    /// `preserve_all` code with operands in registers.
    Keep,
}

/// Hands the table to the macro `$m`, as `$m! { call name(a: ty, ..) -> (ty, ..); slow name; .. }`.
#[macro_export]
macro_rules! for_each_runtime_fn {
    ($m:ident) => {
        $m! {
            // ---- allocation
            /// Inline allocation found its cell empty. args[0]: `*Type`; ret[0]: a zeroed object.
            slow mallocgc;
            /// A zeroed object of a type.
            call newobject(typ: Ptr) -> (Ptr);
            /// `n` zeroed elements in a row.
            call newarray(typ: Ptr, n: I64) -> (Ptr);
            /// A closure object or other untyped record: `size` bytes whose word i holds a pointer when bit i of `mask` is set.
            call newrecord(size: I64, mask: I64) -> (Ptr);
            /// Inline allocation of a record of at most `MAX_CELL_SIZE` bytes found its cell empty. args: size, mask as
            /// for `newrecord`; ret[0]: a zeroed record.
            slow mallocrecord;
            /// `make([]T, len, cap)`: panics when out of range.
            call makeslice(elem: Ptr, len: I64, cap: I64) -> (Ptr);
            /// Room for `num` more elements, as Go's. args: ptr, newlen, oldcap, num, elem `*Type`; ret[0..3]: the slice,
            /// its length being `newlen`.
            slow growslice;

            // ---- memory
            /// Copies `n` bytes, which may overlap.
            call memmove(dst: Ptr, src: Ptr, n: I64) -> ();
            /// The same where most copies are short: `append` and `copy`.
            keep copybytes(dst: Ptr, src: Ptr, n: I64) -> ();
            /// Zeroes `n` bytes.
            call memclr(p: Ptr, n: I64) -> ();
            /// Whether `n` bytes are equal.
            call memequal(p: Ptr, q: Ptr, n: I64) -> (I8);

            // ---- strings
            // `buf` is room for a short result in the caller's frame ([`TMP_BUF`](crate::value::TMP_BUF)), or nil.
            /// Concatenates `n` strings that lie at `parts`.
            call concatstrings(buf: Ptr, parts: Ptr, n: I64) -> (Ptr, I64);
            /// -1, 0 or 1.
            call cmpstring(p: Ptr, plen: I64, q: Ptr, qlen: I64) -> (I64);
            /// `string(b)` for a byte slice.
            call slicebytetostring(buf: Ptr, p: Ptr, n: I64) -> (Ptr, I64);
            /// `[]byte(s)`: first byte and capacity.
            call stringtoslicebyte(buf: Ptr, p: Ptr, n: I64) -> (Ptr, I64);
            /// `[]rune(s)`: first rune and length; ret[0]: the capacity.
            call stringtoslicerune(buf: Ptr, p: Ptr, n: I64) -> (Ptr, I64);
            /// `string(r)` for a rune slice.
            call slicerunetostring(buf: Ptr, p: Ptr, n: I64) -> (Ptr, I64);
            /// `string(i)` for an integer.
            call intstring(buf: Ptr, v: I64) -> (Ptr, I64);
            /// The rune at a byte of a string and the index after it. args: first byte, length, index; ret[0]: rune,
            /// ret[1]: index. Compiled code decodes valid sequences of up to three bytes itself.
            slow decoderune;

            // ---- interfaces
            /// A copy of the value at `p` on the heap.
            call convT(typ: Ptr, p: Ptr) -> (Ptr);
            /// The itab of an interface type and a dynamic type: panics when the type lacks a method or is nil.
            /// args: inter, typ (`*Type`); ret[0]: `*Itab`.
            slow assertE2I;
            /// The same, nil instead of a panic.
            slow assertE2I2;
            /// The entry of an assertion table for the cases of a type switch, never nil. args: `*SwitchCases`, `*Type`;
            /// ret[0]: the entry.
            slow interfaceSwitch;
            /// A failed assertion to a concrete type from an interface without methods. args: have, want, iface `*Type`.
            slow panicdottypeE;
            /// From one with methods. args: have `*Itab`, want, iface `*Type`.
            slow panicdottypeI;
            /// An assertion of a nil interface to an interface type. args: want.
            slow panicnildottype;
            /// `==` of two values of dynamic type `typ` in interfaces: data words given.
            call efaceeq(typ: Ptr, x: Ptr, y: Ptr) -> (I8);
            /// The same with an itab.
            call ifaceeq(tab: Ptr, x: Ptr, y: Ptr) -> (I8);
            /// `==` of the values at `p` and `q`.
            call typeequal(typ: Ptr, p: Ptr, q: Ptr) -> (I8);

            // ---- panics
            /// Index or slice out of range. args: value, bound, code as in `BoundsCode`, whether value is signed.
            slow panicBounds;
            /// `integer divide by zero`.
            slow panicdivide;
            /// `negative shift amount`.
            slow panicshift;
            /// `invalid memory address or nil pointer dereference`.
            slow panicmem;
            /// A conversion from slice to array: args: length, wanted length.
            slow panicSliceConvert;
            /// A value method called through a nil pointer. args: `*FuncNameData`-like string pointer and length of the text.
            slow panicwrap;
            /// `panic(v)`.
            call gopanic(typ: Ptr, data: Ptr) -> ();
            /// `recover()` while a panic runs deferred calls; `fp` is the frame pointer of the function that calls it, or 0 if
            /// that is a wrapper.
            call gorecover(fp: Ptr) -> (Ptr, Ptr);
            /// Pushes a deferred call on `frame`.
            call deferproc(frame: Ptr, func: Ptr) -> ();
            /// Runs the frame's remaining deferred calls, newest first, and unlinks the frame.
            call deferreturn(frame: Ptr) -> ();
            /// Text of unrecoverable error: the isolate ends.
            call throw(p: Ptr, n: I64) -> ();

            // ---- goroutines
            /// `go f()`.
            call newproc(func: Ptr) -> ();
            /// The stack limit was passed: a preemption, a real overflow, or a stop request.
            slow morestack;
            /// A loop's back edge found `preempt` set.
            slow preempt;
            /// `make(chan T, size)`.
            call makechan(typ: Ptr, size: I64) -> (Ptr);
            /// `c <- *elem`.
            call chansend1(c: Ptr, elem: Ptr) -> ();
            /// `*elem = <-c`; `elem` may be nil.
            call chanrecv1(c: Ptr, elem: Ptr) -> ();
            /// `*elem, ok = <-c`.
            call chanrecv2(c: Ptr, elem: Ptr) -> (I8);
            /// `close(c)`.
            call closechan(c: Ptr) -> ();
            /// `len(c)`.
            call chanlen(c: Ptr) -> (I64);
            /// `cap(c)`.
            call chancap(c: Ptr) -> (I64);
            /// `select` over `n` [`SelectCase`](crate::runtime_fns::SelectCase)s at `cases`; the chosen index (-1: default) and whether a value was received.
            call selectgo(cases: Ptr, n: I64, block: I8) -> (I64, I8);
            /// `select {}`.
            call block() -> ();

            // ---- print and println
            /// Holds the output together until `printunlock`.
            call printlock() -> ();
            /// Writes what was printed since `printlock`.
            call printunlock() -> ();
            /// Prints a bool.
            call printbool(v: I8) -> ();
            /// Prints a signed integer.
            call printint(v: I64) -> ();
            /// Prints an unsigned integer.
            call printuint(v: I64) -> ();
            /// Prints a float64.
            call printfloat(v: F64) -> ();
            /// Prints a float32 (widened): fewer digits make it unique.
            call printfloat32(v: F64) -> ();
            /// Prints a complex128.
            call printcomplex(re: F64, im: F64) -> ();
            /// Prints a complex64 (widened).
            call printcomplex64(re: F64, im: F64) -> ();
            /// Prints a string.
            call printstring(p: Ptr, n: I64) -> ();
            /// Prints a pointer, map, chan, func or uintptr of a pointer in hexadecimal.
            call printpointer(p: Ptr) -> ();
            /// Prints a slice header.
            call printslice(p: Ptr, len: I64, cap: I64) -> ();
            /// Prints an interface's two words.
            call printeface(typ: Ptr, data: Ptr) -> ();
            /// Prints a space.
            call printsp() -> ();
            /// Prints a newline.
            call printnl() -> ();
        }
    };
}

macro_rules! define {
    ($($(#[$doc:meta])* $kind:ident $name:ident $(($($arg:ident : $ty:ident),*) -> ($($ret:ident),*))?;)*) => {
        /// A runtime entry point.
        #[allow(non_camel_case_types)]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u16)]
        pub enum RuntimeFn { $($(#[$doc])* $name),* }

        impl RuntimeFn {
            /// All entry points, in the order of their numbers.
            pub const ALL: &'static [RuntimeFn] = &[$(RuntimeFn::$name),*];
            /// The name, as Go's runtime has it.
            pub const fn name(self) -> &'static str { match self { $(RuntimeFn::$name => stringify!($name)),* } }
            /// How it is entered.
            pub const fn entry(self) -> Entry { match self { $(RuntimeFn::$name => define!(@entry $kind)),* } }
            /// Operands after the block.
            pub const fn params(self) -> &'static [AbiType] { match self { $(RuntimeFn::$name => &[$($(AbiType::$ty),*)?]),* } }
            /// Results in registers.
            pub const fn results(self) -> &'static [AbiType] { match self { $(RuntimeFn::$name => &[$($(AbiType::$ret),*)?]),* } }
        }
    };
    (@entry call) => { Entry::Call };
    (@entry slow) => { Entry::Slow };
    (@entry keep) => { Entry::Keep };
}
for_each_runtime_fn!(define);

/// What went out of bounds, in `args[2]` of `panicBounds` (Go's `internal/abi.BoundsErrorCode`).
#[repr(u8)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BoundsCode {
    /// `s[x]`, `0 <= x < len(s)` failed.
    Index,
    /// `s[?:x]`, `0 <= x <= len(s)` failed (array or string).
    SliceAlen,
    /// `s[?:x]`, `0 <= x <= cap(s)` failed.
    SliceAcap,
    /// `s[x:y]`, `0 <= x <= y` failed.
    SliceB,
    /// `s[::x]`, `0 <= x <= len(s)` failed (array).
    Slice3Alen,
    /// `s[::x]`, `0 <= x <= cap(s)` failed.
    Slice3Acap,
    /// `s[:x:y]`, `0 <= x <= y` failed.
    Slice3B,
    /// `s[x:y:]`, `0 <= x <= y` failed.
    Slice3C,
    /// `(*[x]T)(s)`, `0 <= x <= len(s)` failed.
    Convert,
}

/// One communication of a `select` statement, as codegen lays them out in the frame.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct SelectCase {
    /// The channel, may be nil.
    pub chan: *mut core::ffi::c_void,
    /// Where the element is or goes; nil drops a received value.
    pub elem: *mut u8,
    /// 1 for a send, 0 for a receive.
    pub send: u64,
}
