//! Go's errors in Rust, and Rust's errors in Go.
//!
//! A Go error that a call returns becomes a [`GoError`]: its text and those that it wraps are asked for at once, while the
//! error can be called. A Rust error becomes a Go value of type `*runtime.hostError`, which owns it; the same error is found
//! again when the value comes back. A Go error that passes through Rust goes on as the value that it was.

use crate::border::any::{Any, read_interface, write_interface};
use crate::border::crossing::{Cx, Fits, Give, GoType, Place, PlaceMut, Take};
use crate::border::describe::{Described, Describer};
use crate::error::Error;
use crate::scope::Scope;
use itab_abi::iface::{Eface, Iface};
use itab_abi::value::GoString;
use itab_runtime::code::arch::CallRegs;
use itab_runtime::heap::mcleanup::Native;
use itab_runtime::types::alg::efaceeq;
use itab_runtime::types::itab::method_index;
use std::any::Any as StdAny;
use std::error::Error as StdError;
use std::fmt;
use std::sync::{Arc, OnceLock};

/// An error of Rust that Go holds.
pub(crate) type HostError = Arc<dyn StdError + Send + Sync>;

/// More errors than this in one another are not looked at.
const LONGEST_CHAIN: usize = 64;

/// A Go value of type `error`.
///
/// ```
/// # fn main() -> itab::Result<()> {
/// let source = "package main
/// import (\"fmt\"; \"io\")
/// func Read() error { return fmt.Errorf(\"config: %w\", io.EOF) }
/// func EOF() error { return io.EOF }";
/// let mut isolate = itab::source(source)?.isolate()?;
/// let read = isolate.func::<fn() -> itab::Result<()>>("Read")?;
/// let eof = isolate.func::<fn() -> itab::Result<()>>("EOF")?;
/// let read = read.call(&mut isolate).unwrap_err().into_go()?;
/// let eof = eof.call(&mut isolate).unwrap_err().into_go()?;
/// assert_eq!(read.to_string(), "config: EOF");
/// assert!(read.is(&isolate.scope()?, &eof)?);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct GoError {
    value: Any,
    told: OnceLock<Arc<Told>>,
}

/// What an error said of itself.
struct Told {
    text: String,
    /// The error that it is, if it was Rust's.
    host: Option<HostError>,
    /// Those that it wraps, with what they wrap, outermost first.
    wraps: Vec<GoError>,
}

impl GoError {
    /// The text, `Error()`. Go code runs if it is not known yet: it is known when the error was returned by a call.
    ///
    /// # Errors
    /// When that code panics; [`Error::Root`] in another isolate.
    pub fn message(&self, scope: &mut Scope<'_>) -> Result<String, Error> {
        let cx = scope.cx();
        self.value.eface(cx)?;
        // SAFETY: the scope is borrowed mutably, so that nobody has a view.
        unsafe { self.ask(cx) };
        Ok(self.to_string())
    }

    /// The value.
    pub fn value(&self) -> &Any {
        &self.value
    }

