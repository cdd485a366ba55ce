//! Objects of the Go heap that stand for values of the host, and what becomes of the values when the objects die.
//!
//! [`host_values`](crate::sched::host_values) has the table and the rules. This file makes the objects, borrows their values,
//! and drops values: outside of collections, where code of the host has stack room, and with its panics caught. That is at
//! the end of every outermost call, and, as a call may last for the isolate's life, on the goroutine that runs finalizers.

use crate::heap::malloc::OutOfMemory;
use crate::heap::mcleanup::Native;
use crate::sched::caught::caught;
use crate::sched::host_call::aside;
use crate::sched::host_values::{Gone, HostValues, NewValue, Refused, Use};
use crate::sched::isolate::{self, Isolate};
use crate::types::TypeRef;
use itab_abi::block::IsolateBlock;
use std::any::TypeId;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};

/// A value of the host that is borrowed by a method that takes `&self`.
pub struct Shared<'a, T> {
    value: &'a T,
    _borrow: Borrow<'a>,
}

/// A value of the host that is borrowed by a method that takes `&mut self`.
pub struct Exclusive<'a, T> {
    value: &'a mut T,
    _borrow: Borrow<'a>,
}

/// Gives a slot back.
struct Borrow<'a> {
    values: *mut HostValues,
    slot: u32,
    _isolate: PhantomData<&'a mut HostValues>,
}

impl Drop for Borrow<'_> {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: the isolate lives for as long as the borrow, and this thread alone uses it.
        unsafe { (*self.values).release(self.slot) };
    }
}

impl<T> Deref for Shared<'_, T> {
    type Target = T;
    #[inline]
    fn deref(&self) -> &T {
        self.value
    }
}

impl<T> Deref for Exclusive<'_, T> {
    type Target = T;
    #[inline]
    fn deref(&self) -> &T {
        self.value
    }
}

impl<T> DerefMut for Exclusive<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        self.value
    }
}

/// A value that is lent for as long as this exists: then it expires.
#[must_use = "the value expires at once"]
pub struct Loan {
    values: *mut HostValues,
    slot: u32,
}

impl Drop for Loan {
    fn drop(&mut self) {
        // SAFETY: `Isolate::lend` has the caller keep the isolate for longer.
        let expire = || unsafe { (*self.values).expire(self.slot) };
        // Whoever borrows the value has a reference to what may be gone from now on.
        if caught(expire).is_err() {
            std::process::abort();
        }
    }
}

/// # Safety
/// `p` is a boxed `T`, and this is the last use of it.
unsafe fn drop_boxed<T>(p: *mut ()) {
    // SAFETY: as the caller says.
    drop(unsafe { Box::from_raw(p.cast::<T>()) });
}

impl Isolate {
    /// An object of the host's type `*T`, which owns `value`. May collect.
    ///
    /// # Errors
    /// When there is no memory for the object.
    ///
    /// # Safety
    /// `typ` is what [`Batch::host_type`](crate::types::Batch::host_type) made in the isolate's program. The isolate is used
    /// by this thread alone.
    pub unsafe fn new_host_object<T: Send + 'static>(
        &mut self,
        typ: TypeRef<'_>,
        value: Box<T>,
    ) -> Result<*mut u8, OutOfMemory> {
        // SAFETY: as the caller says.
        let object = unsafe { self.empty_host_object(typ) }?;
        let data = Box::into_raw(value).cast();
        let value = NewValue { typ: TypeId::of::<T>(), data, drop: Some(drop_boxed::<T>), mutable: true };
        self.attach_value(object, value, size_of::<T>());
        Ok(object)
    }

    /// An object whose value is the host's, until the loan is dropped. May collect.
    ///
    /// # Errors
    /// When there is no memory for the object.
    ///
    /// # Safety
    /// As [`Isolate::new_host_object`]. The value stays where it is until the loan is dropped, which is before the isolate is.
    /// Nobody uses the value meanwhile; if it is not `mutable`, others may share it.
    pub unsafe fn lend<T: 'static>(
        &mut self,
        typ: TypeRef<'_>,
        value: *mut T,
        mutable: bool,
    ) -> Result<(*mut u8, Loan), OutOfMemory> {
        // SAFETY: as the caller says.
        let object = unsafe { self.empty_host_object(typ) }?;
        let value = NewValue { typ: TypeId::of::<T>(), data: value.cast(), drop: None, mutable };
        let slot = self.attach_value(object, value, 0);
        Ok((object, Loan { values: &raw mut self.host_values, slot }))
    }

    /// # Safety
    /// As [`Isolate::new_host_object`].
    unsafe fn empty_host_object(&mut self, typ: TypeRef<'_>) -> Result<*mut u8, OutOfMemory> {
        let elem = typ.elem().expect("types of the host are pointers");
        // SAFETY: a descriptor of the isolate's program.
        unsafe { self.heap.newarray(elem.as_ptr(), 1) }
    }

    fn attach_value(&mut self, object: *mut u8, value: NewValue, size: usize) -> u32 {
        let (slot, handle) = self.host_values.insert(object, value);
        // SAFETY: a fresh object of one word.
        unsafe { object.cast::<usize>().write(handle) };
        self.heap.attach_slot(object, slot, size);
        slot
    }

    /// Takes the value out of an object of the host, which lives on without it.
    ///
    /// # Errors
    /// When there is none, or it is in use.
    ///
    /// # Safety
    /// As [`shared`].
    pub unsafe fn close_host_object<T: 'static>(&mut self, object: *const u8) -> Result<Box<T>, Refused> {
        // SAFETY: as the caller says.
        let handle = unsafe { object.cast::<usize>().read() };
        let data = self.host_values.close(object, handle, TypeId::of::<T>())?;
        // SAFETY: owned values are boxed, and this one is of type `T`.
        Ok(unsafe { Box::from_raw(data.cast()) })
    }

    /// Drops values of the host whose objects are dead.
    #[inline]
    pub(crate) fn drop_dead_values(&mut self) {
        if self.has_dead_values() {
            self.take_dead_values().into_iter().for_each(drop_value);
        }
    }

    /// Whether there are any.
    #[inline]
    pub(crate) fn has_dead_values(&self) -> bool {
        self.heap.has_natives() || self.host_values.has_gone()
    }

    #[cold]
    fn take_dead_values(&mut self) -> Vec<Gone> {
        for slot in self.heap.take_slots() {
            self.host_values.object_died(slot);
        }
        let natives = self.heap.take_natives().into_iter().map(gone);
        natives.chain(self.host_values.take_gone()).collect()
    }

    /// Drops all values of the host that no frame of the host uses: the isolate ends.
    pub(super) fn drop_all_values(&mut self) {
        let natives = self.heap.take_all_natives().into_iter().map(gone);
        natives.chain(self.host_values.take_all()).for_each(drop_value);
    }
}

