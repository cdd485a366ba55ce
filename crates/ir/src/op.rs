//! Operations and terminators.
//!
//! Checks are operations of their own (`NilCheck`, `BoundsCheck`, `DivCheck`, ...), so that passes can remove what is
//! dominated; `Load`, `Store` and address arithmetic never check. Operands are values unless said otherwise. "Panics"
//! means a Go panic with Go's text. Types of results are in `Func::values`.

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
    /// Between integers, floats and complex numbers; floats out of range give what gc gives on amd64.
    Numeric,
    /// Between types of the same representation (named types, pointers and unsafe.Pointer, uintptr and unsafe.Pointer,
    /// channels of other direction).
    Same,
    /// `string(integer)`
    IntToString(Place),
    /// `string([]byte)`
    BytesToString(Place),
    /// `string([]rune)`
    RunesToString(Place),
    /// `[]byte(string)`
    StringToBytes(Place),
    /// `[]rune(string)`
    StringToRunes(Place),
    /// `string([]byte)` of the very bytes, for a string that is used up before anything can write them.
    BytesAsString,
    /// `[]byte(string)` of the very bytes, for a slice that nothing writes to.
    StringAsBytes,
    /// `(*[n]T)(slice)`; panics when the slice is shorter
    SliceToArrayPtr,
}

impl Conv {
    /// Where the new text is, for those that make one.
    pub fn place(self) -> Option<Place> {
        match self {
            Conv::IntToString(p)
            | Conv::BytesToString(p)
            | Conv::RunesToString(p)
            | Conv::StringToBytes(p)
            | Conv::StringToRunes(p) => Some(p),
            Conv::Numeric | Conv::Same | Conv::BytesAsString | Conv::StringAsBytes | Conv::SliceToArrayPtr => None,
        }
    }
}

/// Where an object lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// On the heap.
    Heap,
    /// In the function's frame; made anew (and zeroed) each time the instruction runs. Texts, whose length is known only
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
#[derive(Clone, Debug, PartialEq)]
pub enum Op {
    // ---- constants and addresses
    /// A constant.
    Const(Const),
    /// Address of a package variable.
    GlobalAddr(GlobalId),
    /// The func value of a function without captures.
    FuncVal(FuncId),
    /// Address of a type's descriptor, as an unsafe.Pointer.
    TypeDesc(TyId),
    /// Address of the itab of (interface type, concrete type).
    ItabDesc(TyId, TyId),

    // ---- variables and memory
    /// Value of a local.
    LocalGet(LocalId),
    /// Assigns a local. No result.
    LocalSet(LocalId, ValueId),
    /// Context: captured value `i` (`Context::Captures`).
    Capture(u32),
    /// Context: the receiver (`Context::Receiver`) or its address (`Context::ReceiverAddr`).
    Receiver,
    /// Pointer to a new zeroed variable of this type.
    Alloc(TyId, Place),
    /// The value a pointer points to.
    Load(ValueId),
    /// `*ptr = val`. No result.
    Store {
        /// Where.
        ptr: ValueId,
        /// What; its type is the size stored.
        val: ValueId,
    },
    /// The bytes at a pointer to a byte as a number, the result's type: from the lowest to the highest, or the other way.
    LoadBytes {
        /// To the first byte.
        ptr: ValueId,
        /// Whether the first byte is the highest.
        big: bool,
    },
    /// Stores a number's bytes likewise. No result.
    StoreBytes {
        /// To the first byte.
        ptr: ValueId,
        /// An unsigned number.
        val: ValueId,
        /// Whether the first byte is the highest.
        big: bool,
    },
    /// Copies a value of type `ty` between non-overlapping or identical places. No result.
    Copy {
        /// To.
        dst: ValueId,
        /// From.
        src: ValueId,
        /// Type.
        ty: TyId,
    },
    /// Zeroes a variable. No result.
    Clear(ValueId, TyId),
    /// `&ptr.f`: the field's address; the pointer is not checked.
    FieldAddr(ValueId, u32),
    /// `&ptr[i]` for a pointer to the element type; nothing is checked. The index is an int.
    ElemAddr {
        /// Pointer to the first element.
        base: ValueId,
        /// Index.
        index: ValueId,
        /// Element type.
        elem: TyId,
    },