    /// Whether it is `target` or wraps it, as `errors.Is` says; `Is` methods are not called.
    ///
    /// # Errors
    /// [`Error::Root`] when one of them is of another isolate.
    pub fn is(&self, scope: &Scope<'_>, target: &GoError) -> Result<bool, Error> {
        let cx = scope.cx();
        let wanted = target.value.eface(cx)?;
        let same = |e: &GoError| {
            let own = e.value.eface(cx)?;
            // SAFETY: two live values; the types are equal.
            let equal = own.typ == wanted.typ
                && unsafe { efaceeq(own.typ, own.data.cast(), wanted.data.cast()) }.unwrap_or(false);
            Ok::<bool, Error>(equal)
        };
        for e in std::iter::once(self).chain(self.chain()) {
            if same(e)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The Rust error of this type that it is or wraps.
    pub fn downcast_ref<E: StdError + 'static>(&self) -> Option<&E> {
        std::iter::once(self).chain(self.chain()).find_map(|e| e.told.get()?.host.as_deref()?.downcast_ref::<E>())
    }

    /// The errors that it wraps, with what they wrap, outermost first.
    pub fn chain(&self) -> impl Iterator<Item = &GoError> {
        self.told.get().into_iter().flat_map(|told| &told.wraps)
    }

    /// Asks the value what it says, and what it wraps; not one of another isolate.
    ///
    /// # Safety
    /// Go code may run in the isolate: nobody views its memory.
    pub(crate) unsafe fn ask(&self, cx: Cx<'_>) {
        // SAFETY: as the caller says.
        unsafe { self.tell(cx, &mut { LONGEST_CHAIN }) }
    }

    /// Asks it, and at most `left` others.
    ///
    /// # Safety
    /// As [`GoError::ask`].
    unsafe fn tell(&self, cx: Cx<'_>, left: &mut usize) {
        let Ok(value) = self.value.eface(cx) else { return };
        if self.told.get().is_some() {
            return;
        }
        // SAFETY: a live error value of the isolate, in which Go code may run.
        let (text, host, inner) = unsafe { (error_text(cx, value), host_error(cx, value), unwrapped(cx, value)) };
        let mut wraps = vec![];
        for e in inner {
            let Some(rest) = left.checked_sub(1) else { break };
            *left = rest;
            // SAFETY: as the caller says.
            unsafe { e.tell(cx, left) };
            let deeper = e.told.get().cloned();
            wraps.push(e);
            wraps.extend(deeper.into_iter().flat_map(|told| told.wraps.clone()));
        }
        let _ = self.told.set(Arc::new(Told { text, host, wraps }));
    }
}

/// What an error's `Error` method says.
///
/// # Safety
/// `value` is a live error value of the isolate.
unsafe fn error_text(cx: Cx<'_>, value: Eface) -> String {
    let print = cx.shared.runtime.error_values.get().expect("set before any code runs").print_text;
    let mut regs = CallRegs::with_ints(&[value.typ as u64, value.data as u64]);
    // SAFETY: `print_text` takes an interface and returns a string and whether there is one.
    let done = unsafe { (*cx.rt()).enter(print, &mut regs) };
    match done {
        Ok(()) if regs.ints[2] as u8 != 0 => {
            let text = GoString { ptr: regs.ints[0] as *const u8, len: regs.ints[1] as usize };
            // SAFETY: a live string.
            let bytes = unsafe { crate::border::text::bytes_at((&raw const text).cast()) };
            String::from_utf8_lossy(bytes).into_owned()
        }
        Ok(()) => String::new(),
        Err(exit) => format!("an error that cannot say what it is: {}", Error::of_exit(exit, cx.id())),
    }
}

/// What `Unwrap() error` or `Unwrap() []error` gives.
///
/// # Safety
/// As [`error_text`].
unsafe fn unwrapped(cx: Cx<'_>, value: Eface) -> Vec<GoError> {
    // SAFETY: as the caller says: the type is the program's. A method without parameters takes the receiver's word as its
    // context and gives the words of its results.
    unsafe {
        let typ = cx.typ(value.typ);
        let Some(i) = method_index(typ, "Unwrap", "") else { return vec![] };
        let (mtyp, code) = typ.method_code(i);
        let many = match mtyp.string() {
            "func() error" => false,
            "func() []error" => true,
            _ => return vec![],
        };
        if code == 0 {
            return vec![];
        }
        let mut regs = CallRegs::with_ints(&[value.data as u64]);
        if (*cx.rt()).enter(code, &mut regs).is_err() {
            return vec![];
        }
        let [first, second, ..] = regs.ints;
        let one = [Iface { tab: first as *const _, data: second as *mut _ }];
        let errors = match (many, second) {
            (true, 0) => &[],
            (true, n) => std::slice::from_raw_parts(first as *const Iface, n as usize),
            (false, _) => &one[..],
        };
        let dynamic = |e: &Iface| Eface { typ: (*e.tab).typ, data: e.data };
        let errors = errors.iter().filter(|e| !e.tab.is_null()).take(LONGEST_CHAIN);
        errors.map(|e| GoError::of(Any::from_eface(cx, dynamic(e)))).collect()
    }
}

impl GoError {
    fn of(value: Any) -> GoError {
        GoError { value, told: OnceLock::new() }
    }
}

impl fmt::Display for GoError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.told.get() {
            Some(told) => f.write_str(&told.text),
            None => write!(f, "a Go error of type {}", self.value.type_name()),
        }
    }
}

impl fmt::Debug for GoError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}({:?})", self.value.type_name(), self.to_string())
    }
}

impl StdError for GoError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        let told = self.told.get()?;
        match &told.host {
            Some(host) => Some(&**host),
            None => told.wraps.first().map(|e| e as &(dyn StdError + 'static)),
        }
    }
}

impl Fits for GoError {
    fn accepts(t: GoType<'_>) -> bool {
        t.is_error()
    }
    fn describe(_: &mut Describer) -> Described {
        Ok("error".into())
    }
}

impl<'a> Take<'a> for GoError {
    fn load(from: Place<'a>) -> Result<Self, Error> {
        let (cx, t, at) = from.accepted::<Self>()?;
        // SAFETY: an interface value that is alive.
        let value = unsafe { Any::from_eface(cx, read_interface(t, at)) };
        if value.is_nil() { Err(value.misfit::<GoError>("an error", "itab::Any")) } else { Ok(GoError::of(value)) }
    }
}

