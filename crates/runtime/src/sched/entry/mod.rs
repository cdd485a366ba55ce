//! The addresses of the runtime entry points.
//!
//! [`for_each_runtime_fn!`] is expanded here into one address per entry: that of the `extern "C"` function of the entry's
//! name in [`targets`], or for a `slow` entry of a stub that preserves all registers and calls it; `keep` entries are
//! written for each instruction set (`arch`). A function whose
//! signature differs from the table is a compile error.

mod iface;
mod malloc;
mod memory;
mod string;

pub(crate) use malloc::{array, growslice, heap, newarray, newobject, record};

use crate::sched::panic::Words;
use itab_abi::block::IsolateBlock;
use itab_abi::for_each_runtime_fn;
use itab_abi::runtime_fns::{AbiType, RuntimeFn};

/// The functions behind the entries, by the entries' names.
mod targets {
    pub use super::iface::*;
    pub use super::malloc::{growslice, makeslice, mallocgc, mallocrecord, newarray, newobject, newrecord};
    pub use super::memory::{memclr, memequal, memmove};
    pub use super::string::*;
    pub use crate::sched::chan::{chancap, chanlen, chanrecv1, chanrecv2, chansend1, closechan, makechan};
    pub use crate::sched::panic::{
        deferproc, deferreturn, gopanic, gorecover, panicBounds, panicSliceConvert, panicdivide, panicmem, panicshift,
        panicwrap, throw_string as throw,
    };
    pub use crate::sched::print::*;
    pub use crate::sched::proc::{morestack, newproc, preempt};
    pub use crate::sched::select::{block, selectgo};
}

/// How a Rust type is passed.
trait AbiValue {
    const TYPE: AbiType;
}

macro_rules! abi_values {
    ($($abi:ident: $($ty:ty),*;)*) => { $($(impl AbiValue for $ty { const TYPE: AbiType = AbiType::$abi; })*)* };
}
abi_values! {
    I64: i64, u64;
    I32: i32, u32;
    I8: u8, bool;
    F64: f64;
}
impl<T> AbiValue for *const T {
    const TYPE: AbiType = AbiType::Ptr;
}
impl<T> AbiValue for *mut T {
    const TYPE: AbiType = AbiType::Ptr;
}
/// A word, which holds a pointer or an integer.
impl AbiValue for usize {
    const TYPE: AbiType = AbiType::Ptr;
}

/// Results of an entry, 0 to 2 words.
trait AbiResult {
    const COUNT: usize;
}
impl AbiResult for () {
    const COUNT: usize = 0;
}
impl AbiResult for Words {
    const COUNT: usize = 2;
}
impl<T: AbiValue> AbiResult for T {
    const COUNT: usize = 1;
}

/// A function that an entry can lead to.
trait Target {
    const PARAMS: &'static [AbiType];
    const RESULTS: usize;
}

macro_rules! targets {
    ($($($p:ident),*;)*) => { $(
        impl<R: AbiResult $(, $p: AbiValue)*> Target for unsafe extern "C" fn(*mut IsolateBlock $(, $p)*) -> R {
            const PARAMS: &'static [AbiType] = &[$($p::TYPE),*];
            const RESULTS: usize = R::COUNT;
        }
    )* };
}
targets! { ; A; A, B; A, B, C; A, B, C, D; A, B, C, D, E; }

/// Whether `F` has the parameters and results of `entry`. A word of either kind may be declared as the other.
const fn matches<F: Target + Copy>(_: F, entry: RuntimeFn) -> bool {
    let params = entry.params();
    let mut i = 0;
    while i < params.len() && i < F::PARAMS.len() {
        let (want, have) = (params[i], F::PARAMS[i]);
        let words = is_word(want) && is_word(have);
        if want as u8 != have as u8 && !words {
            return false;
        }
        i += 1;
    }
    params.len() == F::PARAMS.len() && entry.results().len() == F::RESULTS
}

const fn is_word(t: AbiType) -> bool {
    matches!(t, AbiType::Ptr | AbiType::I64)
}

macro_rules! addresses {
    ($($(#[$doc:meta])* $kind:ident $name:ident $(($($arg:ident : $ty:ident),*) -> ($($ret:ident),*))?;)*) => {
        mod stubs {
            $(addresses!(@stub $kind $name);)*
        }

        $(addresses!(@check $kind $name $($($arg),*)?);)*

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
    (@stub call $name:ident) => {};
    (@stub keep $name:ident) => {};
    (@stub slow $name:ident) => { crate::code::arch::define_slow_stub!($name() super::targets::$name); };
    (@address keep $name:ident) => { crate::code::arch::$name as *const () as usize };
    (@address call $name:ident) => { targets::$name as *const () as usize };
    (@address slow $name:ident) => { stubs::$name as *const () as usize };
}
for_each_runtime_fn!(addresses);

/// How Go prints a type.
pub(crate) fn type_string(typ: &itab_abi::types::Type) -> &str {
    // SAFETY: descriptors in interface values are the interner's.
    unsafe { crate::types::TypeRef::from_ptr(typ).string() }
}
