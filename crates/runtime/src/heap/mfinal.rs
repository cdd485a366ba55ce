//! Finalizers (`runtime.SetFinalizer`).
//!
//! When an object with a finalizer is found dead, its finalizer is removed and queued with it. The object and
//! everything reachable from it live until the next collection after the finalizer has run. If objects with finalizers
//! point to one another, their finalizers run one collection after the other; the finalizer of an object in a cycle
//! never runs. Both are as in Go. The isolate takes entries from the queue and runs `fn(object)` on a goroutine of its
//! own.

use crate::heap::malloc::Heap;
use itab_abi::types::Type;

/// A finalizer and its object.
#[derive(Clone, Copy, Debug)]
pub struct Finalizer {
    /// The object's first byte.
    pub object: *mut u8,
    /// The function value.
    pub fnv: *mut u8,
    /// The function's type.
    pub func: *const Type,
    /// Type of its parameter.
    pub param: *const Type,
    /// Type of the pointer that was given to `SetFinalizer`.
    pub typ: *const Type,
}

/// Why a finalizer cannot be set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FinalizerError {
    /// The pointer is not to a heap object (a package variable is all right: it lives for ever).
    NotAllocated,
    /// The pointer is not to the beginning of an object.
    NotAtBeginning,
    /// The object has one already.
    AlreadySet,
}

impl Heap {
    /// Sets the finalizer of the object that `finalizer.object` points to.
    pub fn set_finalizer(&mut self, finalizer: Finalizer) -> Result<(), FinalizerError> {
        let object = self.find_object(finalizer.object).ok_or(FinalizerError::NotAllocated)?;
        if object.base != finalizer.object {
            return Err(FinalizerError::NotAtBeginning);
        }
        let entry = self.specials.entry(object.slot);
        if entry.finalizer.is_some() {
            return Err(FinalizerError::AlreadySet);
        }
        entry.finalizer = Some(finalizer);
        Ok(())
    }

    /// Takes the finalizer off; whether there was one.
    pub fn remove_finalizer(&mut self, object: *mut u8) -> bool {
        let Some(object) = self.find_object(object) else { return false };
        self.specials.objects.get_mut(&object.slot).and_then(|a| a.finalizer.take()).is_some()
    }

    /// The next finalizer to run. The caller keeps what it holds.
    pub fn next_finalizer(&mut self) -> Option<Finalizer> {
        self.specials.finalizers.pop_front()
    }

    /// Whether finalizers or cleanups wait to run.
    pub fn has_finalizers(&self) -> bool {
        !self.specials.finalizers.is_empty() || !self.specials.cleanups.is_empty()
    }
}
