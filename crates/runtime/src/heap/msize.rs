//! Go's size classes.
//!
//! The heap rounds arrays and everything above 512 bytes up to these sizes, and `append` derives capacities from them,
//! so that `cap` of a grown slice is what Go's own runtime gives. The numbers are Go 1.27's
//! (`internal/runtime/gc/sizeclasses.go`).

/// Bytes per page of the heap.
pub const PAGE_SIZE: usize = 1 << PAGE_SHIFT;
/// The largest page that a kernel for this processor has: what it protects or takes back are multiples of its page.
pub const KERNEL_PAGE: usize = if cfg!(target_arch = "aarch64") { 64 << 10 } else { 4096 };
/// log2 of [`PAGE_SIZE`].
pub const PAGE_SHIFT: u32 = 13;
/// Largest object that shares a span with others, in bytes.
pub const MAX_SMALL_SIZE: usize = 32768;
/// Largest object with pointers that needs no header, in bytes.
pub const MAX_HEADERLESS_SIZE: usize = 512;
/// Bytes of the header (its element's `*Type`) before an object with pointers above [`MAX_HEADERLESS_SIZE`].
pub const MALLOC_HEADER_SIZE: usize = 8;
/// Number of size classes; class 0 is unused.
pub const NUM_SIZE_CLASSES: usize = 68;

/// Bytes of an object of each class.
pub const CLASS_TO_SIZE: [u16; NUM_SIZE_CLASSES] = [
    0, 8, 16, 24, 32, 48, 64, 80, 96, 112, 128, 144, 160, 176, 192, 208, 224, 240, 256, 288, 320, 352, 384, 416, 448,
    480, 512, 576, 640, 704, 768, 896, 1024, 1152, 1280, 1408, 1536, 1792, 2048, 2304, 2688, 3072, 3200, 3456, 4096,
    4864, 5376, 6144, 6528, 6784, 6912, 8192, 9472, 9728, 10240, 10880, 12288, 13568, 14336, 16384, 18432, 19072,
    20480, 21760, 24576, 27264, 28672, 32768,
];

/// Pages of a span of each class.
pub const CLASS_TO_PAGES: [u8; NUM_SIZE_CLASSES] = [
    0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 1, 2,
    1, 2, 1, 3, 2, 3, 1, 3, 2, 3, 4, 5, 6, 1, 7, 6, 5, 4, 3, 5, 7, 2, 9, 7, 5, 8, 3, 10, 7, 4,
];

/// Class of each size in steps of 8 up to 1024.
static SIZE_TO_CLASS_8: [u8; 129] = classes_of_steps::<129>(0, 8);
/// Class of each size in steps of 128 from 1024 to 32768.
static SIZE_TO_CLASS_128: [u8; 249] = classes_of_steps::<249>(1024, 128);

const fn classes_of_steps<const N: usize>(from: usize, step: usize) -> [u8; N] {
    let mut table = [0; N];
    let (mut i, mut class) = (0, 0);
    while i < N {
        while (CLASS_TO_SIZE[class] as usize) < from + i * step {
            class += 1;
        }
        table[i] = class as u8;
        i += 1;
    }
    table
}

/// The smallest class whose objects hold `size` bytes (at most [`MAX_SMALL_SIZE`]).
#[inline]
pub fn size_class(size: usize) -> usize {
    debug_assert!(size <= MAX_SMALL_SIZE);
    if size <= 1024 {
        SIZE_TO_CLASS_8[size.div_ceil(8)] as usize
    } else {
        SIZE_TO_CLASS_128[(size - 1024).div_ceil(128)] as usize
    }
}

/// Bytes that an allocation of `size` bytes really gets, its header not counted.
#[inline]
pub fn roundupsize(size: usize, noscan: bool) -> usize {
    if size <= MAX_SMALL_SIZE - MALLOC_HEADER_SIZE {
        let header = if !noscan && size > MAX_HEADERLESS_SIZE { MALLOC_HEADER_SIZE } else { 0 };
        return CLASS_TO_SIZE[size_class(size + header)] as usize - header;
    }
    match size.checked_add(PAGE_SIZE - 1) {
        Some(up) => up & !(PAGE_SIZE - 1),
        None => size,
    }
}

/// The multiplier `m` for which `(offset * m) >> 32` is `offset / size`, for all offsets within a span of small objects.
pub const fn reciprocal(size: usize) -> u32 {
    u32::MAX / size as u32 + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_round_up() {
        assert_eq!(roundupsize(0, true), 0);
        for (size, noscan, want) in [
            (1, true, 8),
            (33, true, 48),
            (512, false, 512),
            (513, true, 576),
            (513, false, 568),
            (1024, false, 1144),
            (32760, false, 32760),
            (32761, true, 32768),
            (40961, false, 49152),
        ] {
            assert_eq!(roundupsize(size, noscan), want, "{size} {noscan}");
        }
    }

    #[test]
    fn reciprocals_divide() {
        for size in (8..=512).step_by(8).chain(CLASS_TO_SIZE[1..].iter().map(|&s| s as usize)) {
            let pages = if size <= 512 { 1 } else { CLASS_TO_PAGES[size_class(size)] as usize };
            for offset in 0..pages * PAGE_SIZE {
                assert_eq!((offset as u64 * reciprocal(size) as u64) >> 32, (offset / size) as u64);
            }
        }
    }
}
