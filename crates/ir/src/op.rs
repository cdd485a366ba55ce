//! Operations and terminators.
//!
//! Checks are operations of their own (`NilCheck`, `BoundsCheck`, `DivCheck` and others), so that a pass can remove one
//! that is dominated by its like. `Load`, `Store` and address arithmetic never check. Operands are values unless said
//! otherwise. "Panics" means a Go panic with Go's text. Types of results are in `Func::values`.

use crate::func::{BlockId, LocalId, ValueId};
use crate::program::{FuncId, GlobalId};
use crate::ty::TyId;
use smallvec::{SmallVec, smallvec};
use std::sync::Arc;

/// A constant's value; its type is the result's.
#[derive(Clone, Debug, PartialEq)]
pub enum Const {
    /// A bool.
    Bool(bool),
    /// An integer, sign- or zero-extended to 64 bits as its type says.
    Int(i64),
    /// A float32 or float64 (rounded to its type).
    Float(f64),
    /// A complex number.
    Complex(f64, f64),
    /// A string.
    Str(Arc<[u8]>),
    /// The zero value of any type: nil, 0, "", a struct of zeros.
    Zero,
}

/// Two operands of the same numeric type (shifts: any integer as count); integers wrap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BinOp {
    /// `+` on integers, floats and complex numbers
    Add,
    /// `-`
    Sub,
    /// `*`
    Mul,
    /// `/`; an integer divisor is not 0 (`DivCheck`), and MIN / -1 is MIN
    Div,
    /// `%`; the same
    Rem,
    /// `&` on integers and bools
    And,
    /// `|`
    Or,
    /// `^`
    Xor,
    /// `&^`
    AndNot,
    /// `<<`; counts of the width and more give 0; the count is unsigned (`ShiftCheck` guards signed ones)
    Shl,
    /// `>>`; counts of the width and more give 0 or the sign
    Shr,
}

/// Comparisons of ordered values (integers, floats, strings); equality is `Op::Equal`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CmpOp {
    /// `<`
    Lt,
    /// `<=`
    Le,
    /// `>`
    Gt,
    /// `>=`
    Ge,
}

/// One operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnOp {
    /// `-x`
    Neg,
    /// `!x`
    Not,
    /// `^x`
    BitNot,
}

/// How `Op::Convert` changes representation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Conv {
    /// Between integers, floats and complex numbers; floats out of range give what gc gives on amd64, whatever
    /// the processor.
    Numeric,
    /// Between types of the same representation (named types, pointers and unsafe.Pointer, uintptr and unsafe.Pointer,
    /// channels of other direction).
    Same,
    /// `string(integer)`
    IntToString(Storage),
    /// `string([]byte)`
    BytesToString(Storage),
    /// `string([]rune)`
    RunesToString(Storage),
    /// `[]byte(string)`
    StringToBytes(Storage),
    /// `[]rune(string)`
    StringToRunes(Storage),
    /// `string([]byte)` of the very bytes, for a string that is used up before anything can write them.
    BytesAsString,
    /// `[]byte(string)` of the very bytes, for a slice that nothing writes to.
    StringAsBytes,
    /// `(*[n]T)(slice)`; panics when the slice is shorter
    SliceToArrayPtr,
}

/// Where an object lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Storage {
    /// On the heap.
    Heap,
    /// In the function's frame, the same memory each time the instruction runs, which sets it to zero. Texts, whose length is known only
    /// then, are there if they take no more than [`TMP_BUF`] bytes or runes, else on the heap.
    Stack,
    /// In the frame of deferred calls that the function was given ([`Func::deferred`](crate::func::Func::deferred)), at
    /// this offset: deferred calls hold it, and they run when the function has returned. The instruction runs once.
    Deferred(u32),
}

/// Room in the frame for what has no constant size: bytes of a string or slice, runes of a rune slice. Go's, because
/// programs see it as a capacity.
pub const TMP_BUF: u64 = 32;

/// Which code a call enters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Callee {
    /// A known function. A receiver that is the context is the first argument.
    Static(FuncId),
    /// A func value; nil faults as a nil dereference.
    Closure(ValueId),
    /// Method `index` (in the interface type's order) of an interface value; nil faults as a nil dereference.
    Interface {
        /// The interface value.
        iface: ValueId,
        /// Index in the interface's methods.
        index: u32,
    },
}

