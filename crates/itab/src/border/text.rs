//! Strings: copied, viewed, or kept by a handle.

use crate::border::crossing::{Cx, Fits, Give, GoType, Place, PlaceMut, Take};
use crate::border::describe::{Described, Describer};
use crate::error::Error;
use crate::scope::Scope;
use itab_abi::types::Kind;
use itab_abi::value::GoString;
use itab_runtime::heap::mgcroots::HostRoot;
use std::borrow::Cow;
use std::sync::Arc;

/// The bytes of a Go string.
///
/// # Safety
/// `at` is a Go string that lives for `'b`.
pub(crate) unsafe fn bytes_at<'b>(at: *const u8) -> &'b [u8] {
    // SAFETY: as the caller says.
    unsafe {
        let s = at.cast::<GoString>().read();
        if s.len == 0 { &[] } else { std::slice::from_raw_parts(s.ptr, s.len) }
    }
}

fn text(bytes: &[u8]) -> Result<&str, Error> {
    std::str::from_utf8(bytes).map_err(|e| Error::Utf8 { valid: e.valid_up_to() })
}

/// # Safety
/// `at` is memory for a Go string.
unsafe fn store_text(text: &str, cx: Cx<'_>, at: *mut u8) -> Result<(), Error> {
    let ptr = cx.alloc_bytes(text.as_bytes())?;
    // SAFETY: as the caller says.
    unsafe { at.cast::<GoString>().write(GoString { ptr, len: text.len() }) };
    Ok(())
}

macro_rules! texts {
    ($([$($l:lifetime)?] $t:ty),*) => { $(
        impl$(<$l>)? Fits for $t {
            fn accepts(t: GoType<'_>) -> bool {
                t.kind() == Kind::String
            }
            fn describe(_: &mut Describer) -> Described {
                Ok("string".into())
            }
        }
        impl$(<$l>)? Give for $t {
            fn store(self, to: PlaceMut<'_>) -> Result<(), Error> {
                let (cx, _, at) = to.accepted::<Self>()?;
                // SAFETY: a place for a string.
                unsafe { store_text(&self, cx, at) }
            }
        }
    )* };
}
texts!(['t] &'t str, ['t] &'t String, ['t] Cow<'t, str>, [] String, [] Box<str>, [] Arc<str>);

impl<'a> Take<'a> for &'a str {
    fn load(from: Place<'a>) -> Result<Self, Error> {
        let (_, _, at) = from.accepted::<Self>()?;
        // SAFETY: a string that lives for `'a`.
        text(unsafe { bytes_at(at) })
    }
}

impl<'a> Take<'a> for Cow<'a, str> {
    fn load(from: Place<'a>) -> Result<Self, Error> {
        <&str>::load(from).map(Cow::Borrowed)
    }
}

macro_rules! copied {
    ($($t:ty),*) => { $(
        impl<'a> Take<'a> for $t {
            fn load(from: Place<'a>) -> Result<Self, Error> {
                <&str>::load(from).map(Into::into)
            }
        }
    )* };
}
copied!(String, Box<str>, Arc<str>);

/// A Go string that is kept alive and not copied. It may hold any bytes.
///
/// ```
/// # fn main() -> itab::Result<()> {
/// let mut isolate = itab::source("package main\nfunc Text() string { return \"a long text\" }")?.isolate()?;
/// let text = isolate.func::<fn() -> itab::GoStr>("Text")?.call(&mut isolate)?;
/// assert_eq!(text.get(&isolate.scope()?)?, "a long text");
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct GoStr {
    ptr: *const u8,
    len: usize,
    _root: Arc<HostRoot>,
    isolate: u64,
}

// SAFETY: the pointer is followed in a scope of its isolate alone.
unsafe impl Send for GoStr {}
// SAFETY: as above.
unsafe impl Sync for GoStr {}

impl GoStr {
    /// Its length in bytes.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether it is the empty string.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The text, without a copy.
    ///
    /// # Errors
    /// [`Error::Utf8`] when it is none, [`Error::Root`] in another isolate.
    pub fn get<'a>(&'a self, scope: &'a Scope<'_>) -> Result<&'a str, Error> {
        text(self.bytes(scope)?)
    }

    /// The bytes, without a copy.
    ///
    /// # Errors
    /// [`Error::Root`] in another isolate.
    pub fn bytes<'a>(&'a self, scope: &'a Scope<'_>) -> Result<&'a [u8], Error> {
        scope.cx().owns(self.isolate)?;
        let words = GoString { ptr: self.ptr, len: self.len };
        // SAFETY: the words of a string, which the root keeps alive; no Go code runs while the scope is borrowed.
        Ok(unsafe { bytes_at((&raw const words).cast()) })
    }
}

impl std::fmt::Debug for GoStr {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("GoStr").field("len", &self.len).finish_non_exhaustive()
    }
}

impl Fits for GoStr {
    fn accepts(t: GoType<'_>) -> bool {
        t.kind() == Kind::String
    }
    fn describe(_: &mut Describer) -> Described {
        Ok("string".into())
    }
}

impl<'a> Take<'a> for GoStr {
    fn load(from: Place<'a>) -> Result<Self, Error> {
        let (cx, _, at) = from.accepted::<Self>()?;
        // SAFETY: a string.
        let s = unsafe { at.cast::<GoString>().read() };
        Ok(GoStr { ptr: s.ptr, len: s.len, _root: cx.root(s.ptr.cast_mut()), isolate: cx.id() })
    }
}

impl Give for GoStr {
    fn store(self, to: PlaceMut<'_>) -> Result<(), Error> {
        (&self).store(to)
    }
}

impl Fits for &GoStr {
    fn accepts(t: GoType<'_>) -> bool {
        GoStr::accepts(t)
    }
    fn describe(d: &mut Describer) -> Described {
        GoStr::describe(d)
    }
}

impl Give for &GoStr {
    fn store(self, to: PlaceMut<'_>) -> Result<(), Error> {
        let (cx, _, at) = to.accepted::<Self>()?;
        cx.owns(self.isolate)?;
        // SAFETY: a place for a string; this one belongs to the isolate and is alive.
        unsafe { at.cast::<GoString>().write(GoString { ptr: self.ptr, len: self.len }) };
        Ok(())
    }
}
