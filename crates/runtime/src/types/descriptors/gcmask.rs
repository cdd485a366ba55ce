//! Pointer masks: bit i says that word i of a value may hold a pointer.
//!
//! The mask of a type spans its `ptr_bytes`, least significant bit first, padded to whole words, and is shared by all
//! types with the same mask. Types with more than 1,024 bytes of pointers get theirs on first use: their `gc_data` is a
//! slot that [`gc_mask`] fills.

use super::TypeRef;
use crate::sync::lock;
use crate::types::persistent::persistentalloc;
use itab_abi::types::{Kind, TFLAG_GC_MASK_ON_DEMAND};
use std::sync::atomic::{AtomicPtr, Ordering};

const WORD: usize = size_of::<usize>();

/// Words of 64 bits that the mask of a value with this `ptr_bytes` takes.
pub(super) fn mask_words(ptr_bytes: usize) -> usize {
    (ptr_bytes / WORD).div_ceil(64)
}

/// The mask of a type as words, computed.
pub(super) fn build(t: TypeRef<'_>) -> Vec<u64> {
    let mut mask = vec![0; mask_words(t.ptr_bytes())];
    set_mask(t, 0, &mut mask);
    mask
}

/// Sets the bits of a value of type `t` that starts at word `at`.
pub fn set_mask(t: TypeRef<'_>, at: usize, mask: &mut [u64]) {
    let mut set = |i: usize| mask[i / 64] |= 1 << (i % 64);
    match t.kind() {
        _ if t.ptr_bytes() == 0 => {}
        // The first word is a descriptor or an itab, which no heap owns: gc leaves it out too.
        Kind::Interface => set(at + 1),
        Kind::Array => {
            let elem = t.elem().expect("an array has elements");
            for i in 0..t.len() {
                set_mask(elem, at + i * (elem.size() / WORD), mask);
            }
        }
        Kind::Struct => {
            for f in t.fields() {
                // SAFETY: a field's type is of the same interner.
                let typ = unsafe { TypeRef::from_ptr(f.typ) };
                if typ.ptr_bytes() != 0 {
                    set_mask(typ, at + f.offset / WORD, mask);
                }
            }
        }
        // A pointer, channel, map or func; the first word of a string or slice.
        _ => set(at),
    }
}

/// The pointer mask of any committed type: `ptr_bytes / 8` bits, padded to a multiple of 8 bytes; nil if it has no
/// pointers. Made now if it was left for later. The memory lives as long as the type.
pub fn gc_mask(t: TypeRef<'_>) -> *const u8 {
    // SAFETY: a descriptor (type invariant).
    let data = unsafe { (*t.raw()).gc_data };
    if t.ptr_bytes() == 0 || t.tflag() & TFLAG_GC_MASK_ON_DEMAND == 0 {
        return data;
    }
    // SAFETY: with this flag `gc_data` is a permanent, aligned pointer slot that is only accessed atomically.
    let slot = unsafe { &*data.cast::<AtomicPtr<u8>>() };
    let made = slot.load(Ordering::Acquire);
    if !made.is_null() {
        return made;
    }
    let types = t.owner();
    let _guard = lock(&types.masks);
    if slot.load(Ordering::Acquire).is_null() {
        let words = build(t);
        let p = persistentalloc(&*types.mem, words.len() * 8, 8);
        // SAFETY: fresh memory of that many bytes.
        unsafe { p.copy_from_nonoverlapping(words.as_ptr().cast(), words.len() * 8) };
        slot.store(p, Ordering::Release);
    }
    slot.load(Ordering::Acquire)
}