/// One communication of a `select`.
#[derive(Clone, Debug, PartialEq)]
pub struct SelectCase {
    /// The channel.
    pub chan: ValueId,
    /// The value to send, or none for a receive.
    pub send: Option<ValueId>,
    /// Element type.
    pub elem: TyId,
}

/// What is sliced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sliced {
    /// A string.
    Str,
    /// A slice.
    Slice,
    /// A pointer to an array (already checked for nil).
    ArrayPtr,
}

/// Built-in operations that codegen expands in place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum Intrinsic {
    /// `math.Sqrt`, `Floor`, `Ceil`, `Trunc`, `Abs`, `Copysign`, `FMA` on float64.
    Sqrt,
    Floor,
    Ceil,
    Trunc,
    RoundToEven,
    Abs,
    Copysign,
    Fma,
    /// `math.Float64bits` and its like.
    Bitcast,
    /// `math/bits`: operand's width is its type's.
    LeadingZeros,
    TrailingZeros,
    OnesCount,
    ReverseBytes,
    RotateLeft,
    /// `bits.Mul64` (hi, lo), `Add64` and `Sub64` (sum, carry).
    Mul64,
    Add64,
    Sub64,
    /// `sync/atomic`: (ptr[, old][, new]) with the element's type as result or first value's type.
    AtomicLoad,
    AtomicStore,
    AtomicSwap,
    AtomicCas,
    /// Gives the new value.
    AtomicAdd,
    /// Give the old value.
    AtomicAnd,
    AtomicOr,
    /// Which of the 16 bytes at an address (a number) are a byte: bit i for byte i.
    MatchBytes,
    /// Frame facts.
    CallerPc,
    CallerSp,
    ClosurePtr,
    /// Entry address of a func value's code.
    FuncPc,
    /// Keeps its operand alive.
    KeepAlive,
    /// An unsafe.Pointer of an address (the first operand, a number) that was computed from the pointers that follow: it
    /// leads to what they lead to, as package unsafe promises for arithmetic in one expression.
    PointerFrom,
    /// `min` and `max` of floats with Go's rules for NaN and signed zeros.
    FloatMin,
    FloatMax,
}

impl Intrinsic {
    /// Whether it has no result.
    pub const fn is_statement(self) -> bool {
        matches!(self, Intrinsic::AtomicStore | Intrinsic::KeepAlive)
    }
}

/// An operation.
///
/// Each one's doc says what it means, when it panics, and how it prints: `v2 T =` stands before an operation with a result
/// of type T, and is left out below. An operation whose doc names no panic has none; one without a result says so.
#[derive(Clone, Debug, PartialEq)]
pub enum Op {
    // ---- constants and addresses
    /// A constant of the result's type.
    ///
    /// Prints `const 7`, `const "text"`, `const zero`.
    Const(Const),
    /// The address of a package variable, a pointer to its type. Each isolate has its own.
    ///
    /// Prints `globaladdr main.x`.
    GlobalAddr(GlobalId),
    /// The func value of a function without captures. The same function gives the same value.
    ///
    /// Prints `funcval main.f`.
    FuncVal(FuncId),
    /// The address of a type's descriptor, an unsafe.Pointer. There is one of each type in a program.
    ///
    /// Prints `typedesc main.T`.
    TypeDesc(TyId),
    /// The address of the itab of an interface type with methods and a concrete type that implements it, an
    /// unsafe.Pointer.
    ///
    /// Prints `itabdesc main.I, main.T`.
    ItabDesc(TyId, TyId),

