//! Run-time errors and their texts.
//!
//! Everything here is plain data: the functions of `alg`, `itab` and `iface` return errors as values, and what compiled
//! code calls hands them to [`raise`], which turns them into Go panics. [`RuntimeError::go_type`] names the Go type
//! that the panic value has.

use crate::types::TypeRef;
use crate::types::host;
use itab_abi::block::IsolateBlock;
use itab_abi::runtime_fns::BoundsCode;
use itab_abi::types::Type;
use itab_abi::value::GoString;
use std::fmt;
use std::sync::OnceLock;

/// A failed assertion (`runtime.TypeAssertionError`). Types are descriptors or nil.
#[derive(Clone, Copy, Debug)]
pub struct TypeAssertionError {
    /// Static type of the operand; nil when it was not recorded.
    pub interface: *const Type,
    /// Its dynamic type; nil for a nil interface.
    pub concrete: *const Type,
    /// The wanted type.
    pub asserted: *const Type,
    /// Name of the first method that `concrete` lacks, permanent text; empty if none is lacking.
    pub missing_method: GoString,
}

/// The empty string.
pub const NO_METHOD: GoString = GoString { ptr: std::ptr::null(), len: 0 };

/// Why Go code panics.
#[derive(Clone, Copy, Debug)]
pub enum RuntimeError {
    /// A failed assertion.
    TypeAssertion(TypeAssertionError),
    /// `==` on interfaces whose dynamic type has no equality.
    Uncomparable(*const Type),
    /// The same for a map key.
    Unhashable(*const Type),
    /// A nil pointer was followed.
    NilDereference,
    /// Integer division by zero.
    Divide,
    /// A shift by a negative amount.
    Shift,
    /// An index or slice expression out of range.
    Bounds {
        /// The offending value.
        x: i64,
        /// Whether `x` is signed (an unsigned one is kept as the same bits).
        signed: bool,
        /// What it was compared with.
        y: i64,
        /// Which bound.
        code: BoundsCode,
    },
    /// A fixed text with the prefix `runtime error: `.
    Error(&'static str),
    /// A fixed text without prefix.
    Plain(&'static str),
}

/// `make([]T, n)` with a length out of range.
pub const MAKESLICE_LEN: RuntimeError = RuntimeError::Error("makeslice: len out of range");
/// `make([]T, n, m)` with a capacity out of range.
pub const MAKESLICE_CAP: RuntimeError = RuntimeError::Error("makeslice: cap out of range");
/// `append` to a slice that would not fit memory.
pub const GROWSLICE: RuntimeError = RuntimeError::Error("growslice: len out of range");
/// Assignment to an element of a nil map.
pub const NIL_MAP: RuntimeError = RuntimeError::Plain("assignment to entry in nil map");
/// `close(nil)`.
pub const CLOSE_NIL: RuntimeError = RuntimeError::Plain("close of nil channel");
/// `close` of a closed channel.
pub const CLOSE_CLOSED: RuntimeError = RuntimeError::Plain("close of closed channel");
/// A send on a closed channel.
pub const SEND_CLOSED: RuntimeError = RuntimeError::Plain("send on closed channel");
/// `make(chan T, n)` with a size out of range.
pub const MAKECHAN_SIZE: RuntimeError = RuntimeError::Plain("makechan: size out of range");

impl RuntimeError {
    /// The Go type of the panic value.
    pub fn go_type(&self) -> &'static str {
        match self {
            RuntimeError::TypeAssertion(_) => "*runtime.TypeAssertionError",
            RuntimeError::Bounds { .. } => "runtime.boundsError",
            RuntimeError::Plain(_) => "runtime.plainError",
            _ => "runtime.errorString",
        }
    }

    /// The text of a fault, as `runtime.errorString` holds it.
    pub fn fault_text(&self) -> Option<&'static str> {
        match self {
            RuntimeError::NilDereference => Some("invalid memory address or nil pointer dereference"),
            RuntimeError::Divide => Some("integer divide by zero"),
            RuntimeError::Shift => Some("negative shift amount"),
            _ => None,
        }
    }

