//! Pointer masks, from type descriptors.
//!
//! A descriptor's `gc_data` has a bit per word of its first `ptr_bytes` bytes, padded to a multiple of 8 bytes. Big types
//! (`TFlagGCMaskOnDemand`) have a slot instead, which the interner fills at first use.

use itab_abi::types::{TFLAG_GC_MASK_ON_DEMAND, Type};

/// The pointer mask of a type that has pointers.
///
/// # Safety
/// `typ` is a descriptor.
#[inline]
pub unsafe fn gc_mask(typ: *const Type) -> *const u8 {
    // SAFETY: the caller's promise.
    let t = unsafe { &*typ };
    if t.tflag & TFLAG_GC_MASK_ON_DEMAND == 0 {
        return t.gc_data;
    }
    // SAFETY: the caller's promise; only the interner makes descriptors with this flag.
    crate::types::gc_mask(unsafe { crate::types::TypeRef::from_ptr(typ) })
}

/// Pointer words of a type of at most 64 words.
///
/// # Safety
/// `typ` has its mask in place.
#[inline]
pub unsafe fn first_mask_word(typ: &Type) -> u64 {
    let words = typ.ptr_bytes / 8;
    debug_assert!((1..=64).contains(&words) && typ.tflag & TFLAG_GC_MASK_ON_DEMAND == 0);
    // SAFETY: masks are padded to whole 8 bytes.
    let bits = unsafe { typ.gc_data.cast::<u64>().read_unaligned() };
    bits & (u64::MAX >> (64 - words))
}

/// Pointer words of an array that fills `words` words (at most 64) with elements of type `elem`.
///
/// # Safety
/// `elem` has its mask in place.
pub unsafe fn repeat_mask(elem: &Type, words: usize) -> u64 {
    // SAFETY: passed on.
    let one = unsafe { first_mask_word(elem) };
    let step = elem.size / 8;
    let mut mask = 0;
    let mut at = 0;
    while at < words {
        mask |= one << at;
        at += step;
    }
    mask & (u64::MAX >> (64 - words))
}

/// Up to 64 bits of a mask, beginning at bit `word`.
///
/// # Safety
/// The mask has at least `word + count` bits, and its padding.
#[inline]
pub unsafe fn mask_bits(mask: *const u8, word: usize, count: usize) -> u64 {
    debug_assert!((1..=64).contains(&count));
    let shift = word % 8;
    let mut bits = 0u128;
    for i in 0..(shift + count).div_ceil(8) {
        // SAFETY: within the mask.
        bits |= (unsafe { *mask.add(word / 8 + i) } as u128) << (i * 8);
    }
    (bits >> shift) as u64 & (u64::MAX >> (64 - count))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_at_any_offset() {
        let mask: [u8; 32] = core::array::from_fn(|i| (i as u8).wrapping_mul(37) ^ 0x5a);
        for word in 0..150 {
            for count in 1..=64 {
                // SAFETY: at most 214 of 256 bits.
                let got = unsafe { mask_bits(mask.as_ptr(), word, count) };
                for i in 0..64 {
                    let want = i < count && mask[(word + i) / 8] >> ((word + i) % 8) & 1 != 0;
                    assert_eq!(got >> i & 1 != 0, want);
                }
            }
        }
    }
}