    // ---- variables and memory
    /// The value of a local variable. It is zero before it is set.
    ///
    /// Prints `get l0`.
    LocalGet(LocalId),
    /// Sets a local variable. No result.
    ///
    /// Prints `set l0, v1`.
    LocalSet(LocalId, ValueId),
    /// A captured value of the closure that runs (`Context::Captures`), by its number. A variable that is captured by
    /// reference is a pointer to it.
    ///
    /// Prints `capture 0`.
    Capture(u32),
    /// The receiver that is the context argument (`Context::Receiver`), or its address (`Context::ReceiverAddr`).
    ///
    /// Prints `receiver`.
    Receiver,
    /// A pointer to a new variable of this type, which is zero. The same instruction gives another variable each time it
    /// runs, unless it lies in a frame.
    ///
    /// Prints `alloc heap main.T`, `alloc stack main.T`.
    Alloc(TyId, Storage),
    /// The value that a pointer points to, of the result's type. The pointer is not checked: a `NilCheck` dominates the
    /// load where it may be nil. An address that was made from a number may fault, which is a Go panic.
    ///
    /// Prints `load v1`.
    Load(ValueId),
    /// `*ptr = val`. The pointer is not checked, as with `Load`. Pointers on the heap are written with the collector's
    /// write barrier. No result.
    ///
    /// Prints `store v1, v2`.
    Store {
        /// Where.
        ptr: ValueId,
        /// What; its type is the size stored.
        val: ValueId,
    },
    /// The bytes from a pointer to a byte on as one number of the result's type, which is unsigned. The first byte is the
    /// lowest one of the number, or with `big` the highest. The pass `combine` makes it.
    ///
    /// Prints `loadbytes v1`, `loadbytes big v1`.
    LoadBytes {
        /// To the first byte.
        ptr: ValueId,
        /// Whether the first byte is the highest.
        big: bool,
    },
    /// Stores the bytes of a number from a pointer to a byte on, in the order that `LoadBytes` has. No result.
    ///
    /// Prints `storebytes v1, v2`, `storebytes big v1, v2`.
    StoreBytes {
        /// To the first byte.
        ptr: ValueId,
        /// An unsigned number.
        val: ValueId,
        /// Whether the first byte is the highest.
        big: bool,
    },
    /// Copies a value of type `ty` from one address to another. The places do not overlap, or are the same. Neither pointer
    /// is checked. No result.
    ///
    /// Prints `copy main.T v1, v2`: to v1, from v2.
    Copy {
        /// To.
        dst: ValueId,
        /// From.
        src: ValueId,
        /// Type.
        ty: TyId,
    },
    /// Sets the variable of this type that a pointer points to to zero. The pointer is not checked. No result.
    ///
    /// Prints `clear main.T v1`.
    Clear(ValueId, TyId),
    /// `&ptr.f` for a pointer to a struct: the address of the field with this number. The pointer is not checked.
    ///
    /// Prints `fieldaddr v1, 2`.
    FieldAddr(ValueId, u32),
    /// `&base[index]` for a pointer to the first element; neither is checked. The index is an int, counted in elements.
    ///
    /// Prints `elemaddr v1, v2`.
    ElemAddr {
        /// Pointer to the first element.
        base: ValueId,
        /// Index.
        index: ValueId,
        /// Element type.
        elem: TyId,
    },

    // ---- checks; no results
    /// Panics with a nil dereference when a pointer, map, func or interface value is nil. No result.
    ///
    /// Prints `nilcheck v1`.
    NilCheck(ValueId),
    /// Panics with `index out of range` unless `0 <= index < len`. The index is an int, or unsigned when its type is. No
    /// result.
    ///
    /// Prints `boundscheck v1, v2`.
    BoundsCheck {
        /// Index.
        index: ValueId,
        /// Length, an int.
        len: ValueId,
    },
    /// Panics with `integer divide by zero` when the divisor is 0. No result.
    ///
    /// Prints `divcheck v1`.
    DivCheck(ValueId),
    /// Panics with `negative shift amount` when a signed shift count is negative. No result.
    ///
    /// Prints `shiftcheck v1`.
    ShiftCheck(ValueId),
    /// Panics with this text when the pointer is nil: a method with a value receiver was called through the itab of a nil
    /// pointer. No result.
    ///
    /// Prints `wrapcheck v1, "text"`.
    WrapCheck(ValueId, Arc<str>),

    // ---- aggregates
    /// A struct of field values, a tuple of values, or an array of element values, as the result's type says.
    ///
    /// Prints `aggregate v1, v2`.
    Aggregate(Vec<ValueId>),
    /// The component of a struct, tuple or array value with this number.
    ///
    /// Prints `extract v1, 0`.
    Extract(ValueId, u32),
    /// A slice of a pointer to its first element, a length and a capacity.
    ///
    /// Prints `sliceheader v1, v2, v3`.
    MakeSliceHeader(ValueId, ValueId, ValueId),
    /// A string of a pointer to its first byte and a length.
    ///
    /// Prints `stringheader v1, v2`.
    MakeStringHeader(ValueId, ValueId),
    /// A pointer to the first element of a slice, or to the first byte of a string. Without elements it may point
    /// anywhere.
    ///
    /// Prints `dataptr v1`.
    DataPtr(ValueId),
    /// `len(x)` of a slice or string, an int.
    ///
    /// Prints `len v1`.
    Len(ValueId),
    /// `cap(x)` of a slice, an int.
    ///
    /// Prints `cap v1`.
    Cap(ValueId),
    /// `complex(x, y)`
    ///
    /// Prints `complex v1, v2`.
    MakeComplex(ValueId, ValueId),
    /// `real(x)`
    ///
    /// Prints `real v1`.
    Real(ValueId),
    /// `imag(x)`
    ///
    /// Prints `imag v1`.
    Imag(ValueId),

