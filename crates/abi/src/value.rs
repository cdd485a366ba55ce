//! Go's built-in values as two or three words.

/// A `string`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct GoString {
    /// First byte, or anything when `len` is 0.
    pub ptr: *const u8,
    /// Length in bytes.
    pub len: usize,
}

/// A slice.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct GoSlice {
    /// First element; nil for a nil slice.
    pub ptr: *mut u8,
    /// Length in elements.
    pub len: usize,
    /// Capacity in elements.
    pub cap: usize,
}

/// What a func value points to: the code, then the captures. Code is entered with the address of the captures
/// (`&captures[0]`) in the context argument.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct FuncVal {
    /// Entry of the code.
    pub code: usize,
    // captures follow
}

/// Offset of the captures from a `FuncVal`.
pub const CAPTURES: usize = size_of::<FuncVal>();

/// Size of the zeroed read-only object that zero values share (`runtime.zeroVal`), in bytes.
pub const ZERO_VAL_SIZE: usize = 1024;

/// Room for a short text in the frame of who makes it: bytes of a string or byte slice, runes of a rune slice.
pub const TMP_BUF: usize = 32;
