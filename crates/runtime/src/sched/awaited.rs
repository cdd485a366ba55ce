//! The futures that goroutines wait for, and their wakers.
//!
//! A waker that is called while its call is being polled is noted. One that is called while the goroutine is parked
//! completes the wait, as helper threads do. Any other call of it has no effect: a waker may outlive its call.

use crate::sched::caught::caught;
use crate::sched::control::{Completion, Control};
use crate::sched::exit::HostError;
use crate::sched::goroutine::G;
use itab_abi::block::IsolateBlock;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::task::{Context, Poll, Wake, Waker};

/// A call of a host function that may not be done at once.
pub trait PendingCall: Send {
    /// Polls it; when it is done its results have been written.
    ///
    /// # Safety
    /// On the goroutine that called, with the frame of the call.
    unsafe fn poll(
        self: Pin<&mut Self>,
        block: *mut IsolateBlock,
        frame: *mut u8,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), HostError>>;
}

/// The calls that goroutines of an isolate wait for.
#[derive(Default)]
pub(crate) struct Awaited {
    slots: Vec<Option<Slot>>,
    free: Vec<usize>,
    spare: Vec<OwnWaker>,
}

/// A call and who waits for it.
pub(super) struct Slot {
    pub call: Pin<Box<dyn PendingCall>>,
    pub waker: OwnWaker,
    pub g: *mut G,
}

/// So many wakers are kept for later calls.
const SPARE: usize = 64;

impl Awaited {
    /// Keeps a call; its place.
    pub(super) fn insert(&mut self, slot: Slot) -> usize {
        match self.free.pop() {
            Some(i) => {
                self.slots[i] = Some(slot);
                i
            }
            None => {
                self.slots.push(Some(slot));
                self.slots.len() - 1
            }
        }
    }

    /// Takes a call out.
    pub(super) fn remove(&mut self, i: usize) -> Option<Slot> {
        let slot = self.slots[i].take();
        self.free.extend(slot.is_some().then_some(i));
        slot
    }

    /// A waker for a new call.
    pub(super) fn waker(&mut self, control: &Arc<Control>) -> OwnWaker {
        self.spare.pop().unwrap_or_else(|| OwnWaker::new(control))
    }

    /// Keeps the waker of a call that is done, unless somebody still has it.
    pub(super) fn give_back(&mut self, waker: OwnWaker) {
        if self.spare.len() < SPARE && waker.is_unique() {
            self.spare.push(waker);
        }
    }

    /// Drops the call that a goroutine waits for, if there is one; what would have completed its wait.
    pub(super) fn drop_call_of(&mut self, g: *mut G) -> Option<Completion> {
        let i = self.slots.iter().position(|s| s.as_ref().is_some_and(|s| s.g == g))?;
        let slot = self.remove(i)?;
        let what = slot.waker.waits_for();
        let _ = caught(|| drop(slot));
        Some(what)
    }

    /// Drops all calls: no goroutine will ask for them.
    pub(super) fn drop_all(&mut self) {
        for slot in std::mem::take(&mut self.slots) {
            let _ = caught(|| drop(slot));
        }
        self.free.clear();
        self.spare.clear();
    }
}

/// What is to become of a waker's call.
const POLLED: u8 = 0;
const PARKED: u8 = 1;
const WOKEN: u8 = 2;

/// Makes a parked goroutine ready.
struct CallWaker {
    control: Arc<Control>,
    /// A [`Completion`], while it is parked.
    what: AtomicU64,
    state: AtomicU8,
}

impl Wake for CallWaker {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if self.state.swap(WOKEN, Ordering::AcqRel) == PARKED {
            self.control.complete(Completion(self.what.load(Ordering::Relaxed)));
        }
    }
}

/// A waker as its call sees it.
pub(super) struct OwnWaker {
    waker: Waker,
    inner: Arc<CallWaker>,
}

impl OwnWaker {
    fn new(control: &Arc<Control>) -> OwnWaker {
        let inner = CallWaker { control: control.clone(), what: AtomicU64::new(0), state: AtomicU8::new(POLLED) };
        let inner = Arc::new(inner);
        OwnWaker { waker: inner.clone().into(), inner }
    }

    fn is_unique(&self) -> bool {
        Arc::strong_count(&self.inner) == 2
    }

    /// For a poll that begins.
    pub(super) fn starts_poll(&self) -> Context<'_> {
        self.inner.state.store(POLLED, Ordering::Release);
        Context::from_waker(&self.waker)
    }

    fn waits_for(&self) -> Completion {
        Completion(self.inner.what.load(Ordering::Relaxed))
    }

    /// The goroutine is about to park; false if the waker was called since the poll began.
    pub(super) fn parks(&self, what: Completion) -> bool {
        self.inner.what.store(what.0, Ordering::Relaxed);
        self.inner.state.compare_exchange(POLLED, PARKED, Ordering::AcqRel, Ordering::Acquire).is_ok()
    }
}