    // ---- arithmetic
    /// An operation on two operands of the result's type; the count of a shift may have any integer type. It never panics:
    /// `DivCheck` and `ShiftCheck` stand before those that Go lets panic.
    ///
    /// Prints `add v1, v2`: the operator's name in [`BinOp`].
    Binary(BinOp, ValueId, ValueId),
    /// An operation on one operand of the result's type.
    ///
    /// Prints `neg v1`: the operator's name in [`UnOp`].
    Unary(UnOp, ValueId),
    /// An ordered comparison of two integers, floats or strings of one type, a bool. It is false where an operand is NaN.
    ///
    /// Prints `lt v1, v2`: the operator's name in [`CmpOp`].
    Compare(CmpOp, ValueId, ValueId),
    /// `x == y` for two values of one type, a bool. Panics with `comparing uncomparable type` on interface values,
    /// or parts that are, with the same dynamic type, which cannot be compared.
    ///
    /// Prints `equal v1, v2`.
    Equal(ValueId, ValueId),
    /// `iface == value` for a value of a concrete type, a bool. False when the interface value holds another type; otherwise
    /// the values are compared, which panics as `Equal` does.
    ///
    /// Prints `equaliface v1, v2`.
    EqualIface {
        /// Interface operand.
        iface: ValueId,
        /// Concrete operand.
        value: ValueId,
    },
    /// Whether a pointer, map, channel, func, slice or interface value is nil, a bool.
    ///
    /// Prints `isnil v1`.
    IsNil(ValueId),
    /// A conversion to the result's type. `SliceToArrayPtr` panics when the slice is shorter than the array; the others
    /// never do.
    ///
    /// Prints `numeric v1`, `bytestostring v1`, `bytestostring stack v1`: the name in [`Conv`] in lower case.
    Convert(Conv, ValueId),
    /// A function of Go's library that codegen expands in place. An atomic operation faults as `Load` does.
    ///
    /// Prints `intrinsic Sqrt v1`: the name in [`Intrinsic`].
    Intrinsic(Intrinsic, Vec<ValueId>),

    // ---- strings and slices
    /// The concatenation of two or more strings.
    ///
    /// Prints `concat v1, v2`, `concat stack v1, v2`.
    Concat(Vec<ValueId>, Storage),
    /// `x[lo:hi:max]`. Panics with `slice bounds out of range` unless `0 <= lo <= hi <= max <= cap`; for a string, and
    /// where there is no `max`, the length or capacity takes its place.
    ///
    /// Prints `slice v1 lo=v2 hi=v3 max=v4`, without those that are not there.
    Slice {
        /// What kind of operand.
        kind: Sliced,
        /// Operand.
        x: ValueId,
        /// Low bound, an integer.
        lo: Option<ValueId>,
        /// High bound.
        hi: Option<ValueId>,
        /// Capacity bound.
        max: Option<ValueId>,
    },
    /// `make([]T, len, cap)`, of the result's type. Panics with `makeslice: len out of range`, or `cap`, when one is
    /// negative, larger than what memory can have, or the length is above the capacity. When the capacity is no constant,
    /// the array is in the frame if it takes no more than [`TMP_BUF`] bytes.
    ///
    /// Prints `makeslice heap v1, v2`.
    MakeSlice(ValueId, ValueId, Storage),
    /// `append(s, elems...)` of single values. Panics with `growslice: len out of range` when memory cannot have so many.
    /// The first array of an empty slice is in the frame if the place is there: it has [`TMP_BUF`] bytes, and the function
    /// uses it once.
    ///
    /// Prints `append v1, v2, v3`, `append stack v1, v2`.
    Append(ValueId, Vec<ValueId>, Storage),
    /// `append(s, t...)` of a slice or a string. Panics as `Append` does.
    ///
    /// Prints `appendslice v1, v2`.
    AppendSlice(ValueId, ValueId),
    /// `append(s, make([]T, n)...)`: so many zeros. Panics as `make` does when n is negative, and as `Append`.
    ///
    /// Prints `appendzeros v1, v2`.
    AppendZeros(ValueId, ValueId),
    /// `copy(dst, src)` of slices, or from a string: how many elements were copied, an int. They may overlap.
    ///
    /// Prints `copyslice v1, v2`.
    CopySlice(ValueId, ValueId),
    /// `clear(s)`: sets all elements of a slice to zero. No result.
    ///
    /// Prints `clearslice v1`.
    ClearSlice(ValueId),
    /// The rune of a string at a byte index, and the index behind it: a tuple (rune, int). The index is below the length.
    /// Bytes that are no rune give U+FFFD, and the index after one byte.
    ///
    /// Prints `decoderune v1, v2`.
    DecodeRune(ValueId, ValueId),

