//! The one table of runtime entry points.
//!
//! Codegen turns it into [`RuntimeFn`], signatures and the operands of `slow` entries, the runtime into addresses; a
//! mismatch on either side is a compile error.
//!
//! * `call name(a: ty, ..) -> (r: ty, ..)` is an `extern "C"` function. Its first argument is the isolate block (not
//!   listed). It runs on the goroutine's stack, may allocate, panic or park. The first two results are returned in
//!   registers, those after them in `IsolateBlock::ret`.
//! * `slow name(a: ty, ..) -> (r: ty, ..)` is a stub that preserves all registers: it finds its operands in
//!   `IsolateBlock::args` and leaves its results in `IsolateBlock::ret`, a word each, in the order of the table. Cold
//!   paths use these, because a normal call in a cold block spills what is live in the hot path.
//! * `keep name(a: ty, ..) -> ()` is code that preserves all registers, its operands' included, and gets no block: what is
//!   so short and so frequent that it pays not to disturb what is live around it.

use crate::block::{MAX_ARGS, MAX_RESULTS};
use crate::call::AbiType;

/// An operand or a result of a runtime function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Operand {
    /// Its name in the table.
    pub name: &'static str,
    /// How it is passed.
    pub ty: AbiType,
}

/// How a runtime function is entered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryKind {
    /// `extern "C"`, block first.
    Call,
    /// `preserve_all` stub, operands and results in the block.
    Slow,
    /// `preserve_all` code with operands in registers.
    Keep,
}

