//! Hashes.
//!
//! Hashes are chained: each part of a value is hashed with the hash of the parts before it as seed. [`walk_nested`]
//! does not recurse, like its counterpart in equality. Numbers and short strings take one multiplication of 128 bits.

use super::*;
use foldhash::SharedSeed;
use foldhash::quality::FoldHasher;
use std::cell::Cell;
use std::hash::Hasher;

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
#[inline]
pub(super) unsafe fn alg_hash(a: &Alg, p: *const u8, seed: u64) -> Result<u64, NoAlg> {
    // SAFETY: the kind says what lies there.
    unsafe {
        match a.kind {
            AlgKind::Inter => ifacehash(*p.cast::<Iface>(), seed),
            AlgKind::NilInter => efacehash(*p.cast::<Eface>(), seed),
            AlgKind::Plan => walk(a.plan(), p, seed),
            _ => Ok(leaf_hash(a, p, seed)),
        }
    }
}

/// # Safety
/// As [`alg_hash`], for the kinds that hold no interfaces.
#[inline]
unsafe fn leaf_hash(a: &Alg, p: *const u8, seed: u64) -> u64 {
    // SAFETY: the kind says what lies there.
    unsafe {
        match a.kind {
            AlgKind::Mem => memhash_of(p, seed, a.size),
            AlgKind::Str => strhash(p, seed),
            AlgKind::F32 => f32hash(p, seed),
            AlgKind::F64 => f64hash(p, seed),
            AlgKind::C64 => f32hash(p.add(4), f32hash(p, seed)),
            AlgKind::C128 => f64hash(p.add(8), f64hash(p, seed)),
            AlgKind::Inter | AlgKind::NilInter | AlgKind::Plan => unreachable!("not a leaf"),
        }
    }
}

/// A place in memory and what is left to hash there: `ops` now, then `body` another `left` times, each `stride` bytes
/// further on.
struct Frame<'a> {
    ops: &'a [Op],
    p: *const u8,
    body: &'a [Op],
    left: usize,
    stride: usize,
}