    // ---- interfaces
    /// A value of a concrete type as an interface value of the result's type. A value that is no pointer is copied to
    /// memory of its own, a *box*, at the place; small numbers and zero values need none.
    ///
    /// Prints `makeiface heap v1`.
    MakeIface(ValueId, Storage),
    /// An interface value as another interface type, the result's, that its static type implements. Nil stays nil.
    ///
    /// Prints `changeiface v1`.
    ChangeIface(ValueId),
    /// `x.(T)` with T the result's type, concrete or an interface. Panics with a `*runtime.TypeAssertionError`
    /// when x is nil or its dynamic type is not T, or does not implement it.
    ///
    /// Prints `typeassert v1`.
    TypeAssert(ValueId),
    /// `v, ok := x.(T)`: a tuple of T and bool. v is zero where ok is false.
    ///
    /// Prints `typeassertok v1`.
    TypeAssertOk(ValueId),
    /// The value in an interface value whose dynamic type is known to be the result's type.
    ///
    /// Prints `unbox v1`.
    Unbox(ValueId),
    /// The descriptor of an interface value's dynamic type, nil for nil; an unsafe.Pointer.
    ///
    /// Prints `ifacetype v1`.
    IfaceType(ValueId),
    /// An interface value's data word, an unsafe.Pointer: the pointer that it holds, or a pointer to the box.
    ///
    /// Prints `ifacedata v1`.
    IfaceData(ValueId),
    /// An interface value's first word, an unsafe.Pointer: the descriptor if its type has no methods, else the itab.
    ///
    /// Prints `ifacetab v1`.
    IfaceTab(ValueId),
    /// An interface value of the result's type of its first word and its data word.
    ///
    /// Prints `ifaceraw v1, v2`.
    MakeIfaceRaw(ValueId, ValueId),

    // ---- functions
    /// A call. The result is the callee's result, a tuple if there are several, and none if there is none. It panics if the
    /// callee does, and with a nil dereference when a func value or an interface value that is called is nil.
    ///
    /// Prints `call main.f(v1)`, `call closure v1(v2)`, `call v1.Method(v2)`.
    Call(Callee, Vec<ValueId>),
    /// A func value of a function and the values that it captures.
    ///
    /// Prints `closure heap main.f.func1(v1)`.
    MakeClosure(FuncId, Vec<ValueId>, Storage),
    /// `go f()` for a `func()`. Ends the program with `go of nil func value` when it is nil. No result.
    ///
    /// Prints `go v1`.
    Go(ValueId),
    /// A new frame for the deferred calls of this function, an unsafe.Pointer to it, with so many bytes behind it for
    /// what deferred calls hold. `Term::TryCall` and `Term::Try` link it to the goroutine.
    ///
    /// Prints `deferframe`, `deferframe 16`.
    DeferFrame(u32),
    /// `defer f()` for a `func()` on a frame. A func value that is nil panics when it is called, not here. No result.
    ///
    /// Prints `defer v1, v2`, `defer stack v1, v2`.
    Defer {
        /// Frame.
        frame: ValueId,
        /// Func value.
        func: ValueId,
        /// Where the record of it is: [`DEFER_RECORD`] bytes on the heap or in the frame.
        place: Storage,
    },
    /// Makes a frame's deferred calls, the newest first, and unlinks it. It panics if one of them does. No result.
    ///
    /// Prints `deferreturn v1`.
    DeferReturn(ValueId),
    /// Takes the newest deferred call off a frame, because a call right behind makes it. No result.
    ///
    /// Prints `deferpop v1`.
    DeferPop(ValueId),
    /// Unlinks a frame that holds no deferred call, or one that a call right behind makes. No result.
    ///
    /// Prints `deferunlink v1`.
    DeferUnlink(ValueId),
    /// `recover()`: the value of the panic that called this function as a deferred call, or nil. The body of a deferring
    /// function, which is a function of its own, has the frame of its outer part as operand.
    ///
    /// Prints `recover`, `recover v1`.
    Recover(Option<ValueId>),

