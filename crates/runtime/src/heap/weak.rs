//! Weak pointers (`weak.Pointer`, and what `unique` is made of).
//!
//! A weak pointer is a handle: an object of one word with the address, which the collector clears when the object dies
//! (before its finalizer runs). There is one handle per address, so that weak pointers made from equal pointers are
//! equal. The handle lives as long as the object or anything that holds it.

use crate::heap::malloc::{Heap, OutOfMemory};

impl Heap {
    /// The handle for the pointer `p`, which is not nil.
    pub fn register_weak_pointer(&mut self, p: *mut u8) -> Result<*mut u8, OutOfMemory> {
        if let Some(handle) = self.weak_handle(p) {
            return Ok(handle);
        }
        let kept = self.new_root(p);
        let handle = self.alloc_noscan(8);
        self.drop_root(kept);
        let handle = handle?;
        // SAFETY: an object of one word.
        unsafe { handle.cast::<usize>().write(p as usize) };
        match self.find_object(p) {
            Some(object) => self.specials.entry(object.slot).weak.push((p as usize, handle)),
            None => drop(self.specials.immortal.insert(p as usize, handle)),
        }
        Ok(handle)
    }

    fn weak_handle(&mut self, p: *mut u8) -> Option<*mut u8> {
        match self.find_object(p) {
            Some(object) => {
                let attached = self.specials.objects.get(&object.slot)?;
                attached.weak.iter().find(|&&(at, _)| at == p as usize).map(|&(_, handle)| handle)
            }
            None => self.specials.immortal.get(&(p as usize)).copied(),
        }
    }

    /// The pointer of a handle; nil when the object is gone.
    ///
    /// # Safety
    /// `handle` came from [`Heap::register_weak_pointer`] of this heap and has been kept alive since.
    pub unsafe fn make_strong_from_weak(&self, handle: *mut u8) -> *mut u8 {
        // SAFETY: the caller's promise.
        let address = unsafe { handle.cast::<usize>().read() };
        core::ptr::with_exposed_provenance_mut(address)
    }
}