impl<'a> Frame<'a> {
    fn new(ops: &'a [Op], p: *const u8) -> Frame<'a> {
        Frame { ops, p, body: &[], left: 0, stride: 0 }
    }
}

/// Hashes what needs no list first: most structs have nothing else.
///
/// # Safety
/// The operations fit the value at `p`.
#[inline]
unsafe fn walk(ops: &[Op], p: *const u8, mut h: u64) -> Result<u64, NoAlg> {
    for (done, op) in ops.iter().enumerate() {
        // SAFETY: offsets and lengths stay inside the value, which the caller vouches for.
        match unsafe { flat(op, p, h) } {
            Some(next) => h = next,
            // SAFETY: the rest of the operations.
            None => return unsafe { walk_nested(Frame::new(&ops[done..], p), h) },
        }
    }
    Ok(h)
}

/// The hash of an operation that has no interfaces in it and is no loop.
///
/// # Safety
/// `p` points to a value that the operation fits.
#[inline(always)]
unsafe fn flat(op: &Op, p: *const u8, h: u64) -> Option<u64> {
    // SAFETY: offsets and lengths stay inside the value, which the caller vouches for.
    unsafe {
        match *op {
            Op::Mem { off, len } => Some(memhash_of(p.add(off), h, len)),
            Op::Str { off } => Some(strhash(p.add(off), h)),
            Op::StrLen { .. } => Some(h),
            Op::F32 { off } => Some(f32hash(p.add(off), h)),
            Op::F64 { off } => Some(f64hash(p.add(off), h)),
            _ => None,
        }
    }
}

/// # Safety
/// The operations of `at` fit the value there.
#[inline(never)]
unsafe fn walk_nested(mut at: Frame<'_>, mut h: u64) -> Result<u64, NoAlg> {
    let mut later: Vec<Frame<'_>> = Vec::new();
    loop {
        let Some((op, rest)) = at.ops.split_first() else {
            if at.left > 0 {
                at.left -= 1;
                at.ops = at.body;
                // SAFETY: the next element of the array.
                at.p = unsafe { at.p.add(at.stride) };
                continue;
            }
            match later.pop() {
                Some(frame) => at = frame,
                None => return Ok(h),
            }
            continue;
        };
        at.ops = rest;
        let p = at.p;
        // SAFETY: offsets and lengths stay inside the value, which the caller vouches for.
        let inner = unsafe {
            if let Some(next) = flat(op, p, h) {
                h = next;
                continue;
            }
            match *op {
                Op::Inter { off } => {
                    let x = *p.add(off).cast::<Iface>();
                    let t = if x.tab.is_null() { std::ptr::null() } else { (*x.tab).typ };
                    held(t, x.data.cast(), &mut h)?
                }
                Op::NilInter { off } => {
                    let x = *p.add(off).cast::<Eface>();
                    held(x.typ, x.data.cast(), &mut h)?
                }
                Op::Loop { off, count, stride, body } => {
                    let (body, after) = at.ops.split_at(body);
                    at.ops = after;
                    Some(Frame { ops: body, p: p.add(off), body, left: count - 1, stride })
                }
                _ => continue,
            }
        };
        if let Some(frame) = inner {
            let outer = std::mem::replace(&mut at, frame);
            if !outer.ops.is_empty() || outer.left > 0 {
                later.push(outer);
            }
        }
    }
}

/// Hashes what an interface holds, or returns what must be hashed. The type is part of it: `int8(1)` and `uint8(1)` are
/// different keys.
///
/// # Safety
/// `t` is nil or a descriptor of an interner, `data` the data word of an interface with that dynamic type.
#[inline]
unsafe fn held<'a>(t: *const Type, data: *const u8, h: &mut u64) -> Result<Option<Frame<'a>>, NoAlg> {
    if t.is_null() {
        return Ok(None);
    }
    // SAFETY: the caller vouches for both.
    unsafe {
        let Some(a) = alg(t) else { return Err(NoAlg(t)) };
        *h ^= u64::from((*t).hash) << 17;
        if (*t).is_direct_iface() {
            *h = hash64(data as u64, *h);
            return Ok(None);
        }
        let ops: &[Op] = match a.kind {
            AlgKind::Plan => a.plan(),
            // Of a dynamic type: never an interface, but perhaps a struct or array of just one.
            AlgKind::Inter => &[Op::Inter { off: 0 }],
            AlgKind::NilInter => &[Op::NilInter { off: 0 }],
            _ => {
                *h = leaf_hash(a, data, *h);
                return Ok(None);
            }
        };
        Ok(Some(Frame::new(ops, data)))
    }
}

/// Hash of an interface value without methods (today's `nilinterhash`).
///
/// # Safety
/// `e` holds a descriptor of an interner, or nil, and its data word.
pub unsafe fn efacehash(e: Eface, seed: u64) -> Result<u64, NoAlg> {
    let mut h = seed;
    // SAFETY: the caller vouches for the value.
    unsafe {
        match held(e.typ, e.data.cast(), &mut h)? {
            None => Ok(h),
            Some(frame) => walk(frame.ops, frame.p, h),
        }
    }
}

/// The same with methods.
///
/// # Safety
/// As [`efacehash`].
pub unsafe fn ifacehash(i: Iface, seed: u64) -> Result<u64, NoAlg> {
    // SAFETY: the caller vouches for the value.
    unsafe {
        let typ = if i.tab.is_null() { std::ptr::null() } else { (*i.tab).typ };
        efacehash(Eface { typ, data: i.data }, seed)
    }
}

/// The part of the hash's secret that is not the seed: the same in every process, so that a seed decides everything.
static SECRET: SharedSeed = SharedSeed::from_u64(0x6974_6162_2068_6173);

/// What hashes are multiplied with. These three numbers and the functions that use them are also in the overlay of
/// `internal/runtime/maps`, too, where compiled code has them inlined.
const FACTOR: u64 = 0x9fb2_1c65_1e98_df25;
/// What the number of bytes is multiplied with.
const LENGTH: u64 = 0xd6e8_feb8_6659_fd93;
/// More bytes than this are hashed by a call.
const SHORT: usize = 16;

/// The two halves of a product, folded.
#[inline(always)]
fn fold(x: u64, y: u64) -> u64 {
    let product = u128::from(x) * u128::from(y);
    (product >> 64) as u64 ^ product as u64
}

/// Hash of `n` bytes. For four and eight, which are numbers, see [`memhash_of`].
///
/// # Safety
/// `p` points to `n` readable bytes.
#[inline]
pub unsafe fn memhash(p: *const u8, seed: u64, n: usize) -> u64 {
    if n > SHORT {
        // SAFETY: the caller vouches for the bytes.
        return unsafe { memhash_long(p, seed, n) };
    }
    // SAFETY: the caller vouches for the bytes.
    let byte = |at: usize| unsafe { u64::from(p.add(at).read()) };
    // SAFETY: the same.
    let word4 = |at: usize| unsafe { u64::from(p.add(at).cast::<u32>().read_unaligned()) };
    // SAFETY: the same.
    let word8 = |at: usize| unsafe { p.add(at).cast::<u64>().read_unaligned() };
    let (a, b) = match n {
        8.. => (word8(0), word8(n - 8)),
        4.. => (word4(0), word4(n - 4)),
        1.. => (byte(0) | byte(n / 2) << 8 | byte(n - 1) << 16, 0),
        0 => (0, 0),
    };
    fold(a ^ seed ^ (n as u64).wrapping_mul(LENGTH), b ^ seed.rotate_left(32) ^ FACTOR)
}

/// Hash of many bytes.
///
/// # Safety
/// `p` points to `n` readable bytes.
#[inline(never)]
pub unsafe fn memhash_long(p: *const u8, seed: u64, n: usize) -> u64 {
    let mut h = FoldHasher::with_seed(seed, &SECRET);
    // SAFETY: the caller vouches for the bytes.
    h.write(unsafe { std::slice::from_raw_parts(p, n) });
    h.finish()
}

/// Hash of a value whose type is plain memory of `n` bytes.
///
/// # Safety
/// `p` points to `n` readable bytes.
#[inline]
pub unsafe fn memhash_of(p: *const u8, seed: u64, n: usize) -> u64 {
    // SAFETY: the caller vouches for the bytes.
    unsafe {
        match n {
            8 => hash64(p.cast::<u64>().read_unaligned(), seed),
            4 => hash64(u64::from(p.cast::<u32>().read_unaligned()), seed),
            _ => memhash(p, seed, n),
        }
    }
}

#[inline]
fn hash64(v: u64, seed: u64) -> u64 {
    fold(v ^ seed, FACTOR)
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
        // Maps with string keys hash the bytes by `memhash`.
        memhash(s.ptr, seed, s.len)
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
