//! Channels: handles of Go's channels, and channels that Rust makes.
//!
//! The host has no goroutine that could wait in a channel's queue. When it waits, goroutines run until the channel can be used
//! (`itab_runtime::sched::host_task`), and then it is used without waiting. So a wait that is given up loses nothing. In a
//! function that Go has called, the goroutine that called waits, as in Go.
//!
//! A channel that Rust makes has no Go type yet. It is made when it is first passed to Go, with the element type of the
//! parameter or field that it is passed to.

use crate::border::crossing::{Checker, Cx, Fits, Give, GoType, Misfit, Place, PlaceMut, Take, rust_name};
use crate::border::func::given;
use crate::error::Error;
use crate::isolate::Isolate;
use crate::program::Shared;
use crate::scope::{Enter, Scope};
use itab_abi::types::{Kind, Type, chan_dir};
use itab_runtime::heap::mgcroots::{HostRoot, Local};
use itab_runtime::sched::chan::{chancap, chanlen, is_ready, new_chan};
use itab_runtime::sched::hchan::Hchan;
use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::ptr;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};

/// Both ends: [`Chan`].
#[derive(Debug)]
pub struct BothEnds;
/// The end that is sent to: [`Sender`].
#[derive(Debug)]
pub struct SendEnd;
/// The end that is received from: [`Receiver`].
#[derive(Debug)]
pub struct RecvEnd;

/// Which ends of a channel a handle has. It is sealed.
pub trait Ends: EndsBits {}

impl<D: EndsBits> Ends for D {}

/// The ends as bits. It cannot be named outside of this crate.
pub trait EndsBits: 'static {
    /// As in `chan_dir`.
    const DIR: usize;
    /// The name of the handle.
    const NAME: &'static str;
}

impl EndsBits for BothEnds {
    const DIR: usize = chan_dir::BOTH;
    const NAME: &'static str = "Chan";
}
impl EndsBits for SendEnd {
    const DIR: usize = chan_dir::SEND;
    const NAME: &'static str = "Sender";
}
impl EndsBits for RecvEnd {
    const DIR: usize = chan_dir::RECV;
    const NAME: &'static str = "Receiver";
}

/// Ends that can be sent to.
pub trait CanSend: Ends {}
impl CanSend for BothEnds {}
impl CanSend for SendEnd {}

/// Ends that can be received from.
pub trait CanRecv: Ends {}
impl CanRecv for BothEnds {}
impl CanRecv for RecvEnd {}

/// A Go channel of values that are `T` in Rust: `chan T`. It is kept alive until all its handles are dropped, and is of use
/// in its isolate alone.
///
/// What waits runs the isolate's goroutines meanwhile. On the host's own stack the host is not in the channel's queue: a Go
/// `select` with a `default` finds nobody who waits at an unbuffered channel.
///
/// ```
/// # fn main() -> itab::Result<()> {
/// let source = "package main\nfunc Squares(in <-chan int, out chan<- int) {
///     go func() { for n := range in { out <- n * n }; close(out) }()
/// }";
/// let mut isolate = itab::source(source)?.isolate()?;
/// let squares = isolate.func::<fn(itab::Receiver<i64>, itab::Sender<i64>)>("Squares")?;
/// let (input, output) = (itab::Chan::new(3), itab::Chan::new(0));
/// squares.call(&mut isolate, input.receiver(), output.sender())?;
/// for n in 1..4 {
///     input.send(&mut isolate, n)?;
/// }
/// input.close(&mut isolate)?;
/// let mut sum = 0;
/// while let Some(square) = output.recv(&mut isolate)? {
///     sum += square;
/// }
/// assert_eq!(sum, 14);
/// # Ok(())
/// # }
/// ```
pub struct Chan<T, D = BothEnds> {
    inner: Arc<Inner>,
    _ends: PhantomData<fn(T, D) -> T>,
}

/// The end of a Go channel that is sent to: `chan<- T`. See [`Chan`].
pub type Sender<T> = Chan<T, SendEnd>;
/// The end of a Go channel that is received from: `<-chan T`. See [`Chan`].
pub type Receiver<T> = Chan<T, RecvEnd>;

struct Inner {
    /// Room in the buffer of a channel that is not made yet.
    cap: usize,
    made: OnceLock<Held>,
}