    // ---- channels
    /// `make(chan T, size)`, of the result's type; the size is an int. Panics with `makechan: size out of range` when it
    /// is negative or too large.
    ///
    /// Prints `makechan v1`.
    MakeChan(ValueId),
    /// `c <- v`. Panics with `send on closed channel`; blocks forever when the channel is nil. No result.
    ///
    /// Prints `send v1, v2`.
    Send(ValueId, ValueId),
    /// `<-c`, zero when the channel is closed and empty. Blocks forever when it is nil.
    ///
    /// Prints `recv v1`.
    Recv(ValueId),
    /// `v, ok := <-c`: a tuple of the element type and bool.
    ///
    /// Prints `recvok v1`.
    RecvOk(ValueId),
    /// `close(c)`. Panics with `close of nil channel` and `close of closed channel`. No result.
    ///
    /// Prints `close v1`.
    CloseChan(ValueId),
    /// `len(c)`, 0 for nil.
    ///
    /// Prints `chanlen v1`.
    ChanLen(ValueId),
    /// `cap(c)`, 0 for nil.
    ///
    /// Prints `chancap v1`.
    ChanCap(ValueId),
    /// A tuple (int, bool, received value of each receive case in order): the number of the chosen case, -1 for the default
    /// case, and whether a value was received. Panics with `send on closed channel` if the chosen case sends to one.
    ///
    /// Prints `select [v1 <- v2] [<-v3]`, with `default` before the cases when there is one.
    Select {
        /// Communications.
        cases: Vec<SelectCase>,
        /// Whether there is no default case.
        blocking: bool,
    },

    // ---- the rest
    /// `print` or `println`. No result.
    ///
    /// Prints `println v1, v2`.
    Print {
        /// Operands.
        args: Vec<ValueId>,
        /// Spaces between and a newline after.
        ln: bool,
    },
    /// A poll of the isolate's block, at the back edge of a loop: another goroutine may run, or the isolate be stopped. No
    /// result.
    ///
    /// Prints `preempt`.
    Preempt,
}

macro_rules! places {
    ($name:ident $(, $mut:tt)?) => {
        impl Conv {
            fn $name(&$($mut)? self) -> Option<&$($mut)? Storage> {
                match self {
                    Conv::IntToString(p)
                    | Conv::BytesToString(p)
                    | Conv::RunesToString(p)
                    | Conv::StringToBytes(p)
                    | Conv::StringToRunes(p) => Some(p),
                    Conv::Numeric
                    | Conv::Same
                    | Conv::BytesAsString
                    | Conv::StringAsBytes
                    | Conv::SliceToArrayPtr => None,
                }
            }
        }

        impl Op {
            fn $name(&$($mut)? self) -> Option<&$($mut)? Storage> {
                match self {
                    Op::Alloc(_, p)
                    | Op::MakeIface(_, p)
                    | Op::MakeSlice(_, _, p)
                    | Op::MakeClosure(_, _, p)
                    | Op::Append(_, _, p)
                    | Op::Concat(_, p) => Some(p),
                    Op::Convert(c, _) => c.$name(),
                    _ => None,
                }
            }
        }
    };
}

places!(place_ref);
places!(place_ref_mut, mut);

impl Op {
    /// Where what it makes is, for operations that make an object or a text.
    pub fn place(&self) -> Option<Storage> {
        self.place_ref().copied()
    }

    /// The same, to put it elsewhere.
    pub(crate) fn place_mut(&mut self) -> Option<&mut Storage> {
        self.place_ref_mut()
    }
}

/// Size of the record of a deferred call.
pub const DEFER_RECORD: u64 = 16;