    // ---- checks; no results
    /// Panics when the pointer (or map, func, interface tab) is nil.
    NilCheck(ValueId),
    /// Panics unless `0 <= index < len` (index is an int, or unsigned when its type is).
    BoundsCheck {
        /// Index.
        index: ValueId,
        /// Length, an int.
        len: ValueId,
    },
    /// Panics when the divisor is 0.
    DivCheck(ValueId),
    /// Panics when a signed shift count is negative.
    ShiftCheck(ValueId),
    /// Panics with this text when the pointer is nil: a value method called through the itab of a nil pointer.
    WrapCheck(ValueId, Arc<str>),

    // ---- aggregates
    /// A struct of field values, a tuple of values, or an array of element values.
    Aggregate(Vec<ValueId>),
    /// Component `i` (constant) of a struct, tuple or array value.
    Extract(ValueId, u32),
    /// A slice of (pointer to first element, len, cap).
    MakeSliceHeader(ValueId, ValueId, ValueId),
    /// A string of (pointer to first byte, len).
    MakeStringHeader(ValueId, ValueId),
    /// First element of a slice or first byte of a string.
    DataPtr(ValueId),
    /// `len` of a slice or string.
    Len(ValueId),
    /// `cap` of a slice.
    Cap(ValueId),
    /// A complex number of two floats.
    MakeComplex(ValueId, ValueId),
    /// `real(x)`
    Real(ValueId),
    /// `imag(x)`
    Imag(ValueId),

    // ---- arithmetic
    /// Two operands.
    Binary(BinOp, ValueId, ValueId),
    /// One operand.
    Unary(UnOp, ValueId),
    /// An ordered comparison.
    Compare(CmpOp, ValueId, ValueId),
    /// `x == y` for two values of one comparable type; panics like Go on interfaces that hold incomparable values.
    Equal(ValueId, ValueId),
    /// `iface == concrete`: the concrete value's type is compared with the interface's, then the values.
    EqualIface {
        /// Interface operand.
        iface: ValueId,
        /// Concrete operand.
        value: ValueId,
    },
    /// Whether a pointer, map, chan, func, slice or interface is nil.
    IsNil(ValueId),
    /// A conversion to the result's type.
    Convert(Conv, ValueId),
    /// An operation that codegen expands in place.
    Intrinsic(Intrinsic, Vec<ValueId>),

    // ---- strings and slices
    /// Concatenation of two or more strings.
    Concat(Vec<ValueId>, Place),
    /// `x[lo:hi:max]`; panics like Go.
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
    /// `make([]T, len, cap)`: the result's type is the slice type; panics like Go. When the capacity is no constant, the
    /// array is in the frame if it takes no more than [`TMP_BUF`] bytes.
    MakeSlice(ValueId, ValueId, Place),
    /// `append(s, elems...)` of single values. The first array of an empty slice is in the frame if the place is there:
    /// it has [`TMP_BUF`] bytes, and the function uses it once.
    Append(ValueId, Vec<ValueId>, Place),
    /// `append(s, t...)` of a slice or a string.
    AppendSlice(ValueId, ValueId),
    /// `append(s, make([]T, n)...)`: so many zeros; panics like `make` when n is negative.
    AppendZeros(ValueId, ValueId),
    /// `copy(dst, src)`: how many elements.
    CopySlice(ValueId, ValueId),
    /// `clear(s)`. No result.
    ClearSlice(ValueId),
    /// The rune of a string at a byte index, and the index behind it: (rune, int).
    DecodeRune(ValueId, ValueId),

    // ---- interfaces
    /// A concrete value as an interface (the result's type).
    MakeIface(ValueId, Place),
    /// An interface value as another interface type that its type is known to implement (nil stays nil).
    ChangeIface(ValueId),
    /// `x.(T)`, the result's type; panics like Go.
    TypeAssert(ValueId),
    /// `v, ok := x.(T)`: a tuple of `T` and bool.
    TypeAssertOk(ValueId),
    /// The concrete value in an interface whose dynamic type is known to be the result's type.
    Unbox(ValueId),
    /// The dynamic type's descriptor, nil for nil; as an unsafe.Pointer.
    IfaceType(ValueId),
    /// The data word, as an unsafe.Pointer.
    IfaceData(ValueId),
    /// The interface's first word: the descriptor, or the itab.
    IfaceTab(ValueId),
    /// An interface of the result's type from its two words.
    MakeIfaceRaw(ValueId, ValueId),

