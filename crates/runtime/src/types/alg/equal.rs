//! Equality.
//!
//! Interfaces nest without bound, so [`walk`] keeps a list of the places where it must continue instead of recursing: a
//! goroutine's stack is small, and a list built of interfaces may be long. Nothing is allocated unless interfaces nest.

use super::*;
use itab_abi::iface::Itab;

/// `==` of the values at `p` and `q`.
///
/// # Safety
/// `p` and `q` point to values of type `t`, a comparable type of an interner.
pub unsafe fn typeequal(t: *const Type, p: *const u8, q: *const u8) -> Result<bool, NoAlg> {
    // SAFETY: the caller vouches for all three.
    unsafe {
        match alg(t) {
            Some(a) => alg_equal(a, p, q),
            None => Err(NoAlg(t)),
        }
    }
}

/// # Safety
/// `p` and `q` point to values of a type with this `Alg`.
#[inline]
pub(super) unsafe fn alg_equal(a: &Alg, p: *const u8, q: *const u8) -> Result<bool, NoAlg> {
    // SAFETY: the kind says what lies there.
    unsafe {
        Ok(match a.kind {
            AlgKind::Mem => memequal(p, q, a.size),
            AlgKind::Str => strequal(p, q),
            AlgKind::F32 => f32equal(p, q),
            AlgKind::F64 => f64equal(p, q),
            AlgKind::C64 => f32equal(p, q) && f32equal(p.add(4), q.add(4)),
            AlgKind::C128 => f64equal(p, q) && f64equal(p.add(8), q.add(8)),
            AlgKind::Inter => {
                let (x, y) = (*p.cast::<Iface>(), *q.cast::<Iface>());
                return if x.tab == y.tab { ifaceeq(x.tab, x.data.cast(), y.data.cast()) } else { Ok(false) };
            }
            AlgKind::NilInter => {
                let (x, y) = (*p.cast::<Eface>(), *q.cast::<Eface>());
                return if x.typ == y.typ { efaceeq(x.typ, x.data.cast(), y.data.cast()) } else { Ok(false) };
            }
            AlgKind::Plan => return walk(a.plan(), p, q),
        })
    }
}

/// Two places in memory and what is left to compare there: `ops` now, then `body` another `left` times, each `stride`
/// bytes further on.
struct Frame<'a> {
    ops: &'a [Op],
    p: *const u8,
    q: *const u8,
    body: &'a [Op],
    left: usize,
    stride: usize,
}