/// A channel that exists.
struct Held {
    chan: *mut Hchan,
    elem: *const Type,
    /// What Go lets its holder do with it.
    dir: usize,
    _root: Arc<HostRoot>,
    isolate: u64,
    /// Keeps the program's descriptors, `elem` among them.
    _shared: Arc<Shared>,
}

// SAFETY: the channel is used in a scope of its isolate alone; descriptors are immutable.
unsafe impl Send for Held {}
// SAFETY: as above.
unsafe impl Sync for Held {}

impl<T, D> Clone for Chan<T, D> {
    fn clone(&self) -> Self {
        Chan { inner: self.inner.clone(), _ends: PhantomData }
    }
}

impl<T, D: Ends> fmt::Debug for Chan<T, D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}<{}>", D::NAME, rust_name::<T>())
    }
}

impl<T> Chan<T> {
    /// A channel with room for `cap` values. Go has it when it is first passed to Go: as an argument or in one. Before that
    /// it can be neither sent to nor received from: [`Error::NoType`].
    pub fn new(cap: usize) -> Chan<T> {
        Chan { inner: Arc::new(Inner { cap, made: OnceLock::new() }), _ends: PhantomData }
    }

    /// The end that is sent to.
    pub fn sender(&self) -> Sender<T> {
        Chan { inner: self.inner.clone(), _ends: PhantomData }
    }

    /// The end that is received from.
    pub fn receiver(&self) -> Receiver<T> {
        Chan { inner: self.inner.clone(), _ends: PhantomData }
    }
}

impl<T, D: Ends> Chan<T, D> {
    /// The channel, in a scope of its isolate.
    fn held(&self, cx: Cx<'_>) -> Result<&Held, Error> {
        let held = self.inner.made.get().ok_or(Error::NoType)?;
        cx.owns(held.isolate)?;
        Ok(held)
    }

    /// Whether it is Go's nil channel, on which everything waits for ever.
    pub fn is_nil(&self) -> bool {
        self.inner.made.get().is_some_and(|held| held.chan.is_null())
    }

    /// Whether both are the same channel.
    pub fn is_same<E>(&self, other: &Chan<T, E>) -> bool {
        let at = |held: &Held| (held.chan, held.isolate);
        Arc::ptr_eq(&self.inner, &other.inner)
            || self.inner.made.get().is_some_and(|held| other.inner.made.get().map(at) == Some(at(held)))
    }

    /// How many values are in the buffer.
    ///
    /// # Errors
    /// [`Error::Root`] in another isolate; [`Error::NoType`].
    pub fn len(&self, scope: &Scope<'_>) -> Result<usize, Error> {
        let held = self.held(scope.cx())?;
        // SAFETY: nil or a channel that is kept alive.
        Ok(unsafe { chanlen(ptr::null_mut(), held.chan) } as usize)
    }

    /// Whether there are none.
    ///
    /// # Errors
    /// As [`Chan::len`].
    pub fn is_empty(&self, scope: &Scope<'_>) -> Result<bool, Error> {
        Ok(self.len(scope)? == 0)
    }

    /// How many values its buffer has room for.
    ///
    /// # Errors
    /// As [`Chan::len`].
    pub fn capacity(&self, scope: &Scope<'_>) -> Result<usize, Error> {
        let held = self.held(scope.cx())?;
        // SAFETY: as in `len`.
        Ok(unsafe { chancap(ptr::null_mut(), held.chan) } as usize)
    }

    /// Runs goroutines until the channel can be used, on the host's own stack.
    fn wait(&self, scope: &mut Scope<'_>, send: bool) -> Result<(), Error> {
        let cx = scope.own();
        let chan = self.held(cx)?.chan;
        // SAFETY: nil or a channel of this isolate that is kept alive; no Go code of the isolate runs.
        let served = unsafe { (*cx.rt()).run_for_channel(chan, send) };
        if served.map_err(|exit| Error::of_exit(exit, cx.id()))? { Ok(()) } else { Err(Error::Asleep) }
    }

    /// The same for a time slice.
    fn poll_wait(&self, isolate: &mut Isolate, send: bool, waker: &mut Context<'_>) -> Poll<Result<(), Error>> {
        let chan = {
            let mut scope = isolate.scope()?;
            self.held(scope.own())?.chan
        };
        let id = isolate.id();
        // SAFETY: as in `wait`; the isolate is borrowed, so that none of its code runs.
        let polled = unsafe { isolate.rt().poll_for_channel(chan, send, waker.waker()) };
        polled.map_err(|exit| Error::of_exit(exit, id))
    }
}

