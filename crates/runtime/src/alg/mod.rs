//! Equality and hash of values, as their types define them.
//!
//! A comparable type's `Equal` is a func value that carries an [`Alg`]: the way its values are compared and hashed. Most
//! are a few static ones (memory of 8 bytes, a string, an interface). Of a struct or array that needs more, the `Alg`
//! holds a flat list of [`Op`]s: runs of memory, strings, floats and interfaces at their offsets, neighbouring memory
//! merged, blank fields and padding left out, arrays of many elements as loops. The list keeps the order of the fields,
//! so that a panic for an interface holding an uncomparable value happens only if all before it was equal.
//!
//! Inside the runtime the outcome is a `Result`; what Go code calls (`Equal`, a map's `Hasher`) raises the error.
//! Values that are equal hash alike because one list does both. Hashes chain a 64-bit seed through every part, which
//! each Go map draws at random.

mod entry;
mod plan;

pub use plan::{equal_func, hash_func, hash_might_panic, is_regular_memory, need_key_update};

use crate::errors::RuntimeError;
use foldhash::SharedSeed;
use foldhash::quality::FoldHasher;
use itab_abi::iface::{Eface, Iface};
use itab_abi::types::Type;
use itab_abi::value::GoString;
use std::cell::Cell;
use std::hash::Hasher;

/// How values of a type are compared and hashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(usize)]
pub enum AlgKind {
    /// `size` bytes of memory.
    Mem,
    /// A string.
    Str,
    /// An interface with methods.
    Inter,
    /// An interface without methods.
    NilInter,
    /// float32.
    F32,
    /// float64.
    F64,
    /// complex64.
    C64,
    /// complex128.
    C128,
    /// A list of operations.
    Plan,
}

type EqualFn = unsafe extern "C" fn(p: *const u8, q: *const u8, ctx: *const u8) -> bool;
type HashFn = unsafe extern "C" fn(p: *const u8, seed: usize, ctx: *const u8) -> usize;

/// A func value of type `func(p, q unsafe.Pointer) bool` together with what it does.
#[repr(C)]
#[derive(Debug)]
pub struct Alg {
    code: EqualFn,
    kind: AlgKind,
    size: usize,
    ops: *const Op,
    nops: usize,
}

// SAFETY: immutable once made; `ops` is permanent.
unsafe impl Sync for Alg {}
// SAFETY: as above.
unsafe impl Send for Alg {}

/// One step of a plan.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Op {
    Mem {
        off: usize,
        len: usize,
    },
    Str {
        off: usize,
    },
    Inter {
        off: usize,
    },
    NilInter {
        off: usize,
    },
    F32 {
        off: usize,
    },
    F64 {
        off: usize,
    },
    /// Repeats the next `body` operations `count` times, moving on by `stride`; their offsets are from `off`.
    Loop {
        off: usize,
        count: usize,
        stride: usize,
        body: usize,
    },
}

/// A func value of type `func(p unsafe.Pointer, seed uintptr) uintptr`.
#[repr(C)]
struct HashFunc {
    code: HashFn,
    alg: *const Alg,
}

// SAFETY: immutable; `alg` is permanent.
unsafe impl Sync for HashFunc {}

impl Alg {
    const fn basic(code: EqualFn, kind: AlgKind, size: usize) -> Alg {
        Alg { code, kind, size, ops: std::ptr::null(), nops: 0 }
    }

    fn plan(&self) -> &[Op] {
        if self.nops == 0 {
            return &[];
        }
        // SAFETY: set by `plan::equal_func` to a permanent list.
        unsafe { std::slice::from_raw_parts(self.ops, self.nops) }
    }
}

/// Met a type that has neither equality nor hash. Small, so that results travel in registers.
#[derive(Clone, Copy, Debug)]
pub struct NoAlg(pub *const Type);

impl NoAlg {
    /// The error of a comparison.
    #[cold]
    pub fn uncomparable(self) -> RuntimeError {
        RuntimeError::Uncomparable(self.0)
    }

    /// The error of a map's key.
    #[cold]
    pub fn unhashable(self) -> RuntimeError {
        RuntimeError::Unhashable(self.0)
    }
}

/// How a type's values are compared, nil-checked: `None` when they cannot be.
///
/// # Safety
/// `t` is a descriptor made by an interner.
pub(crate) unsafe fn alg<'a>(t: *const Type) -> Option<&'a Alg> {
    // SAFETY: an interner sets `equal` to nil or to the func value of an `Alg`.
    unsafe { (*t).equal.cast::<Alg>().as_ref() }
}

