//! How much stack is left: a program may nest as deeply as it likes, so recursion grows the stack.
//!
//! The system knows the bounds of a thread's own stack, but not those of one that the thread has switched to; there it
//! would seem that nothing is left. A caller that checks on such a stack says with [`with_stack`] how much there is.

use std::cell::Cell;

/// What the checker may use of a stack between two looks at how much is left.
const RED_ZONE: usize = 128 << 10;
/// Size of a new piece of stack.
const PIECE: usize = 4 << 20;

thread_local! {
    /// The lowest address that may be used of the current stack, if somebody has said so.
    static LIMIT: Cell<Option<usize>> = const { Cell::new(None) };
}

/// Puts an earlier limit back.
struct Restore(Option<usize>);

impl Drop for Restore {
    fn drop(&mut self) {
        LIMIT.set(self.0);
    }
}

/// About where the stack has come to.
#[inline]
fn here() -> usize {
    let local = 0u8;
    std::ptr::from_ref(&local).addr()
}

/// Runs `f`, which may use `bytes` of the stack that it is called on. On the stack that a thread was started with this is
/// not needed.
pub fn with_stack<R>(bytes: usize, f: impl FnOnce() -> R) -> R {
    let _restore = Restore(LIMIT.replace(Some(here().saturating_sub(bytes))));
    f()
}

/// Runs `f`, on a new piece of stack if little is left.
#[inline]
pub(crate) fn deep<R>(f: impl FnOnce() -> R) -> R {
    match LIMIT.get() {
        None => stacker::maybe_grow(RED_ZONE, PIECE, f),
        Some(limit) if here() > limit + RED_ZONE => f(),
        Some(_) => grow(f),
    }
}

#[cold]
fn grow<R>(f: impl FnOnce() -> R) -> R {
    // The new piece is one that `stacker` knows.
    let _restore = Restore(LIMIT.replace(None));
    stacker::grow(PIECE, f)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn down(n: u32) -> u32 {
        let room = [n; 256];
        std::hint::black_box(&room);
        if n == 0 { 0 } else { deep(|| down(n - 1)) + std::hint::black_box(&room)[0].min(1) }
    }

    #[test]
    fn small_stacks_grow() {
        assert_eq!(with_stack(200 << 10, || down(20_000)), 20_000);
        assert_eq!(LIMIT.get(), None);
    }
}
