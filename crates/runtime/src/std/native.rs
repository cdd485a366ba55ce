//! How natives are defined: functions with typed parameters, and a table of them in each file that has some.
//!
//! Compiled code hands a native its arguments as words and takes its results as words. The wrapper between the two is
//! made from the Rust function's signature, and so is the list of its words. Crate `itab` compares that list with the
//! signature of the function's Go declaration before it makes the shim that calls the native.

use crate::sched::abi_value::WordList;
use itab_abi::call::NativeFn;
use itab_abi::value::GoString;

/// A function that Go code declares without a body and the runtime has.
#[derive(Clone, Copy, Debug)]
pub struct Native {
    /// Its full names in Go: `runtime.Callers`.
    pub names: &'static [&'static str],
    /// How compiled code enters it.
    pub code: NativeFn,
    /// The words of its parameters.
    pub params: WordList,
    /// The words of its results.
    pub results: WordList,
}

/// Defines natives and a table of them, `NATIVES`.
///
/// `"pkg.name" = fn name(block, a: A, ..) -> R { .. }` is a function of the running isolate's block and of typed values,
/// which compiled code calls under the Go name, or under several names: `"a.f" | "b.f"`. Types are those that implement
/// `AbiValue`, tuples where Go has several results. The doc begins with the declaration in Go.
///
/// The contract of each, on which its `unsafe` blocks may rely: Go code calls it, on a goroutine of the isolate that
/// `block` belongs to. Pointers that are not nil, slices and strings are valid Go values of the types in the
/// declaration. Pointers to `abi.Type` are descriptors of the isolate's program. Where the Go declaration says
/// `uintptr` or `unsafe.Pointer`, the doc says what the callers in Go's library guarantee.
macro_rules! natives {
    ($(
        $(#[$doc:meta])*
        $($name:literal)|+ = fn $func:ident($block:pat_param $(, $arg:ident: $ty:ty)*) $(-> $ret:ty)? $body:block
    )*) => {
        $(
            $(#[$doc])*
            ///
            /// # Safety
            /// The contract of natives: see `natives!`.
            #[inline(always)]
            #[allow(clippy::too_many_arguments, reason = "as many as Go's declaration has")]
            unsafe fn $func($block: *mut itab_abi::block::IsolateBlock $(, $arg: $ty)*) $(-> $ret)? $body
        )*

        /// What Go declares without a body and is found here.
        pub const NATIVES: &[$crate::std::native::Native] = &[$({
            /// From words to values and back.
            ///
            /// # Safety
            /// Called with the running isolate's block, the words of the signature and room for those of the results.
            unsafe extern "C" fn enter(
                block: *mut itab_abi::block::IsolateBlock,
                args: *const u64,
                results: *mut u64,
            ) {
                use $crate::sched::abi_value::AbiValue;
                // SAFETY: compiled code passes the running isolate's block and words of the signature in the table, which
                // was compared with the declaration's.
                unsafe {
                    let ($($arg,)*) = <($($ty,)*) as AbiValue>::load(args);
                    AbiValue::store($func(block $(, $arg)*), results);
                }
            }
            $crate::std::native::Native {
                names: &[$($name),+],
                code: enter,
                params: <($($ty,)*) as $crate::sched::abi_value::AbiValue>::WORDS,
                results: <$crate::std::native::natives!(@ret $($ret)?) as $crate::sched::abi_value::AbiValue>::WORDS,
            }
        }),*];
    };
    (@ret $ret:ty) => { $ret };
    (@ret) => { () };
}
pub(crate) use natives;

/// The text of a Go string.
///
/// # Safety
/// It holds UTF-8 and outlives `'a`.
pub(crate) unsafe fn str_of<'a>(s: GoString) -> &'a str {
    if s.len == 0 {
        return "";
    }
    // SAFETY: as the caller says.
    unsafe { std::str::from_utf8_unchecked(std::slice::from_raw_parts(s.ptr, s.len)) }
}

/// A text that lives as long as the program, as a Go string.
pub(crate) fn go_string_of(s: &str) -> GoString {
    GoString { ptr: s.as_ptr(), len: s.len() }
}