// ---- equality

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
unsafe fn alg_equal(a: &Alg, p: *const u8, q: *const u8) -> Result<bool, NoAlg> {
    // SAFETY: the kind says what lies there.
    unsafe {
        Ok(match a.kind {
            AlgKind::Mem => memequal(p, q, a.size),
            AlgKind::Str => strequal(p, q),
            AlgKind::F32 => f32equal(p, q),
            AlgKind::F64 => f64equal(p, q),
            AlgKind::C64 => f32equal(p, q) && f32equal(p.add(4), q.add(4)),
            AlgKind::C128 => f64equal(p, q) && f64equal(p.add(8), q.add(8)),
            AlgKind::Inter => return interequal(p, q),
            AlgKind::NilInter => return nilinterequal(p, q),
            AlgKind::Plan => return plan_equal(a.plan(), p, q),
        })
    }
}

/// # Safety
/// `p` and `q` point to values that the operations fit.
unsafe fn plan_equal(mut ops: &[Op], p: *const u8, q: *const u8) -> Result<bool, NoAlg> {
    while let Some((op, rest)) = ops.split_first() {
        ops = rest;
        // SAFETY: offsets and lengths stay inside the value, which the caller vouches for.
        let same = unsafe {
            match *op {
                Op::Mem { off, len } => memequal(p.add(off), q.add(off), len),
                Op::Str { off } => strequal(p.add(off), q.add(off)),
                Op::F32 { off } => f32equal(p.add(off), q.add(off)),
                Op::F64 { off } => f64equal(p.add(off), q.add(off)),
                Op::Inter { off } => interequal(p.add(off), q.add(off))?,
                Op::NilInter { off } => nilinterequal(p.add(off), q.add(off))?,
                Op::Loop { off, count, stride, body } => {
                    let (body, after) = ops.split_at(body);
                    ops = after;
                    loop_equal(body, p.add(off), q.add(off), count, stride)?
                }
            }
        };
        if !same {
            return Ok(false);
        }
    }
    Ok(true)
}

/// # Safety
/// As [`plan_equal`], for `count` values `stride` bytes apart.
#[inline(never)]
unsafe fn loop_equal(ops: &[Op], p: *const u8, q: *const u8, n: usize, stride: usize) -> Result<bool, NoAlg> {
    for i in 0..n {
        // SAFETY: the caller vouches for all elements.
        if !unsafe { plan_equal(ops, p.add(i * stride), q.add(i * stride))? } {
            return Ok(false);
        }
    }
    Ok(true)
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
        match n {
            8 => same8(0),
            4 => same4(0),
            9..=16 => same8(0) && same8(n - 8),
            5..=7 => same4(0) && same4(n - 4),
            0 => true,
            _ => p == q || std::slice::from_raw_parts(p, n) == std::slice::from_raw_parts(q, n),
        }
    }
}

/// # Safety
/// Both point to Go strings.
unsafe fn strequal(p: *const u8, q: *const u8) -> bool {
    // SAFETY: the caller vouches for the strings.
    unsafe {
        let (s, t) = (*p.cast::<GoString>(), *q.cast::<GoString>());
        s.len == t.len && memequal(s.ptr, t.ptr, s.len)
    }
}

/// # Safety
/// Both point to a float32.
unsafe fn f32equal(p: *const u8, q: *const u8) -> bool {
    // SAFETY: the caller vouches for the floats.
    unsafe { p.cast::<f32>().read_unaligned() == q.cast::<f32>().read_unaligned() }
}

/// # Safety
/// Both point to a float64.
unsafe fn f64equal(p: *const u8, q: *const u8) -> bool {
    // SAFETY: the caller vouches for the floats.
    unsafe { p.cast::<f64>().read_unaligned() == q.cast::<f64>().read_unaligned() }
}

/// # Safety
/// Both point to an interface with methods.
#[inline(never)]
unsafe fn interequal(p: *const u8, q: *const u8) -> Result<bool, NoAlg> {
    // SAFETY: the caller vouches for the interfaces.
    unsafe {
        let (x, y) = (*p.cast::<Iface>(), *q.cast::<Iface>());
        if x.tab != y.tab {
            return Ok(false);
        }
        if x.tab.is_null() { Ok(true) } else { efaceeq((*x.tab).typ, x.data.cast(), y.data.cast()) }
    }
}

