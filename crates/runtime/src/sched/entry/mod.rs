//! The addresses of the runtime entry points.
//!
//! [`for_each_runtime_fn!`] is expanded here into one address per entry. For a `call` entry it is that of the
//! `extern "C"` function of the entry's name in [`targets`]. For a `slow` entry it is that of a stub that preserves all
//! registers and calls that function with the operands in the block. `keep` entries are written for each instruction
//! set (`arch`). A function whose signature differs from the table's is a compile error.

mod iface;
mod malloc;
mod memory;
mod print;
mod string;

pub(crate) use malloc::{growslice, newarray, newobject};

use crate::sched::abi_value::{AbiValue, WordList};
use itab_abi::block::IsolateBlock;
use itab_abi::call::AbiType;
use itab_abi::for_each_runtime_fn;
use itab_abi::runtime_fns::{EntryKind, Operand, RuntimeFn};

/// The functions behind the entries, by the entries' names.
mod targets {
    pub use super::iface::*;
    pub use super::malloc::{growslice, makeslice, newarray, newobject, newrecord};
    // The slow paths of inline allocation do what the calls do.
    pub use super::malloc::{newobject as mallocgc, newrecord as mallocrecord};
    pub use super::memory::{memclr, memequal, memmove};
    pub use super::print::*;
    pub use super::string::*;
    pub use crate::sched::chan::{chancap, chanlen, chanrecv1, chanrecv2, chansend1, closechan, makechan};
    pub use crate::sched::panic::{
        deferproc, deferreturn, gopanic, gorecover, panicBounds, panicSliceConvert, panicdivide, panicmem, panicshift,
        panicwrap, throw_string as throw,
    };
    pub use crate::sched::proc::{morestack, newproc, preempt};
    pub use crate::sched::select::{block, selectgo};
}

/// A function that an entry can lead to.
trait EntryFn {
    const PARAMS: WordList;
    const RESULTS: WordList;
}

macro_rules! targets {
    ($($($p:ident),*;)*) => { $(
        impl<R: AbiValue $(, $p: AbiValue)*> EntryFn for unsafe extern "C" fn(*mut IsolateBlock $(, $p)*) -> R {
            const PARAMS: WordList = <($($p,)*)>::WORDS;
            const RESULTS: WordList = R::WORDS;
        }
    )* };
}
targets! { ; A; A, B; A, B, C; A, B, C, D; A, B, C, D, E; }

/// Whether `F` has the parameters and results of `entry`; of a `call` entry, the results in registers.
const fn matches<F: EntryFn + Copy>(_: F, entry: RuntimeFn) -> bool {
    let results = if let EntryKind::Slow = entry.entry() { entry.results() } else { entry.register_results() };
    same(entry.params(), F::PARAMS.as_slice()) && same(results, F::RESULTS.as_slice())
}

/// Whether the words of a list are those of a signature in Rust. A word of either kind may be declared as the other. What
/// comes in a register of its own may be returned as a word.
const fn same(mut want: &[Operand], mut have: &[AbiType]) -> bool {
    while let ([w, want_rest @ ..], [h, have_rest @ ..]) = (want, have) {
        if w.ty as u8 != *h as u8 && !(w.ty.is_word() && h.is_word()) {
            return false;
        }
        (want, have) = (want_rest, have_rest);
    }
    want.is_empty() && have.is_empty()
}

macro_rules! addresses {
    ($($(#[$doc:meta])* $kind:ident $name:ident($($arg:ident: $ty:ident),*) -> ($($result:ident: $ret:ident),*);)*) => {
        /// Between a stub, which passes the block alone, and the function of the entry's name.
        mod unpack {
            $(addresses!(@unpack $kind $name($($arg),*) -> ($($result),*));)*
        }

        mod stubs {
            $(addresses!(@stub $kind $name);)*
        }

        $(addresses!(@check $kind $name $($arg),*);)*

        /// The address at which an entry's code begins.
        pub fn runtime_fn_address(f: RuntimeFn) -> usize {
            match f { $(RuntimeFn::$name => addresses!(@address $kind $name)),* }
        }
    };
    (@any $arg:ident) => { _ };
    (@check keep copybytes $($arg:ident),*) => {
        const _: unsafe extern "C" fn(*mut u8, *const u8, usize) = crate::code::arch::copybytes;
    };
    (@check $kind:ident $name:ident $($arg:ident),*) => {
        const _: () = assert!(
            matches(
                targets::$name as unsafe extern "C" fn(*mut IsolateBlock $(, addresses!(@any $arg))*) -> _,
                RuntimeFn::$name,
            ),
            concat!("the signature of ", stringify!($name)),
        );
    };
    (@unpack slow $name:ident() -> ()) => { pub(super) use super::targets::$name; };
    (@unpack slow $name:ident($($arg:ident),*) -> ($($result:ident),*)) => {
        /// # Safety
        /// Called by the entry's stub.
        #[allow(non_snake_case)]
        pub(super) unsafe extern "C" fn $name(block: *mut super::IsolateBlock) {
            use super::AbiValue;
            // SAFETY: the stub passes the running isolate's block, where compiled code has stored the operands; there
            // is room for the results. That their words are those of the table is checked when this is compiled.
            unsafe {
                let ($($arg,)*) = AbiValue::load((&raw const (*block).args).cast());
                super::targets::$name(block, $($arg),*).store((&raw mut (*block).ret).cast());
            }
        }
    };
    (@unpack $other:ident $($rest:tt)*) => {};
    (@stub slow $name:ident) => { crate::code::arch::define_slow_stub!($name() super::unpack::$name); };
    (@stub $other:ident $name:ident) => {};
    (@address keep $name:ident) => { crate::code::arch::$name as *const () as usize };
    (@address call $name:ident) => { targets::$name as *const () as usize };
    (@address slow $name:ident) => { stubs::$name as *const () as usize };
}
for_each_runtime_fn!(addresses);