/// Hands the table to the macro `$m`, as `$m! { call name(a: ty, ..) -> (r: ty, ..); .. }`.
#[macro_export]
macro_rules! for_each_runtime_fn {
    ($m:ident) => {
        $m! {
            // ---- allocation
            /// Inline allocation found its cell empty: as `newobject`.
            slow mallocgc(typ: Ptr) -> (object: Ptr);
            /// A zeroed object of a type.
            call newobject(typ: Ptr) -> (object: Ptr);
            /// `n` zeroed elements in a row.
            call newarray(typ: Ptr, n: I64) -> (array: Ptr);
            /// A closure object or other untyped record: `size` bytes whose word i holds a pointer when bit i of `mask` is set.
            call newrecord(size: I64, mask: I64) -> (record: Ptr);
            /// Inline allocation of a record of at most `MAX_CELL_SIZE` bytes found its cell empty: as `newrecord`.
            slow mallocrecord(size: I64, mask: I64) -> (record: Ptr);
            /// `make([]T, len, cap)`: panics when out of range.
            call makeslice(elem: Ptr, len: I64, cap: I64) -> (array: Ptr);
            /// Room for `num` more elements, as Go's `growslice`: the slice, its length being `newlen`.
            slow growslice(ptr: Ptr, newlen: I64, oldcap: I64, num: I64, elem: Ptr) -> (ptr: Ptr, len: I64, cap: I64);

            // ---- memory
            /// Copies `n` bytes, which may overlap.
            call memmove(dst: Ptr, src: Ptr, n: I64) -> ();
            /// The same where most copies are short: `append` and `copy`.
            keep copybytes(dst: Ptr, src: Ptr, n: I64) -> ();
            /// Zeroes `n` bytes.
            call memclr(p: Ptr, n: I64) -> ();
            /// Whether `n` bytes are equal.
            call memequal(p: Ptr, q: Ptr, n: I64) -> (equal: Bool);

            // ---- strings
            // `buf` is room for a short result in the caller's frame ([`TMP_BUF`](crate::value::TMP_BUF)), or nil.
            /// Concatenates `n` strings that lie at `parts`.
            call concatstrings(buf: Ptr, parts: Ptr, n: I64) -> (p: Ptr, n: I64);
            /// -1, 0 or 1.
            call cmpstring(p: Ptr, plen: I64, q: Ptr, qlen: I64) -> (order: I64);
            /// `string(b)` for a byte slice.
            call slicebytetostring(buf: Ptr, p: Ptr, n: I64) -> (p: Ptr, n: I64);
            /// `[]byte(s)`: first byte and capacity.
            call stringtoslicebyte(buf: Ptr, p: Ptr, n: I64) -> (p: Ptr, cap: I64);
            /// `[]rune(s)`.
            call stringtoslicerune(buf: Ptr, p: Ptr, n: I64) -> (p: Ptr, len: I64, cap: I64);
            /// `string(r)` for a rune slice.
            call slicerunetostring(buf: Ptr, p: Ptr, n: I64) -> (p: Ptr, n: I64);
            /// `string(i)` for an integer.
            call intstring(buf: Ptr, v: I64) -> (p: Ptr, n: I64);
            /// The rune at byte `i` of a string and the index after it. Compiled code decodes valid sequences of up to three
            /// bytes itself.
            slow decoderune(p: Ptr, n: I64, i: I64) -> (rune: I64, after: I64);

            // ---- interfaces
            /// A copy of the value at `p` on the heap.
            call convT(typ: Ptr, p: Ptr) -> (copy: Ptr);
            /// The itab of an interface type and a dynamic type: panics when the type lacks a method or is nil.
            slow assertE2I(inter: Ptr, typ: Ptr) -> (tab: Ptr);
            /// The same, nil instead of a panic.
            slow assertE2I2(inter: Ptr, typ: Ptr) -> (tab: Ptr);
            /// The entry of an assertion table for the cases of a type switch, never nil. `cases` is a `*SwitchCases`.
            slow interfaceSwitch(cases: Ptr, typ: Ptr) -> (entry: Ptr);
            /// A failed assertion to a concrete type from an interface without methods.
            slow panicdottypeE(have: Ptr, want: Ptr, iface: Ptr) -> ();
            /// From one with methods: `have` is an itab.
            slow panicdottypeI(have: Ptr, want: Ptr, iface: Ptr) -> ();
            /// An assertion of a nil interface to an interface type.
            slow panicnildottype(want: Ptr) -> ();
            /// `==` of two values of dynamic type `typ` in interfaces: data words given.
            call efaceeq(typ: Ptr, x: Ptr, y: Ptr) -> (equal: Bool);
            /// The same with an itab.
            call ifaceeq(tab: Ptr, x: Ptr, y: Ptr) -> (equal: Bool);
            /// `==` of the values at `p` and `q`.
            call typeequal(typ: Ptr, p: Ptr, q: Ptr) -> (equal: Bool);

            // ---- panics
            /// Index or slice out of range. `code` is a `BoundsCode`; `signed` says whether `x` is.
            slow panicBounds(x: I64, y: I64, code: I64, signed: I64) -> ();
            /// `integer divide by zero`.
            slow panicdivide() -> ();
            /// `negative shift amount`.
            slow panicshift() -> ();
            /// `invalid memory address or nil pointer dereference`.
            slow panicmem() -> ();
            /// A conversion from a slice of length `x` to an array of length `y`.
            slow panicSliceConvert(x: I64, y: I64) -> ();
            /// A value method called through a nil pointer. The text of the panic.
            slow panicwrap(p: Ptr, n: I64) -> ();
            /// `panic(v)`.
            call gopanic(typ: Ptr, data: Ptr) -> ();
            /// `recover()` while a panic runs deferred calls; `fp` is the frame pointer of the function that calls it, or 0 if
            /// that is a wrapper.
            call gorecover(fp: Ptr) -> (typ: Ptr, data: Ptr);
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
            slow morestack() -> ();
            /// A loop's back edge found `preempt` set.
            slow preempt() -> ();
            /// `make(chan T, size)`.
            call makechan(typ: Ptr, size: I64) -> (c: Ptr);
            /// `c <- *elem`.
            call chansend1(c: Ptr, elem: Ptr) -> ();
            /// `*elem = <-c`; `elem` may be nil.
            call chanrecv1(c: Ptr, elem: Ptr) -> ();
            /// `*elem, ok = <-c`.
            call chanrecv2(c: Ptr, elem: Ptr) -> (ok: Bool);
            /// `close(c)`.
            call closechan(c: Ptr) -> ();
            /// `len(c)`.
            call chanlen(c: Ptr) -> (n: I64);
            /// `cap(c)`.
            call chancap(c: Ptr) -> (n: I64);
            /// `select` over `n` [`SelectCase`](crate::runtime_fns::SelectCase)s at `cases`; the chosen index (-1: default) and whether a value was received.
            call selectgo(cases: Ptr, n: I64, block: Bool) -> (chosen: I64, received: Bool);
            /// `select {}`.
            call block() -> ();

            // ---- print and println
            /// Holds the output together until `printunlock`.
            call printlock() -> ();
            /// Writes what was printed since `printlock`.
            call printunlock() -> ();
            /// Prints a bool.
            call printbool(v: Bool) -> ();
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
    ($($(#[$doc:meta])* $kind:ident $name:ident($($arg:ident: $ty:ident),*) -> ($($result:ident: $ret:ident),*);)*) => {
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
            pub const fn entry(self) -> EntryKind { match self { $(RuntimeFn::$name => define!(@entry $kind)),* } }
            /// Operands after the block.
            pub const fn params(self) -> &'static [Operand] {
                match self { $(RuntimeFn::$name => &[$(Operand { name: stringify!($arg), ty: AbiType::$ty }),*]),* }
            }
            /// Results.
            pub const fn results(self) -> &'static [Operand] {
                match self { $(RuntimeFn::$name => &[$(Operand { name: stringify!($result), ty: AbiType::$ret }),*]),* }
            }
        }
    };
    (@entry call) => { EntryKind::Call };
    (@entry slow) => { EntryKind::Slow };
    (@entry keep) => { EntryKind::Keep };
}
for_each_runtime_fn!(define);

impl RuntimeFn {
    /// The results that are returned in registers. The others lie in `IsolateBlock::ret`.
    pub const fn register_results(self) -> &'static [Operand] {
        let all = self.results();
        match self.entry() {
            EntryKind::Call if all.len() > 2 => all.split_at(2).0,
            EntryKind::Call => all,
            EntryKind::Slow | EntryKind::Keep => &[],
        }
    }

    /// Whether what it passes through the block fits there: operands and results of `slow` entries are words.
    const fn fits_the_block(self) -> bool {
        let slow = matches!(self.entry(), EntryKind::Slow);
        let words = all_words(self.params()) && all_words(self.results());
        self.results().len() <= MAX_RESULTS && (!slow || words && self.params().len() <= MAX_ARGS)
    }
}

const fn all_words(mut list: &[Operand]) -> bool {
    while let [first, rest @ ..] = list {
        if !first.ty.is_word() {
            return false;
        }
        list = rest;
    }
    true
}

const _: () = {
    let mut rest = RuntimeFn::ALL;
    while let [first, others @ ..] = rest {
        assert!(first.fits_the_block(), "operands or results of an entry point do not fit the isolate block");
        rest = others;
    }
};

/// What went out of bounds, the `code` of `panicBounds` (Go's `internal/abi.BoundsErrorCode`).
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