/// # Safety
/// Both point to an interface without methods.
#[inline(never)]
unsafe fn nilinterequal(p: *const u8, q: *const u8) -> Result<bool, NoAlg> {
    // SAFETY: the caller vouches for the interfaces.
    unsafe {
        let (x, y) = (*p.cast::<Eface>(), *q.cast::<Eface>());
        if x.typ != y.typ {
            return Ok(false);
        }
        efaceeq(x.typ, x.data.cast(), y.data.cast())
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
        alg_equal(a, x, y)
    }
}

/// The same, given the itab.
///
/// # Safety
/// As [`efaceeq`]; `tab` is nil or an itab.
pub unsafe fn ifaceeq(tab: *const itab_abi::iface::Itab, x: *const u8, y: *const u8) -> Result<bool, NoAlg> {
    if tab.is_null() {
        return Ok(true);
    }
    // SAFETY: the caller vouches for all three.
    unsafe { efaceeq((*tab).typ, x, y) }
}

// ---- hash

/// Hash of the value at `p`, chained to `seed`; agrees with the `Hasher` of every map type with such keys.
///
/// # Safety
/// `p` points to a value of type `t`, a descriptor of an interner.
pub unsafe fn typehash(t: *const Type, p: *const u8, seed: u64) -> Result<u64, NoAlg> {
    // SAFETY: the caller vouches for both.
    unsafe {
        match alg(t) {
            Some(a) => alg_hash(a, p, seed),
            None => Err(NoAlg(t)),
        }
    }
}

/// # Safety
/// `p` points to a value of a type with this `Alg`.
unsafe fn alg_hash(a: &Alg, p: *const u8, seed: u64) -> Result<u64, NoAlg> {
    // SAFETY: the kind says what lies there.
    unsafe {
        Ok(match a.kind {
            AlgKind::Mem => memhash(p, seed, a.size),
            AlgKind::Str => strhash(p, seed),
            AlgKind::F32 => f32hash(p, seed),
            AlgKind::F64 => f64hash(p, seed),
            AlgKind::C64 => f32hash(p.add(4), f32hash(p, seed)),
            AlgKind::C128 => f64hash(p.add(8), f64hash(p, seed)),
            AlgKind::Inter => return interhash(p, seed),
            AlgKind::NilInter => return nilinterhash(p, seed),
            AlgKind::Plan => return plan_hash(a.plan(), p, seed),
        })
    }
}

/// # Safety
/// `p` points to a value that the operations fit.
unsafe fn plan_hash(mut ops: &[Op], p: *const u8, mut h: u64) -> Result<u64, NoAlg> {
    while let Some((op, rest)) = ops.split_first() {
        ops = rest;
        // SAFETY: offsets and lengths stay inside the value, which the caller vouches for.
        h = unsafe {
            match *op {
                Op::Mem { off, len } => memhash(p.add(off), h, len),
                Op::Str { off } => strhash(p.add(off), h),
                Op::F32 { off } => f32hash(p.add(off), h),
                Op::F64 { off } => f64hash(p.add(off), h),
                Op::Inter { off } => interhash(p.add(off), h)?,
                Op::NilInter { off } => nilinterhash(p.add(off), h)?,
                Op::Loop { off, count, stride, body } => {
                    let (body, after) = ops.split_at(body);
                    ops = after;
                    loop_hash(body, p.add(off), count, stride, h)?
                }
            }
        };
    }
    Ok(h)
}

/// # Safety
/// As [`plan_hash`], for `count` values `stride` bytes apart.
#[inline(never)]
unsafe fn loop_hash(ops: &[Op], p: *const u8, count: usize, stride: usize, mut h: u64) -> Result<u64, NoAlg> {
    for i in 0..count {
        // SAFETY: the caller vouches for all elements.
        h = unsafe { plan_hash(ops, p.add(i * stride), h)? };
    }
    Ok(h)
}

/// The part of the hash's secret that is not the seed: the same in every process, so that a seed decides everything.
static SECRET: SharedSeed = SharedSeed::from_u64(0x6974_6162_2068_6173);

/// Hash of `n` bytes.
///
/// # Safety
/// `p` points to `n` readable bytes.
#[inline]
pub unsafe fn memhash(p: *const u8, seed: u64, n: usize) -> u64 {
    // SAFETY: the caller vouches for the bytes.
    unsafe {
        match n {
            8 => hash64(p.cast::<u64>().read_unaligned(), seed),
            4 => hash64(u64::from(p.cast::<u32>().read_unaligned()), seed),
            0 => seed,
            _ => hash_bytes(std::slice::from_raw_parts(p, n), seed),
        }
    }
}