/// Whether a goroutine runs here, which can wait by itself.
fn on_goroutine(cx: Cx<'_>) -> bool {
    // SAFETY: the isolate lives and is used by this thread alone.
    unsafe { (*cx.rt()).sched.is_running() }
}

impl<T: Give, D: CanSend> Chan<T, D> {
    /// Sends a value if nobody has to wait for that; else gives it back.
    ///
    /// # Errors
    /// [`Error::Panic`] if the channel is closed; when the value cannot be represented; as [`Chan::len`].
    pub fn try_send(&self, on: &mut impl Enter, value: T) -> Result<Option<T>, Error> {
        let scope = &mut on.scope()?;
        let cx = scope.own();
        // SAFETY: nil or a channel that is kept alive.
        if !unsafe { is_ready(self.held(cx)?.chan, true) } {
            return Ok(Some(value));
        }
        cx.uninterrupted(|| {
            let elem = self.image(cx, value)?;
            self.send_image(scope, elem, false)
        })?;
        Ok(None)
    }

    /// Sends a value; goroutines run until it can be.
    ///
    /// # Errors
    /// [`Error::Panic`] if the channel is closed; [`Error::Asleep`] when all goroutines are asleep, so that nobody will
    /// receive; when the value cannot be represented; as [`Chan::len`].
    pub fn send(&self, on: &mut impl Enter, value: T) -> Result<(), Error> {
        let scope = &mut on.scope()?;
        let cx = scope.own();
        if on_goroutine(cx) {
            let elem = Local::new(cx.uninterrupted(|| self.image(cx, value))?);
            return self.send_image(scope, elem.get(), true);
        }
        let mut value = value;
        while let Some(back) = self.try_send(scope, value)? {
            value = back;
            self.wait(scope, true)?;
        }
        Ok(())
    }

    /// Sends a value: a future that runs goroutines while it is polled, as [`Calling`](crate::Calling) does. It waits for ever
    /// when all goroutines are asleep. If it is dropped before it is ready, nothing was sent.
    pub fn send_async<'i>(&self, isolate: &'i mut Isolate, value: T) -> Sending<'i, T, D> {
        Sending { chan: self.clone(), isolate, value: Some(value) }
    }

    /// Closes the channel.
    ///
    /// # Errors
    /// [`Error::Panic`] if it is closed or nil; as [`Chan::len`].
    pub fn close(&self, on: &mut impl Enter) -> Result<(), Error> {
        let scope = &mut on.scope()?;
        let cx = scope.own();
        let chan = self.held(cx)?.chan;
        // SAFETY: the function takes a channel.
        unsafe { scope.enter_go(cx.shared.chan_funcs()?.close, [chan as u64, 0, 0, 0]) }
    }

    /// A value as Go has it, on the heap. No collection runs until it is used.
    fn image(&self, cx: Cx<'_>, value: T) -> Result<*mut u8, Error> {
        // SAFETY: a descriptor of the program.
        let elem = unsafe { cx.typ(self.held(cx)?.elem) };
        let at = cx.alloc(elem)?;
        // SAFETY: fresh memory for it.
        value.store(unsafe { PlaceMut::new(cx, elem, at) })?;
        Ok(at)
    }

    fn send_image(&self, scope: &mut Scope<'_>, elem: *mut u8, wait: bool) -> Result<(), Error> {
        let cx = scope.own();
        let chan = self.held(cx)?.chan;
        let mut sent = false;
        let args = [chan as u64, elem as u64, u64::from(wait), (&raw mut sent) as u64];
        // SAFETY: the function takes a channel, the address of a value of its element type, and a place for its result.
        unsafe { scope.enter_go(cx.shared.chan_funcs()?.send, args) }
    }
}

impl<T: for<'a> Take<'a>, D: CanRecv> Chan<T, D> {
    /// Receives a value, if nobody has to wait for that: `Ready(None)` if the channel is closed and empty.
    ///
    /// # Errors
    /// When the value cannot be represented; as [`Chan::len`].
    pub fn try_recv(&self, on: &mut impl Enter) -> Result<Poll<Option<T>>, Error> {
        self.receive(&mut on.scope()?, false)
    }