    /// The text without the prefix `runtime error: `, as `runtime.errorString` holds it.
    pub fn detail(&self) -> String {
        let text = self.to_string();
        text.strip_prefix("runtime error: ").map(str::to_owned).unwrap_or(text)
    }
}

/// The text that `Error()` returns.
impl fmt::Display for RuntimeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // SAFETY: errors are made with descriptors of the program that runs.
        let name = |t| unsafe { text(t) };
        match *self {
            RuntimeError::TypeAssertion(e) => e.fmt(f),
            RuntimeError::Uncomparable(t) => write!(f, "runtime error: comparing uncomparable type {}", name(t)),
            RuntimeError::Unhashable(t) => write!(f, "runtime error: hash of unhashable type {}", name(t)),
            RuntimeError::NilDereference | RuntimeError::Divide | RuntimeError::Shift => {
                write!(f, "runtime error: {}", self.fault_text().unwrap_or_default())
            }
            RuntimeError::Bounds { x, signed, y, code } => {
                f.write_str("runtime error: ")?;
                f.write_str(&bounds_text(x, signed, y, code))
            }
            RuntimeError::Error(text) => write!(f, "runtime error: {text}"),
            RuntimeError::Plain(text) => f.write_str(text),
        }
    }
}

impl fmt::Display for TypeAssertionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let m = self.missing_method;
        // SAFETY: the name is permanent text of a Rust `str`, as its field says, and the types are descriptors or nil.
        unsafe {
            let missing = if m.len == 0 { "" } else { str_of(m) };
            f.write_str(&type_assertion_text(self.interface, self.concrete, self.asserted, missing))
        }
    }
}

/// # Safety
/// `s` is not empty and holds UTF-8 that outlives `'a`.
unsafe fn str_of<'a>(s: GoString) -> &'a str {
    // SAFETY: the caller vouches for it.
    unsafe { std::str::from_utf8_unchecked(std::slice::from_raw_parts(s.ptr, s.len)) }
}

/// What `(*runtime.TypeAssertionError).Error` returns.
///
/// # Safety
/// `interface` and `concrete` are nil or descriptors of a live Program, `asserted` is one.
pub unsafe fn type_assertion_text(
    interface: *const Type,
    concrete: *const Type,
    asserted: *const Type,
    missing: &str,
) -> String {
    // SAFETY: as the caller says.
    let inter = if interface.is_null() { "interface" } else { unsafe { text(interface) } };
    // SAFETY: as the caller says.
    let wanted = unsafe { text(asserted) };
    if concrete.is_null() {
        return format!("interface conversion: {inter} is nil, not {wanted}");
    }
    // SAFETY: as the caller says; it is not nil.
    let have = unsafe { text(concrete) };
    if !missing.is_empty() {
        // SAFETY: the caller vouches for both descriptors.
        let wrong = unsafe { host::wrong_type(TypeRef::from_ptr(asserted), TypeRef::from_ptr(concrete), missing) };
        if let Some(wrong) = wrong {
            return format!("interface conversion: {have} is not {wanted} {wrong}");
        }
        return format!("interface conversion: {have} is not {wanted}: missing method {missing}");
    }
    let mut message = format!("interface conversion: {inter} is {have}, not {wanted}");
    if have == wanted {
        // SAFETY: the caller vouches for both descriptors.
        let (c, a) = unsafe { (TypeRef::from_ptr(concrete), TypeRef::from_ptr(asserted)) };
        let differ = if c.method_pkg_path() == a.method_pkg_path() { "scopes" } else { "packages" };
        message.push_str(&format!(" (types from different {differ})"));
    }
    message
}