fn gone(native: Native) -> Gone {
    Gone { data: native.data, drop: native.drop }
}

/// Drops a value. What its destructor has to say in a panic, the panic hook has told.
fn drop_value(value: Gone) {
    // SAFETY: nobody else has the value, as `Gone` says, and this thread runs the isolate.
    let _ = caught(|| unsafe { (value.drop)(value.data) });
}

/// Drops values of the host whose objects are dead, while Go code runs.
///
/// # Safety
/// Called on the stack of the isolate's running goroutine.
pub(super) unsafe fn drop_dead_values_aside(block: *mut IsolateBlock) {
    // SAFETY: as the caller says; the isolate is not borrowed while a destructor runs, whose panics are caught.
    unsafe {
        let mut dead = (*isolate::of(block)).take_dead_values();
        aside(block, &mut || dead.drain(..).for_each(drop_value));
    }
}

/// Borrows the value of an object for a method that takes `&self`; with `in_go`, Go code may run meanwhile.
///
/// # Errors
/// When there is none, or it is used in a way that excludes this one.
///
/// # Safety
/// `object` is a live object of at least a word in the heap of `isolate`, which lives for `'a` and is used by this thread
/// alone. Without `in_go` no goroutine runs before the borrow ends.
#[inline]
pub unsafe fn shared<'a, T: 'static>(
    isolate: *mut Isolate,
    object: *const u8,
    in_go: bool,
) -> Result<Shared<'a, T>, Refused> {
    let how = if in_go { Use::SharedInGo } else { Use::Shared };
    // SAFETY: as the caller says. The slot has a value of type `T`, which nobody changes or drops until it is released.
    unsafe {
        let (data, _borrow) = borrow::<T>(isolate, object, how)?;
        Ok(Shared { value: &*data, _borrow })
    }
}

/// Borrows the value of an object for a method that takes `&mut self`.
///
/// # Errors
/// As [`shared`].
///
/// # Safety
/// As [`shared`], without `in_go`.
#[inline]
pub unsafe fn exclusive<'a, T: 'static>(isolate: *mut Isolate, object: *const u8) -> Result<Exclusive<'a, T>, Refused> {
    // SAFETY: as the caller says. The slot has a value of type `T`, which nobody else uses until it is released.
    unsafe {
        let (data, _borrow) = borrow::<T>(isolate, object, Use::Exclusive)?;
        Ok(Exclusive { value: &mut *data, _borrow })
    }
}

/// # Safety
/// As [`shared`].
#[inline]
unsafe fn borrow<'a, T: 'static>(
    isolate: *mut Isolate,
    object: *const u8,
    how: Use,
) -> Result<(*mut T, Borrow<'a>), Refused> {
    // SAFETY: as the caller says.
    unsafe {
        let values = &raw mut (*isolate).host_values;
        let (slot, data) = (*values).borrow(object, object.cast::<usize>().read(), TypeId::of::<T>(), how)?;
        Ok((data.cast(), Borrow { values, slot, _isolate: PhantomData }))
    }
}
