//! How Go prints a host value: `String`, `GoString` and `Error` from `Display`, `Debug` and `std::error::Error`.
//!
//! The macro cannot know which of these a type implements. It calls `text` on a [`Probe`] behind references: Rust takes the
//! first trait that applies. `Display` comes before `Debug`, and that before nothing.

use super::{Describe, HostMethod, HostType, Probe, call};
use crate::border::Call;
use crate::border::records::FieldName;
use crate::error::Error;
use std::error::Error as StdError;
use std::fmt::{Debug, Display};

fn add<T: HostType>(all: &mut Describe<T>, go_name: &'static str, call: fn(&mut Call<'_>) -> Result<(), Error>) {
    let name = FieldName { name: go_name, exact: true };
    all.method(HostMethod { name, go_name, check: call::check::<(), String>, canonical: |c| Some(c.text()), call });
}

/// Via `Display`.
pub trait ViaDisplay<T> {
    /// Adds `String() string`.
    fn text(&self, all: &mut Describe<T>);
}

impl<T: HostType + Display> ViaDisplay<T> for &&Probe<T> {
    fn text(&self, all: &mut Describe<T>) {
        add(all, "String", |c| call::shared::<T>(c, "String", |this, _, out| out.give(this.to_string())));
    }
}

/// Via `Debug`.
pub trait ViaDebug<T> {
    /// Adds `String() string`.
    fn text(&self, all: &mut Describe<T>);
}

impl<T: HostType + Debug> ViaDebug<T> for &Probe<T> {
    fn text(&self, all: &mut Describe<T>) {
        add(all, "String", |c| call::shared::<T>(c, "String", |this, _, out| out.give(format!("{this:?}"))));
    }
}

/// Not at all.
pub trait NoText<T> {
    /// Adds nothing.
    fn text(&self, _: &mut Describe<T>) {}
}

impl<T> NoText<T> for Probe<T> {}

/// `%#v` via `Debug`.
pub trait ViaDebugToo<T> {
    /// Adds `GoString() string`.
    fn go_text(&self, all: &mut Describe<T>);
}

impl<T: HostType + Debug> ViaDebugToo<T> for &Probe<T> {
    fn go_text(&self, all: &mut Describe<T>) {
        add(all, "GoString", |c| call::shared::<T>(c, "GoString", |this, _, out| out.give(format!("{this:?}"))));
    }
}

/// Not at all.
pub trait NoGoText<T> {
    /// Adds nothing.
    fn go_text(&self, _: &mut Describe<T>) {}
}

impl<T> NoGoText<T> for Probe<T> {}

/// A Rust error is a Go error.
pub trait IsError<T> {
    /// Adds `Error() string`.
    fn error(&self, all: &mut Describe<T>);
}

impl<T: HostType + StdError> IsError<T> for &Probe<T> {
    fn error(&self, all: &mut Describe<T>) {
        add(all, "Error", |c| call::shared::<T>(c, "Error", |this, _, out| out.give(this.to_string())));
    }
}

/// It is none.
pub trait NoError<T> {
    /// Adds nothing.
    fn error(&self, _: &mut Describe<T>) {}
}

impl<T> NoError<T> for Probe<T> {}