/// A case of a type switch.
#[derive(Clone, Debug, PartialEq)]
pub struct TypeCase {
    /// The type, or none for `nil`.
    pub ty: Option<TyId>,
    /// Where it goes. When `ty` is an interface type, the block has one parameter of that type: the converted value.
    pub target: BlockId,
}

/// How a block ends.
#[derive(Clone, Debug, PartialEq)]
pub enum Term {
    /// Goes to a block; its parameters get the arguments.
    ///
    /// Prints `jump b1(v2)`.
    Jump(BlockId, Vec<ValueId>),
    /// Goes to one of two blocks.
    ///
    /// Prints `if v1 b1(v2) else b3`.
    If {
        /// A bool.
        cond: ValueId,
        /// Taken when true, and its arguments.
        then: (BlockId, Vec<ValueId>),
        /// Taken when false.
        els: (BlockId, Vec<ValueId>),
    },
    /// Goes to the block of an integer. The blocks have no parameters.
    ///
    /// Prints `switch v1 1: b1 2: b2 default: b3`.
    Switch {
        /// An integer.
        value: ValueId,
        /// Constants and targets.
        cases: Vec<(i64, BlockId)>,
        /// Otherwise.
        default: BlockId,
    },
    /// Goes to the first case that an interface value's dynamic type matches.
    ///
    /// Prints `typeswitch v1 main.T: b1 nil: b2 default: b3`.
    TypeSwitch {
        /// An interface.
        x: ValueId,
        /// Cases, in order.
        cases: Vec<TypeCase>,
        /// Otherwise.
        default: BlockId,
    },
    /// Returns the function's results.
    ///
    /// Prints `return v1, v2`.
    Return(Vec<ValueId>),
    /// Calls and returns what the callee returns. The callee takes the place of this function's frame. Panics as
    /// [`Op::Call`] does.
    ///
    /// Prints `tailcall main.f(v1)`.
    TailCall(Callee, Vec<ValueId>),
    /// Calls the body of a deferring function, which is a function of its own for the passes. Execution goes on at `normal`
    /// when it returns, and at `recovered` when a deferred call of `frame` has recovered a panic. No result. The pass
    /// `merge` removes it.
    ///
    /// Prints `trycall v1 main.f.body(v2) normal b1 recovered b2`.
    TryCall {
        /// The frame made by `Op::DeferFrame`.
        frame: ValueId,
        /// The body.
        callee: FuncId,
        /// Its arguments.
        args: Vec<ValueId>,
        /// After a return.
        normal: BlockId,
        /// After a recovery.
        recovered: BlockId,
    },
    /// Links a frame to the goroutine. Execution goes on at `body`, and at `recovered` when a deferred call of `frame` has
    /// recovered a panic; no other edge leads there. The block `recovered` returns. Besides what it defines it uses only
    /// the frame, addresses of variables in the frame's room, and `kept`. The pass `merge` makes it.
    ///
    /// Prints `try v1 v2+16 body b1 recovered b2`.
    Try {
        /// The frame made by `Op::DeferFrame`.
        frame: ValueId,
        /// Pointers, and where in the frame's room they are kept.
        kept: Vec<(ValueId, u32)>,
        /// The beginning of the body.
        body: BlockId,
        /// After a recovery.
        recovered: BlockId,
    },
    /// `panic(v)` for a value of type `any`. A nil one panics with a `*runtime.PanicNilError`.
    ///
    /// Prints `panic v1`.
    Panic(ValueId),
    /// Is never reached: it stands after a call that does not return, or after a switch that covers everything.
    ///
    /// Prints `unreachable`.
    Unreachable,
}

impl Term {
    /// Blocks that control may go to.
    pub fn successors(&self) -> SmallVec<[BlockId; 2]> {
        match self {
            Term::Jump(b, _) => smallvec![*b],
            Term::If { then, els, .. } => smallvec![then.0, els.0],
            Term::Switch { cases, default, .. } => cases.iter().map(|c| c.1).chain([*default]).collect(),
            Term::TypeSwitch { cases, default, .. } => cases.iter().map(|c| c.target).chain([*default]).collect(),
            Term::TryCall { normal, recovered, .. } => smallvec![*normal, *recovered],
            Term::Try { body, recovered, .. } => smallvec![*body, *recovered],
            Term::Return(_) | Term::TailCall(..) | Term::Panic(_) | Term::Unreachable => smallvec![],
        }
    }
}
