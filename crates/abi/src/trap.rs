//! Codes that traps in compiled code carry to the signal handler, which turns them into Go's panics.

/// What a faulting instruction means.
#[repr(u8)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trap {
    /// Load or store through a nil pointer: `invalid memory address or nil pointer dereference`.
    Nil = 1,
    /// Integer division by zero: `integer divide by zero`.
    Divide = 2,
    /// An instruction that cannot be reached; a bug of the compiler.
    Unreachable = 3,
}

impl Trap {
    /// The trap with this code.
    pub const fn from_code(code: u8) -> Option<Trap> {
        match code {
            1 => Some(Trap::Nil),
            2 => Some(Trap::Divide),
            3 => Some(Trap::Unreachable),
            _ => None,
        }
    }
}

/// Offsets below this one need no explicit nil test: the page at address 0 is never mapped.
pub const NIL_PAGE: usize = 4096;