    // ---- functions
    /// A call. The result is the function's result, or a tuple of several, or none.
    Call(Callee, Vec<ValueId>),
    /// A func value with captures.
    MakeClosure(FuncId, Vec<ValueId>, Place),
    /// `go f()` for a `func()`. No result.
    Go(ValueId),
    /// A new frame for deferred calls of this activation: an unsafe.Pointer to it. It has so many bytes for what deferred
    /// calls hold. `Term::TryCall` and `Term::Try` link it to the goroutine.
    DeferFrame(u32),
    /// `defer f()` for a `func()` on a frame. No result.
    Defer {
        /// Frame.
        frame: ValueId,
        /// Func value.
        func: ValueId,
        /// Where the record of it is: [`DEFER_RECORD`] bytes on the heap or in the frame.
        place: Place,
    },
    /// Runs a frame's deferred calls and unlinks it. No result.
    DeferReturn(ValueId),
    /// Takes the newest deferred call off a frame, because it is made here. No result.
    DeferPop(ValueId),
    /// Unlinks a frame that holds no deferred call, or one that is made here. No result.
    DeferUnlink(ValueId),
    /// `recover()`. A body that was split from its outer part gives the frame of it.
    Recover(Option<ValueId>),

    // ---- channels
    /// `make(chan T, size)`, T of the result's type; the size is an int.
    MakeChan(ValueId),
    /// `c <- v`. No result.
    Send(ValueId, ValueId),
    /// `<-c`
    Recv(ValueId),
    /// `v, ok := <-c`: a tuple.
    RecvOk(ValueId),
    /// `close(c)`. No result.
    CloseChan(ValueId),
    /// `len(c)`
    ChanLen(ValueId),
    /// `cap(c)`
    ChanCap(ValueId),
    /// A tuple (int, bool, received value of each receive case in order): the chosen case (-1: default), whether a
    /// value was received.
    Select {
        /// Communications.
        cases: Vec<SelectCase>,
        /// Whether there is no default case.
        blocking: bool,
    },

    // ---- the rest
    /// `print` or `println`. No result.
    Print {
        /// Operands.
        args: Vec<ValueId>,
        /// Spaces between and a newline after.
        ln: bool,
    },
    /// A back edge of a loop: a preemption point. No result.
    Preempt,
}

impl Op {
    /// Where what it makes is, for operations that make an object or a text.
    pub fn place(&self) -> Option<Place> {
        match self {
            Op::Alloc(_, p)
            | Op::MakeIface(_, p)
            | Op::MakeSlice(_, _, p)
            | Op::MakeClosure(_, _, p)
            | Op::Append(_, _, p)
            | Op::Concat(_, p) => Some(*p),
            Op::Convert(c, _) => c.place(),
            _ => None,
        }
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
    /// To a block with arguments.
    Jump(BlockId, Vec<ValueId>),
    /// To one of two blocks.
    If {
        /// A bool.
        cond: ValueId,
        /// Taken when true, and its arguments.
        then: (BlockId, Vec<ValueId>),
        /// Taken when false.
        els: (BlockId, Vec<ValueId>),
    },
    /// To the block of an integer; targets take no arguments.
    Switch {
        /// An integer.
        value: ValueId,
        /// Constants and targets.
        cases: Vec<(i64, BlockId)>,
        /// Otherwise.
        default: BlockId,
    },
    /// To the first case that matches an interface's dynamic type.
    TypeSwitch {
        /// An interface.
        x: ValueId,
        /// Cases, in order.
        cases: Vec<TypeCase>,
        /// Otherwise.
        default: BlockId,
    },
    /// Returns.
    Return(Vec<ValueId>),
    /// Calls and returns what the callee returns, without a frame.
    TailCall(Callee, Vec<ValueId>),
    /// Calls the split-off body of a function with deferred calls; execution goes on at `normal` when it returns and at
    /// `recovered` when a deferred call of `frame` recovered a panic. It has no result.
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
    /// Links a frame to the goroutine. Execution goes on at `body`, and at `recovered` when a deferred call of
    /// `frame` recovered a panic. Codegen knows nothing else. The block `recovered` returns and uses, besides what it defines,
    /// only the frame, addresses of variables in the frame's room, and `kept`.
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
    /// `panic(v)` for an interface value without methods.
    Panic(ValueId),
    /// Cannot be reached: after a call that does not return, or a switch that covers everything.
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