    /// Receives a value; goroutines run until there is one. None: the channel is closed and empty.
    ///
    /// # Errors
    /// [`Error::Asleep`] when all goroutines are asleep, so that nobody will send; when the value cannot be represented; as
    /// [`Chan::len`].
    pub fn recv(&self, on: &mut impl Enter) -> Result<Option<T>, Error> {
        let scope = &mut on.scope()?;
        let wait = on_goroutine(scope.own());
        loop {
            if let Poll::Ready(value) = self.receive(scope, wait)? {
                return Ok(value);
            }
            self.wait(scope, false)?;
        }
    }

    /// Receives a value: a future that runs goroutines while it is polled, as [`Calling`](crate::Calling) does. It waits for
    /// ever when all goroutines are asleep. If it is dropped before it is ready, no value is lost.
    pub fn recv_async<'i>(&self, isolate: &'i mut Isolate) -> Receiving<'i, T, D> {
        Receiving { chan: self.clone(), isolate }
    }

    /// The next value, as of a stream: `while let Some(value) = chan.next(&mut isolate).await`.
    pub async fn next(&self, isolate: &mut Isolate) -> Option<Result<T, Error>> {
        self.recv_async(isolate).await.transpose()
    }

    fn receive(&self, scope: &mut Scope<'_>, wait: bool) -> Result<Poll<Option<T>>, Error> {
        let cx = scope.own();
        let held = self.held(cx)?;
        // SAFETY: a descriptor of the program.
        let elem = unsafe { cx.typ(held.elem) };
        let at = Local::new(cx.alloc(elem)?);
        let mut got = [false; 2];
        let args = [held.chan as u64, at.get() as u64, u64::from(wait), (&raw mut got) as u64];
        let recv = cx.shared.chan_funcs()?.recv;
        // SAFETY: the function takes a channel, memory for a value of its element type, and a place for its results.
        let mut enter = || unsafe { scope.enter_go(recv, args) };
        // Without waiting nobody else runs, and the value's memory is kept by that.
        if wait {
            enter()?
        } else {
            cx.uninterrupted(enter)?
        }
        match got {
            [false, _] => Ok(Poll::Pending),
            [true, false] => Ok(Poll::Ready(None)),
            // SAFETY: the value that was received, of which nobody else knows.
            _ => cx.uninterrupted(|| T::load(unsafe { Place::new(cx, elem, at.get()) })).map(|v| Poll::Ready(Some(v))),
        }
    }
}

/// A send to a Go channel that is under way: [`Chan::send_async`].
#[must_use = "a value is sent while it is polled"]
pub struct Sending<'i, T, D> {
    chan: Chan<T, D>,
    isolate: &'i mut Isolate,
    value: Option<T>,
}

impl<T, D> Unpin for Sending<'_, T, D> {}

impl<T: Give, D: CanSend> Future for Sending<'_, T, D> {
    type Output = Result<(), Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Sending { chan, isolate, value } = self.get_mut();
        loop {
            let now = value.take().expect("a future is polled that is done");
            match chan.try_send(&mut **isolate, now)? {
                None => return Poll::Ready(Ok(())),
                Some(back) => *value = Some(back),
            }
            match chan.poll_wait(isolate, true, cx) {
                Poll::Ready(Ok(())) => {}
                other => return other,
            }
        }
    }
}

impl<T, D> Drop for Sending<'_, T, D> {
    fn drop(&mut self) {
        self.isolate.rt().stop_expecting();
    }
}

/// A receive from a Go channel that is under way: [`Chan::recv_async`].
#[must_use = "a value is received while it is polled"]
pub struct Receiving<'i, T, D> {
    chan: Chan<T, D>,
    isolate: &'i mut Isolate,
}

impl<T: for<'a> Take<'a>, D: CanRecv> Future for Receiving<'_, T, D> {
    type Output = Result<Option<T>, Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Receiving { chan, isolate } = self.get_mut();
        loop {
            if let Poll::Ready(value) = chan.try_recv(&mut **isolate)? {
                return Poll::Ready(Ok(value));
            }
            match chan.poll_wait(isolate, false, cx) {
                Poll::Ready(Ok(())) => {}
                Poll::Ready(Err(e)) => return Poll::Ready(Err(e)),
                Poll::Pending => return Poll::Pending,
            }
        }
    }
}