impl Give for GoError {
    fn store(self, to: PlaceMut<'_>) -> Result<(), Error> {
        let _ = to.accepted::<Self>()?;
        self.value.store(to)
    }
}

/// The error that a call returned; none for nil. What it says is not known yet.
#[inline(always)]
pub(crate) fn returned(place: Place<'_>) -> Result<Option<GoError>, Error> {
    let (cx, _, at) = place.accepted::<Any>()?;
    // SAFETY: an interface value, whose first word is nil if it is nil.
    if unsafe { at.cast::<usize>().read() } == 0 {
        return Ok(None);
    }
    cx.uninterrupted(|| returned_error(place))
}

#[cold]
fn returned_error(place: Place<'_>) -> Result<Option<GoError>, Error> {
    let value = Any::load(place)?;
    Ok((!value.is_nil()).then(|| GoError::of(value)))
}

/// Type of Go errors that are Rust's.
const HOST_ERROR: &str = "*runtime.hostError";
/// Offset in a `runtime.hostError` of the pointer to the object that owns the Rust error. Go code can copy the value, but not
/// the object.
const OWNER: usize = 32;

/// The object that owns the Rust error of a `runtime.hostError`, or nil. It begins with the error's address.
///
/// # Safety
/// `value` is a live value of the type.
unsafe fn owner(value: *const u8) -> *const *const HostError {
    // SAFETY: as the caller says.
    unsafe { value.add(OWNER).cast::<*const *const HostError>().read() }
}

/// The Rust error that a Go error is.
///
/// # Safety
/// As [`error_text`].
unsafe fn host_error(cx: Cx<'_>, value: Eface) -> Option<HostError> {
    // SAFETY: as the caller says. The owner is alive as the value is, and so is the error that it owns.
    unsafe {
        if cx.typ(value.typ).link_string() != HOST_ERROR || value.data.is_null() {
            return None;
        }
        owner(value.data.cast()).as_ref()?.as_ref().cloned()
    }
}

/// Writes a Rust error as a Go one, in place of a nil `error`.
///
/// # Errors
/// What no error value stands for: a panic or an end that goes on through Rust.
pub(crate) fn give_error<E: StdError + Send + Sync + 'static>(e: E, place: PlaceMut<'_>) -> Result<(), Error> {
    let (cx, t, at) = place.parts();
    let mut cause = Eface { typ: std::ptr::null(), data: std::ptr::null_mut() };
    if let Some(own) = (&e as &dyn StdAny).downcast_ref::<Error>() {
        match own {
            Error::Go(go) if go.value.eface(cx).is_ok() => return go.value.clone().store(place),
            own if own.goes_on() => return Err(own.clone()),
            _ => {}
        }
    }
    let mut source = e.source();
    while let Some(s) = source {
        let go = s.downcast_ref::<GoError>().or_else(|| match s.downcast_ref::<Error>() {
            Some(Error::Go(go)) => Some(go),
            _ => None,
        });
        if let Some(value) = go.and_then(|go| go.value.eface(cx).ok()) {
            cause = value;
            break;
        }
        source = s.source();
    }
    let make = cx.shared.stub("runtime.hostErrorValue")?;
    let text = e.to_string();
    let text_at = cx.alloc_bytes(text.as_bytes())?;
    let mut cause_words = [0u64; 2];
    // SAFETY: memory for an `error`, whose type is that of the place; the value is alive.
    unsafe { write_interface(cx, cause, t, cause_words.as_mut_ptr().cast())? };
    let own = Box::into_raw(Box::new(Arc::new(e) as HostError));
    let args = [text_at as u64, text.len() as u64, cause_words[0], cause_words[1], own as u64];
    let mut regs = CallRegs::with_ints(&args);
    // SAFETY: the function takes a string, an error and a word, and returns an error; no collection runs.
    let done = unsafe { (*cx.rt()).enter(make, &mut regs) };
    if let Err(exit) = done {
        // SAFETY: nobody else has it.
        drop(unsafe { Box::from_raw(own) });
        return Err(Error::of_exit(exit, cx.id()));
    }
    /// # Safety
    /// `p` is a boxed `HostError`, and this is the last use of it.
    unsafe fn drop_error(p: *mut ()) {
        // SAFETY: as the caller says.
        drop(unsafe { Box::from_raw(p.cast::<HostError>()) });
    }
    // SAFETY: the second word points to the error value that was just made, whose owner has the box from now on. The place is
    // one for an `error`.
    unsafe {
        let native = Native { data: own.cast(), drop: drop_error };
        (*cx.rt()).heap.attach_native(owner(regs.ints[1] as *const u8).cast(), native);
        at.cast::<[u64; 2]>().write([regs.ints[0], regs.ints[1]]);
    }
    Ok(())
}
