//! What the functions of a host package keep for each isolate.
//!
//! [`IsolateOptions::state`](crate::IsolateOptions::state) gives an isolate values, at most one of each type. A function of a
//! package that takes a `&S` or a `&mut S` first gets the isolate's `S`. The values lie in the runtime's isolate, so that a
//! call from Go finds them. They are borrowed at run time: a function that has called Go may be called by it again.

use crate::border::Call;
use crate::border::crossing::{Cx, rust_name};
use crate::error::Error;
use std::any::{Any, TypeId};
use std::cell::{Ref, RefCell, RefMut};

/// The values of an isolate.
#[derive(Default)]
pub(crate) struct States(Vec<(TypeId, RefCell<Box<dyn Any + Send>>)>);

/// A type of values that a package needs.
#[derive(Clone, Copy, Debug)]
pub struct StateType {
    pub(crate) id: TypeId,
    pub(crate) name: fn() -> String,
}

impl StateType {
    /// The one of `S`.
    pub fn of<S: Send + 'static>() -> StateType {
        StateType { id: TypeId::of::<S>(), name: rust_name::<S> }
    }
}

impl States {
    /// Adds a value, in the place of one of its type.
    pub(crate) fn insert<S: Send + 'static>(&mut self, value: S) {
        let id = TypeId::of::<S>();
        self.0.retain(|(other, _)| *other != id);
        self.0.push((id, RefCell::new(Box::new(value))));
    }

    pub(crate) fn has(&self, wanted: StateType) -> bool {
        self.0.iter().any(|(id, _)| *id == wanted.id)
    }

    /// How the runtime keeps them; nothing if there are none.
    pub(crate) fn boxed(self) -> Option<Box<dyn Any + Send>> {
        if self.0.is_empty() { None } else { Some(Box::new(self)) }
    }

    /// The value of a type.
    fn cell<S: Send + 'static>(&self) -> Option<&RefCell<Box<dyn Any + Send>>> {
        self.0.iter().find(|(id, _)| *id == TypeId::of::<S>()).map(|(_, cell)| cell)
    }
}

/// The cell of a type in an isolate.
fn cell<'a, S: Send + 'static>(cx: Cx<'a>) -> Result<&'a RefCell<Box<dyn Any + Send>>, Error> {
    // SAFETY: the isolate lives for `'a` and this thread alone uses it; the field is set when the isolate is made and never
    // changed. What it points to stays borrowed, not the isolate itself.
    let states: Option<&'a (dyn Any + Send)> = unsafe { &(*cx.rt()).embedder }.as_deref();
    let cell = states.and_then(|s| s.downcast_ref::<States>()).and_then(States::cell::<S>);
    cell.ok_or_else(|| Error::Host(format!("the isolate was given no {}", rust_name::<S>())))
}

fn busy<S>() -> Error {
    Error::Host(format!("the isolate's {} is in use by a call that has not returned", rust_name::<S>()))
}

pub(crate) fn borrowed<S: Send + 'static>(cx: Cx<'_>) -> Result<Ref<'_, S>, Error> {
    let all = cell::<S>(cx)?.try_borrow().map_err(|_| busy::<S>())?;
    Ok(Ref::map(all, |value| value.downcast_ref().expect("values are found by their types")))
}

pub(crate) fn borrowed_mut<S: Send + 'static>(cx: Cx<'_>) -> Result<RefMut<'_, S>, Error> {
    let all = cell::<S>(cx)?.try_borrow_mut().map_err(|_| busy::<S>())?;
    Ok(RefMut::map(all, |value| value.downcast_mut().expect("values are found by their types")))
}

/// The value of a type, for a function that Go calls.
///
/// # Errors
/// When the isolate has none, or somebody has it to change it.
pub fn state<'c, S: Send + 'static>(call: &Call<'c>) -> Result<Ref<'c, S>, Error> {
    borrowed(call.isolate())
}

/// The value of a type, for a function that Go calls and that changes it.
///
/// # Errors
/// When the isolate has none, or somebody else has it.
pub fn state_mut<'c, S: Send + 'static>(call: &Call<'c>) -> Result<RefMut<'c, S>, Error> {
    borrowed_mut(call.isolate())
}