impl<'a> Frame<'a> {
    fn new(ops: &'a [Op], p: *const u8, q: *const u8) -> Frame<'a> {
        Frame { ops, p, q, body: &[], left: 0, stride: 0 }
    }

    fn is_done(&self) -> bool {
        self.ops.is_empty() && self.left == 0
    }
}

/// Compares what needs no list first: most structs have nothing else.
///
/// # Safety
/// `p` and `q` point to values that the operations fit.
#[inline]
unsafe fn walk(ops: &[Op], p: *const u8, q: *const u8) -> Result<bool, NoAlg> {
    for (done, op) in ops.iter().enumerate() {
        // SAFETY: offsets and lengths stay inside the values, which the caller vouches for.
        match unsafe { flat(op, p, q) } {
            Some(true) => {}
            Some(false) => return Ok(false),
            // SAFETY: the rest of the operations.
            None => return unsafe { walk_nested(&ops[done..], p, q) },
        }
    }
    Ok(true)
}

/// The comparison of an operation that has no interfaces in it and is no loop.
///
/// # Safety
/// `p` and `q` point to values that the operation fits.
#[inline(always)]
unsafe fn flat(op: &Op, p: *const u8, q: *const u8) -> Option<bool> {
    // SAFETY: offsets and lengths stay inside the values, which the caller vouches for.
    unsafe {
        match *op {
            Op::Mem { off, len } => Some(memequal(p.add(off), q.add(off), len)),
            Op::Str { off } => Some(strequal(p.add(off), q.add(off))),
            Op::StrLen { off } => Some(same_length(p.add(off), q.add(off))),
            Op::F32 { off } => Some(f32equal(p.add(off), q.add(off))),
            Op::F64 { off } => Some(f64equal(p.add(off), q.add(off))),
            _ => None,
        }
    }
}

/// # Safety
/// `p` and `q` point to values that the operations fit.
#[inline(never)]
unsafe fn walk_nested(ops: &[Op], p: *const u8, q: *const u8) -> Result<bool, NoAlg> {
    let mut later: Vec<Frame<'_>> = Vec::new();
    let mut at = Frame::new(ops, p, q);
    loop {
        let Some((op, rest)) = at.ops.split_first() else {
            if at.left > 0 {
                at.left -= 1;
                at.ops = at.body;
                // SAFETY: the next element of the array.
                (at.p, at.q) = unsafe { (at.p.add(at.stride), at.q.add(at.stride)) };
                continue;
            }
            match later.pop() {
                Some(frame) => at = frame,
                None => return Ok(true),
            }
            continue;
        };
        at.ops = rest;
        let (p, q) = (at.p, at.q);
        // SAFETY: offsets and lengths stay inside the values, which the caller vouches for.
        let inner = unsafe {
            match flat(op, p, q) {
                Some(true) => continue,
                Some(false) => return Ok(false),
                None => {}
            }
            match *op {
                Op::Inter { off } => inter(p.add(off), q.add(off))?,
                Op::NilInter { off } => nil_inter(p.add(off), q.add(off))?,
                Op::Loop { off, count, stride, body } => {
                    let (body, after) = at.ops.split_at(body);
                    at.ops = after;
                    Inner::Deeper(Frame { ops: body, p: p.add(off), q: q.add(off), body, left: count - 1, stride })
                }
                _ => continue,
            }
        };
        match inner {
            Inner::Same(true) => {}
            Inner::Same(false) => return Ok(false),
            Inner::Deeper(frame) => {
                let outer = std::mem::replace(&mut at, frame);
                if !outer.is_done() {
                    later.push(outer);
                }
            }
        }
    }
}

/// What comparing two interfaces comes to.
enum Inner<'a> {
    Same(bool),
    Deeper(Frame<'a>),
}

/// # Safety
/// Both point to an interface with methods.
#[inline(never)]
unsafe fn inter<'a>(p: *const u8, q: *const u8) -> Result<Inner<'a>, NoAlg> {
    // SAFETY: the caller vouches for the interfaces.
    unsafe {
        let (x, y) = (*p.cast::<Iface>(), *q.cast::<Iface>());
        if x.tab != y.tab {
            return Ok(Inner::Same(false));
        }
        if x.tab.is_null() { Ok(Inner::Same(true)) } else { held((*x.tab).typ, x.data.cast(), y.data.cast()) }
    }
}

/// # Safety
/// Both point to an interface without methods.
#[inline(never)]
unsafe fn nil_inter<'a>(p: *const u8, q: *const u8) -> Result<Inner<'a>, NoAlg> {
    // SAFETY: the caller vouches for the interfaces.
    unsafe {
        let (x, y) = (*p.cast::<Eface>(), *q.cast::<Eface>());
        if x.typ != y.typ {
            return Ok(Inner::Same(false));
        }
        held(x.typ, x.data.cast(), y.data.cast())
    }
}

/// # Safety
/// As [`efaceeq`].
unsafe fn held<'a>(t: *const Type, x: *const u8, y: *const u8) -> Result<Inner<'a>, NoAlg> {
    if t.is_null() {
        return Ok(Inner::Same(true));
    }
    // SAFETY: the caller vouches for `t` and the words.
    unsafe {
        let Some(a) = alg(t) else { return Err(NoAlg(t)) };
        if (*t).is_direct_iface() {
            return Ok(Inner::Same(x == y));
        }
        match a.kind {
            AlgKind::Plan => Ok(Inner::Deeper(Frame::new(a.plan(), x, y))),
            // Of a dynamic type: never an interface, but perhaps a struct or array of just one.
            AlgKind::Inter => Ok(Inner::Deeper(Frame::new(&[Op::Inter { off: 0 }], x, y))),
            AlgKind::NilInter => Ok(Inner::Deeper(Frame::new(&[Op::NilInter { off: 0 }], x, y))),
            _ => alg_equal(a, x, y).map(Inner::Same),
        }
    }
}

/// `==` of two interfaces with the same dynamic type `t` (or both nil), given their data words.
///
/// # Safety
/// `t` is nil or a descriptor of an interner; `x` and `y` are data words of interfaces holding values of it.
pub unsafe fn efaceeq(t: *const Type, x: *const u8, y: *const u8) -> Result<bool, NoAlg> {
    if t.is_null() {
        return Ok(true);
    }
    // SAFETY: the caller vouches for `t` and the words.
    unsafe {
        let Some(a) = alg(t) else { return Err(NoAlg(t)) };
        if (*t).is_direct_iface() {
            // What is direct is one pointer word, perhaps in blank fields: gc compares the word.
            return Ok(x == y);
        }
        match a.kind {
            // Of a dynamic type: never an interface, but perhaps a struct or array of just one.
            AlgKind::Inter => walk_nested(&[Op::Inter { off: 0 }], x, y),
            AlgKind::NilInter => walk_nested(&[Op::NilInter { off: 0 }], x, y),
            _ => alg_equal(a, x, y),
        }
    }
}

/// The same, given the itab.
///
/// # Safety
/// As [`efaceeq`]; `tab` is nil or an itab.
pub unsafe fn ifaceeq(tab: *const Itab, x: *const u8, y: *const u8) -> Result<bool, NoAlg> {
    if tab.is_null() {
        return Ok(true);
    }
    // SAFETY: the caller vouches for all three.
    unsafe { efaceeq((*tab).typ, x, y) }
}

/// Whether `n` bytes are equal.
///
/// # Safety
/// Both point to `n` readable bytes.
#[inline]
pub unsafe fn memequal(p: *const u8, q: *const u8, n: usize) -> bool {
    // SAFETY: the caller vouches for the bytes; two overlapping words cover 8 to 16 of them, or 4 to 8.
    unsafe {
        let same8 = |at: usize| p.add(at).cast::<u64>().read_unaligned() == q.add(at).cast::<u64>().read_unaligned();
        let same4 = |at: usize| p.add(at).cast::<u32>().read_unaligned() == q.add(at).cast::<u32>().read_unaligned();
        if n > 16 {
            p == q || std::slice::from_raw_parts(p, n) == std::slice::from_raw_parts(q, n)
        } else if n >= 8 {
            same8(0) && same8(n - 8)
        } else if n >= 4 {
            same4(0) && same4(n - 4)
        } else {
            (0..n).all(|i| p.add(i).read() == q.add(i).read())
        }
    }
}

/// # Safety
/// Both point to strings.
unsafe fn same_length(p: *const u8, q: *const u8) -> bool {
    // SAFETY: as the caller says.
    unsafe { (*p.cast::<GoString>()).len == (*q.cast::<GoString>()).len }
}

/// # Safety
/// Both point to Go strings.
pub(super) unsafe fn strequal(p: *const u8, q: *const u8) -> bool {
    // SAFETY: the caller vouches for the strings.
    unsafe {
        let (s, t) = (*p.cast::<GoString>(), *q.cast::<GoString>());
        s.len == t.len && memequal(s.ptr, t.ptr, s.len)
    }
}

/// # Safety
/// Both point to a float32.
pub(super) unsafe fn f32equal(p: *const u8, q: *const u8) -> bool {
    // SAFETY: the caller vouches for the floats.
    unsafe { p.cast::<f32>().read_unaligned() == q.cast::<f32>().read_unaligned() }
}

/// # Safety
/// Both point to a float64.
pub(super) unsafe fn f64equal(p: *const u8, q: *const u8) -> bool {
    // SAFETY: the caller vouches for the floats.
    unsafe { p.cast::<f64>().read_unaligned() == q.cast::<f64>().read_unaligned() }
}
