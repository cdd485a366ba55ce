//! How natives are defined: a table of names and functions in each file that has some.

/// Defines natives and a table of them, `NATIVES`: `"pkg.name" = fn name(block, args, results) { .. }`.
macro_rules! native_table {
    ($($name:literal = fn $func:ident($block:ident, $args:ident, $results:ident) $body:block)*) => {
        $(
            /// # Safety
            /// Called with the words of the Go signature and room for its results, for the isolate that runs on this
            /// thread.
            #[allow(unused_unsafe)]
            unsafe extern "C" fn $func(
                $block: *mut itab_abi::block::IsolateBlock,
                $args: *const u64,
                $results: *mut u64,
            ) {
                let (_, _, _) = ($block, $args, $results);
                // SAFETY: compiled code calls with the words of the Go signature, for the isolate that runs.
                unsafe { $body }
            }
        )*

        /// What Go declares without a body and is found here.
        pub const NATIVES: &[(&str, itab_abi::call::NativeFn)] =
            &[$(($name, $func as itab_abi::call::NativeFn)),*];
    };
}
pub(crate) use native_table;
