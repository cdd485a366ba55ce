//! Host functions that are `async fn`s.
//!
//! The function takes owned arguments and gives a future, which the isolate keeps while the goroutine that called is parked
//! (`itab_runtime::sched::host_await`). When the future is ready, its result is written to the frame of the call, on the
//! goroutine that called.

use crate::border::crossing::{Checker, GoType, Take};
use crate::border::func::{result_misfit, wrong_count};
use crate::border::host::{Call, EntryRef, check_types};
use crate::border::results::GiveResults;
use crate::error::Error;
use itab_abi::block::IsolateBlock;
use itab_runtime::sched::awaited::PendingCall;
use itab_runtime::sched::host_call::HostError;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

/// A Rust function or closure that Go may call and whose result comes later: of up to eight owned types that are
/// [`FromGo`](crate::FromGo), giving a future that is `Send`. `M` tells such functions apart.
pub trait AsyncHostFunc<M>: Send + Sync + 'static {
    /// Whether a Go declaration fits.
    ///
    /// # Errors
    /// How it does not.
    #[doc(hidden)]
    fn check(ins: &[GoType<'_>], outs: &[GoType<'_>]) -> Result<(), String>;

    /// Calls it.
    ///
    /// # Errors
    /// When an argument cannot be represented.
    #[doc(hidden)]
    fn start(&self, call: &mut Call<'_>) -> Result<(), Error>;
}

/// A call whose future has not given its result yet.
struct Awaiting<F> {
    future: F,
    entry: EntryRef,
}

impl<F> PendingCall for Awaiting<F>
where
    F: Future<Output: GiveResults> + Send,
{
    unsafe fn poll(
        self: Pin<&mut Self>,
        block: *mut IsolateBlock,
        frame: *mut u8,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), HostError>> {
        let entry = self.entry;
        // SAFETY: the future is pinned as the whole is: nothing moves it.
        let future = unsafe { self.map_unchecked_mut(|this| &mut this.future) };
        // SAFETY: as the caller says.
        future.poll(cx).map(|results| unsafe { entry.give(block, frame, results) })
    }
}

macro_rules! async_funcs {
    ($($n:literal: $($t:ident $v:ident $i:tt),*;)*) => { $(
        impl<Fun, Fut, Ret, $($t),*> AsyncHostFunc<($($t,)*)> for Fun
        where
            Fun: Fn($($t),*) -> Fut + Send + Sync + 'static,
            Fut: Future<Output = Ret> + Send + 'static,
            Ret: GiveResults + 'static,
            $($t: for<'a> Take<'a>,)*
        {
            fn check(ins: &[GoType<'_>], outs: &[GoType<'_>]) -> Result<(), String> {
                check_types!($n, ins, outs, [$($t $i),*], Ret)
            }
            fn start(&self, call: &mut Call<'_>) -> Result<(), Error> {
                $(let $v = call.arg::<$t>($i)?;)*
                let future = self($($v),*);
                call.finishes_later(|entry| Box::pin(Awaiting { future, entry }));
                Ok(())
            }
        }
    )* };
}
async_funcs! {
    0: ;
    1: A a 0;
    2: A a 0, B b 1;
    3: A a 0, B b 1, C c 2;
    4: A a 0, B b 1, C c 2, D d 3;
    5: A a 0, B b 1, C c 2, D d 3, E e 4;
    6: A a 0, B b 1, C c 2, D d 3, E e 4, F f 5;
    7: A a 0, B b 1, C c 2, D d 3, E e 4, F f 5, G g 6;
    8: A a 0, B b 1, C c 2, D d 3, E e 4, F f 5, G g 6, H h 7;
}