impl<T, D> Drop for Receiving<'_, T, D> {
    fn drop(&mut self) {
        self.isolate.rt().stop_expecting();
    }
}

impl<T: Fits, D: Ends> Fits for Chan<T, D> {
    fn accepts(t: GoType<'_>) -> bool {
        t.kind() == Kind::Chan && t.0.chan_dir() & D::DIR == D::DIR
    }
    fn check(t: GoType<'_>, checker: &mut Checker) -> Result<(), Misfit> {
        if !Self::accepts(t) {
            return Err(Misfit::of::<Self>(t));
        }
        if !checker.enters::<Self>(t) {
            return Ok(());
        }
        let elem = t.elem().expect("a channel type has an element type");
        T::check(elem, checker).map_err(|m| m.under("<-"))
    }
}

impl<T: Fits, D: Ends> Fits for &Chan<T, D> {
    fn accepts(t: GoType<'_>) -> bool {
        Chan::<T, D>::accepts(t)
    }
    fn check(t: GoType<'_>, checker: &mut Checker) -> Result<(), Misfit> {
        Chan::<T, D>::check(t, checker)
    }
}

impl<'a, T: Fits, D: Ends> Take<'a> for Chan<T, D> {
    fn load(from: Place<'a>) -> Result<Self, Error> {
        let (cx, t, at) = from.accepted::<Self>()?;
        let elem = t.elem().expect("a channel type has an element type");
        // SAFETY: a channel is a pointer.
        let chan = unsafe { at.cast::<*mut Hchan>().read() };
        let held = Held {
            chan,
            elem: elem.as_ptr(),
            dir: t.chan_dir(),
            _root: cx.root(chan.cast()),
            isolate: cx.id(),
            _shared: cx.shared.clone(),
        };
        Ok(Chan { inner: Arc::new(Inner { cap: 0, made: OnceLock::from(held) }), _ends: PhantomData })
    }
}

impl<T: Fits, D: Ends> Give for Chan<T, D> {
    fn store(self, to: PlaceMut<'_>) -> Result<(), Error> {
        (&self).store(to)
    }
}

impl<T: Fits, D: Ends> Give for &Chan<T, D> {
    fn store(self, to: PlaceMut<'_>) -> Result<(), Error> {
        let (cx, t, at) = to.accepted::<Self>()?;
        let elem = t.elem().expect("a channel type has an element type");
        if self.inner.made.get().is_none() {
            // SAFETY: a type of the program, whose descriptors outlive the isolate; the heap is this thread's.
            let chan = unsafe { new_chan(&mut (*cx.rt()).heap, elem.as_ptr(), self.inner.cap) };
            let chan = chan.map_err(|e| Error::Memory(e.to_string()))?;
            let (_root, _shared) = (cx.root(chan.cast()), cx.shared.clone());
            let dir = chan_dir::BOTH;
            let held = Held { chan, elem: elem.as_ptr(), dir, _root, isolate: cx.id(), _shared };
            // Another thread may have made it for its isolate meanwhile.
            let _ = self.inner.made.set(held);
        }
        let held = self.held(cx)?;
        if held.elem != elem.as_ptr() || held.dir & t.chan_dir() != t.chan_dir() {
            // SAFETY: a descriptor of the program.
            let rust = format!("{} of {}", D::NAME, unsafe { cx.typ(held.elem) }.string());
            return Err(Misfit { rust, ..Misfit::of::<Self>(GoType(t)) }.error("the channel"));
        }
        // SAFETY: a place for a channel; this one is of the type and kept alive.
        unsafe { at.cast::<*mut Hchan>().write(held.chan) };
        Ok(())
    }
}

given! {
    [T: Fits, D: Ends] &Chan<T, D> => Chan<T, D>;
}

/// Addresses of the functions of package runtime that use channels for the host.
#[derive(Clone, Copy)]
pub(crate) struct ChanFuncs {
    send: usize,
    recv: usize,
    close: usize,
}

impl ChanFuncs {
    pub(crate) fn find(shared: &Shared) -> Result<ChanFuncs, Error> {
        let stub = |name: &str| shared.stub(name);
        Ok(ChanFuncs {
            send: stub("runtime.hostSend")?,
            recv: stub("runtime.hostRecv")?,
            close: stub("runtime.hostClose")?,
        })
    }
}
