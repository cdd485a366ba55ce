//! Func types as the border sees them: where each argument and result lies in a frame.
//!
//! A frame has the layout of `funcLayout` in package reflect without register arguments: the receiver's word if there is
//! one, the parameters at their alignment, then the results from the next whole word on. A func type may be made at run
//! time, so its frame is worked out from its descriptor. It agrees with `FrameLayout::new` of `itab-codegen`, which has
//! the compiler's types.

use crate::border::crossing::{Cx, GoType};
use crate::error::Error;
use crate::program::Shared;
use itab_abi::types::{Kind, Type};
use itab_codegen::abi::{MAX_SCALARS, Word};
use itab_codegen::frame::{FrameLayout, Part};
use itab_runtime::sched::program::FrameKind;
use itab_runtime::types::TypeRef;
use std::sync::OnceLock;

/// Code that a program has once per layout of frames.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Shim {
    /// Enters Go functions from Rust with the arguments in a frame.
    Enter(FrameLayout),
    /// Calls Go functions with the arguments in a frame.
    FrameCall(FrameLayout),
    /// Is called by Go and hands the arguments on in a frame.
    FrameStub(FrameLayout),
}

impl Shim {
    /// The one that package reflect needs for a func type, and the size of a frame.
    pub(crate) fn of_frames(ftyp: TypeRef<'_>, kind: FrameKind) -> (Shim, usize) {
        let frame = layout(ftyp, kind == FrameKind::CallMethod);
        let size = frame.size as usize;
        match kind {
            FrameKind::Call | FrameKind::CallMethod => (Shim::FrameCall(frame), size),
            FrameKind::Stub => (Shim::FrameStub(frame), size),
        }
    }
}

/// An argument or result in a frame.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Slot {
    pub(crate) offset: usize,
    pub(crate) typ: *const Type,
    /// Whether the type is `error`.
    pub(crate) is_error: bool,
}

impl Slot {
    /// Its type.
    ///
    /// # Safety
    /// The program whose type it is is that of `cx`.
    pub(crate) unsafe fn typ<'a>(&self, cx: Cx<'a>) -> TypeRef<'a> {
        // SAFETY: as the caller says.
        unsafe { cx.typ(self.typ) }
    }
}

/// A func type of a program.
#[derive(Debug)]
pub(crate) struct FuncSig {
    pub(crate) typ: *const Type,
    pub(crate) ins: Box<[Slot]>,
    pub(crate) outs: Box<[Slot]>,
    /// Size of the frame in words.
    pub(crate) words: usize,
    enter: OnceLock<usize>,
    /// Code of Rust closures of this type.
    closure: OnceLock<usize>,
}

// SAFETY: descriptors are immutable; who follows the pointers has the program.
unsafe impl Send for FuncSig {}
// SAFETY: as above.
unsafe impl Sync for FuncSig {}

impl FuncSig {
    pub(crate) fn new(ftyp: TypeRef<'_>) -> FuncSig {
        let (ins, outs, _) = ftyp.signature();
        let mut size = 0;
        let ins = slots(ins, &mut size);
        size = size.next_multiple_of(8);
        let outs = slots(outs, &mut size);
        FuncSig {
            typ: ftyp.as_ptr(),
            ins,
            outs,
            words: size.div_ceil(8),
            enter: OnceLock::new(),
            closure: OnceLock::new(),
        }
    }

    /// The code of Rust closures of this type, made now if there is none.
    pub(crate) fn closure(&self, make: impl FnOnce() -> Result<usize, Error>) -> Result<usize, Error> {
        if let Some(&at) = self.closure.get() {
            return Ok(at);
        }
        let at = make()?;
        Ok(*self.closure.get_or_init(|| at))
    }

    /// The code through which Rust enters functions of this type.
    ///
    /// # Errors
    /// When there is no room for it.
    pub(crate) fn enter(&self, shared: &Shared) -> Result<usize, Error> {
        if let Some(&at) = self.enter.get() {
            return Ok(at);
        }
        // SAFETY: a descriptor of this program.
        let ftyp = unsafe { TypeRef::from_ptr(self.typ) };
        let at = shared.shim(Shim::Enter(layout(ftyp, false)))?;
        Ok(*self.enter.get_or_init(|| at))
    }
}

fn slots(types: &[TypeRef<'_>], size: &mut usize) -> Box<[Slot]> {
    let slot = |t: &TypeRef<'_>| {
        let offset = size.next_multiple_of(t.align());
        *size = offset + t.size();
        Slot { offset, typ: t.as_ptr(), is_error: GoType(*t).is_error() }
    };
    types.iter().map(slot).collect()
}

/// The frame of a func type.
pub(crate) fn layout(ftyp: TypeRef<'_>, receiver: bool) -> FrameLayout {
    let (ins, outs, _) = ftyp.signature();
    let mut size = if receiver { 8 } else { 0 };
    let params = parts(ins, &mut size);
    size = size.next_multiple_of(8);
    let results = parts(outs, &mut size);
    FrameLayout { params, results, size: size.next_multiple_of(8) as u32, receiver }
}

fn parts(types: &[TypeRef<'_>], size: &mut usize) -> Vec<Part> {
    let mut parts = vec![];
    for &t in types {
        *size = size.next_multiple_of(t.align());
        let before = parts.len();
        if !leaves(t, *size, &mut parts, before + MAX_SCALARS) {
            parts.truncate(before);
            parts.push(Part::Image { offset: *size as u32, size: t.size() as u32 });
        }
        *size += t.size();
    }
    parts
}

/// Appends the leaves of a flat value; false if it is none, having more than `max` parts or a variable element.
fn leaves(t: TypeRef<'_>, offset: usize, out: &mut Vec<Part>, max: usize) -> bool {
    let words: &[Word] = match t.kind() {
        Kind::Bool | Kind::Uint8 => &[Word::U8],
        Kind::Int8 => &[Word::I8],
        Kind::Int16 => &[Word::I16],
        Kind::Uint16 => &[Word::U16],
        Kind::Int32 => &[Word::I32],
        Kind::Uint32 => &[Word::U32],
        Kind::Float32 => &[Word::F32],
        Kind::Float64 => &[Word::F64],
        Kind::Complex64 => &[Word::F32, Word::F32],
        Kind::Complex128 => &[Word::F64, Word::F64],
        Kind::String | Kind::Interface => &[Word::I64, Word::I64],
        Kind::Slice => &[Word::I64, Word::I64, Word::I64],
        Kind::Array => {
            let Some(elem) = t.elem() else { return false };
            return match t.len() {
                0 => true,
                1 => leaves(elem, offset, out, max),
                _ => elem.size() == 0,
            };
        }
        Kind::Struct => {
            return t.fields().iter().all(|f| {
                // SAFETY: a field's type is a descriptor of the same program.
                let typ = unsafe { TypeRef::from_ptr(f.typ) };
                leaves(typ, offset + f.offset, out, max)
            });
        }
        _ => &[Word::I64],
    };
    for (i, &word) in words.iter().enumerate() {
        out.push(Part::Word { word, offset: offset as u32 + i as u32 * word.size() as u32 });
    }
    out.len() <= max
}