/// A failed `x.(T)` for a concrete `want`: `have` is the dynamic type or nil, `iface` the static type of `x`.
pub fn panicdottype_e(have: *const Type, want: *const Type, iface: *const Type) -> RuntimeError {
    RuntimeError::TypeAssertion(TypeAssertionError {
        interface: iface,
        concrete: have,
        asserted: want,
        missing_method: NO_METHOD,
    })
}

/// The same when `x` has methods: its first word is an itab or nil.
///
/// # Safety
/// `have` is nil or an itab.
pub unsafe fn panicdottype_i(
    have: *const itab_abi::iface::Itab,
    want: *const Type,
    iface: *const Type,
) -> RuntimeError {
    // SAFETY: the caller vouches for `have`.
    let typ = if have.is_null() { std::ptr::null() } else { unsafe { (*have).typ } };
    panicdottype_e(typ, want, iface)
}

/// An assertion of a nil interface to an interface type.
pub fn panicnildottype(want: *const Type) -> RuntimeError {
    panicdottype_e(std::ptr::null(), want, std::ptr::null())
}

/// Text of the panic when a value method is called through a nil pointer.
pub fn panicwrap_text(pkg: &str, typ: &str, method: &str) -> String {
    format!("value method {pkg}.{typ}.{method} called using nil *{typ} pointer")
}

/// How Go prints a type.
///
/// # Safety
/// `t` is a descriptor of a program that outlives `'a`.
unsafe fn text<'a>(t: *const Type) -> &'a str {
    // SAFETY: as the caller says.
    unsafe { TypeRef::from_ptr(t).string() }
}

/// What `boundsError.Error` returns, without the prefix `runtime error: `.
pub fn bounds_text(x: i64, signed: bool, y: i64, code: BoundsCode) -> String {
    use BoundsCode::*;
    let negative = signed && x < 0;
    let x = if signed { x.to_string() } else { (x as u64).to_string() };
    if negative {
        return match code {
            Index => format!("index out of range [{x}]"),
            SliceAlen | SliceAcap => format!("slice bounds out of range [:{x}]"),
            SliceB => format!("slice bounds out of range [{x}:]"),
            Slice3Alen | Slice3Acap => format!("slice bounds out of range [::{x}]"),
            Slice3B => format!("slice bounds out of range [:{x}:]"),
            Slice3C => format!("slice bounds out of range [{x}::]"),
            Convert => format!("cannot convert slice with length {x} to array or pointer to array with length {y}"),
        };
    }
    match code {
        Index => format!("index out of range [{x}] with length {y}"),
        SliceAlen => format!("slice bounds out of range [:{x}] with length {y}"),
        SliceAcap => format!("slice bounds out of range [:{x}] with capacity {y}"),
        SliceB => format!("slice bounds out of range [{x}:{y}]"),
        Slice3Alen => format!("slice bounds out of range [::{x}] with length {y}"),
        Slice3Acap => format!("slice bounds out of range [::{x}] with capacity {y}"),
        Slice3B => format!("slice bounds out of range [:{x}:{y}]"),
        Slice3C => format!("slice bounds out of range [{x}:{y}:]"),
        Convert => format!("cannot convert slice with length {x} to array or pointer to array with length {y}"),
    }
}

/// Starts the panic on the running goroutine.
pub type Raise = unsafe fn(*mut IsolateBlock, RuntimeError) -> !;

static RAISE: OnceLock<Raise> = OnceLock::new();

/// Tells [`raise`] how to start a Go panic. The first call counts.
pub fn set_raise(f: Raise) {
    let _ = RAISE.set(f);
}

/// Panics in Go. Frames between here and compiled code must hold nothing with `Drop`.
///
/// # Safety
/// `block` is that of the isolate running on this thread, entered from compiled code.
pub unsafe fn raise(block: *mut IsolateBlock, e: RuntimeError) -> ! {
    match RAISE.get() {
        // SAFETY: the caller vouches for the block.
        Some(f) => unsafe { f(block, e) },
        None => panic!("Go panic outside of an isolate: {e}"),
    }
}
