//! Rust functions that are the code of a func value: they take two words and the address of the captures.
//!
//! `go_calls!` defines one in two forms. With a body it is a function that cannot panic. With a target it records where
//! compiled code was left, as the arena's thunks do, and jumps to the target, which gets the isolate block as a fourth
//! argument.

/// Compiled code passes so few words, and expects the result, where C does.
#[cfg(target_arch = "x86_64")]
macro_rules! go_calls {
    ($(#[$doc:meta])* fn $name:ident($($arg:ident: $ty:ty),*) -> $ret:ty $body:block) => {
        $(#[$doc])*
        pub(super) unsafe extern "C" fn $name($($arg: $ty),*) -> $ret $body
    };
    ($(#[$doc:meta])* fn $name:ident($($arg:ident: $ty:ty),*) -> $ret:ty, $target:ident) => {
        $(#[$doc])*
        #[unsafe(naked)]
        pub(super) unsafe extern "C" fn $name($($arg: $ty),*) -> $ret {
            core::arch::naked_asm!(
                "mov [r15 + {sp}], rsp",
                "mov [r15 + {fp}], rbp",
                "mov rcx, r15",
                "jmp {target}",
                sp = const core::mem::offset_of!(itab_abi::block::IsolateBlock, go_sp),
                fp = const core::mem::offset_of!(itab_abi::block::IsolateBlock, go_fp),
                target = sym $target,
            )
        }
    };
}

/// Compiled code has the words in `x2`, `x3` and `x4`, C has them in `x0` to `x2`; the result goes from `x0` to `x2`.
#[cfg(target_arch = "aarch64")]
macro_rules! go_calls {
    ($(#[$doc:meta])* fn $name:ident($($arg:ident: $ty:ty),*) -> $ret:ty $body:block) => {
        $(#[$doc])*
        #[unsafe(naked)]
        pub(super) unsafe extern "C" fn $name($($arg: $ty),*) -> $ret {
            unsafe extern "C" fn in_rust($($arg: $ty),*) -> $ret $body
            go_calls!(@code in_rust)
        }
    };
    ($(#[$doc:meta])* fn $name:ident($($arg:ident: $ty:ty),*) -> $ret:ty, $target:ident) => {
        $(#[$doc])*
        #[unsafe(naked)]
        pub(super) unsafe extern "C" fn $name($($arg: $ty),*) -> $ret {
            go_calls!(@code $target)
        }
    };
    (@code $target:ident) => {
        core::arch::naked_asm!(
            "str x30, [x21, #{sp}]",
            "str x29, [x21, #{fp}]",
            "stp x29, x30, [sp, #-16]!",
            "mov x29, sp",
            "mov x0, x2",
            "mov x1, x3",
            "mov x2, x4",
            "mov x3, x21",
            "bl {target}",
            "mov x2, x0",
            "ldp x29, x30, [sp], #16",
            "ret",
            sp = const core::mem::offset_of!(itab_abi::block::IsolateBlock, go_sp),
            fp = const core::mem::offset_of!(itab_abi::block::IsolateBlock, go_fp),
            target = sym $target,
        )
    };
}

pub(super) use go_calls;