#[inline]
fn hash64(v: u64, seed: u64) -> u64 {
    let mut h = FoldHasher::with_seed(seed, &SECRET);
    h.write_u64(v);
    h.finish()
}

#[inline]
fn hash_bytes(bytes: &[u8], seed: u64) -> u64 {
    let mut h = FoldHasher::with_seed(seed, &SECRET);
    h.write(bytes);
    h.finish()
}

/// Hash of the Go string at `p`.
///
/// # Safety
/// `p` points to a Go string.
#[inline]
pub unsafe fn strhash(p: *const u8, seed: u64) -> u64 {
    // SAFETY: the caller vouches for the string.
    unsafe {
        let s = *p.cast::<GoString>();
        let bytes = if s.len == 0 { &[] } else { std::slice::from_raw_parts(s.ptr, s.len) };
        hash_bytes(bytes, seed)
    }
}

/// # Safety
/// `p` points to a float32.
unsafe fn f32hash(p: *const u8, seed: u64) -> u64 {
    // SAFETY: the caller vouches for the float. Widening keeps values apart.
    float_hash(f64::from(unsafe { p.cast::<f32>().read_unaligned() }), seed)
}

/// # Safety
/// `p` points to a float64.
unsafe fn f64hash(p: *const u8, seed: u64) -> u64 {
    // SAFETY: the caller vouches for the float.
    float_hash(unsafe { p.cast::<f64>().read_unaligned() }, seed)
}

fn float_hash(f: f64, seed: u64) -> u64 {
    if f == 0.0 {
        hash64(0, seed) // +0 and -0 are equal
    } else if f.is_nan() {
        hash64(nan_salt(), seed) // NaN is no key that can be found again: spread them
    } else {
        hash64(f.to_bits(), seed)
    }
}

thread_local! {
    static NAN_SALT: Cell<u64> = const { Cell::new(0x9e37_79b9_7f4a_7c15) };
}

/// A new number each time.
fn nan_salt() -> u64 {
    NAN_SALT.with(|s| {
        s.set(s.get().wrapping_add(0x9e37_79b9_7f4a_7c15));
        s.get()
    })
}

/// # Safety
/// `p` points to an interface with methods.
unsafe fn interhash(p: *const u8, seed: u64) -> Result<u64, NoAlg> {
    // SAFETY: the caller vouches for the interface.
    unsafe {
        let x = *p.cast::<Iface>();
        if x.tab.is_null() { Ok(seed) } else { data_hash((*x.tab).typ, x.data.cast(), seed) }
    }
}

/// # Safety
/// `p` points to an interface without methods.
unsafe fn nilinterhash(p: *const u8, seed: u64) -> Result<u64, NoAlg> {
    // SAFETY: the caller vouches for the interface.
    unsafe {
        let x = *p.cast::<Eface>();
        if x.typ.is_null() { Ok(seed) } else { data_hash(x.typ, x.data.cast(), seed) }
    }
}

/// Hash of what an interface holds. The type is part of it: `int8(1)` and `uint8(1)` are different keys.
///
/// # Safety
/// `data` is the data word of an interface with dynamic type `t`.
unsafe fn data_hash(t: *const Type, data: *const u8, seed: u64) -> Result<u64, NoAlg> {
    // SAFETY: the caller vouches for both.
    unsafe {
        let Some(a) = alg(t) else { return Err(NoAlg(t)) };
        let seed = seed ^ (u64::from((*t).hash) << 17);
        if (*t).is_direct_iface() { Ok(hash64(data as u64, seed)) } else { alg_hash(a, data, seed) }
    }
}

/// Hash of an interface value without methods (`runtime.efacehash` of 2014; today's `nilinterhash`).
///
/// # Safety
/// `e` holds a descriptor of an interner, or nil, and its data word.
pub unsafe fn efacehash(e: Eface, seed: u64) -> Result<u64, NoAlg> {
    // SAFETY: the caller vouches for the value.
    unsafe { nilinterhash((&raw const e).cast(), seed) }
}

/// The same with methods.
///
/// # Safety
/// As [`efacehash`].
pub unsafe fn ifacehash(i: Iface, seed: u64) -> Result<u64, NoAlg> {
    // SAFETY: the caller vouches for the value.
    unsafe { interhash((&raw const i).cast(), seed) }
}
