//! Cleanups (`runtime.AddCleanup`) and values of the host that die with an object.
//!
//! Both run after the object is gone, in the order in which they were added. A cleanup keeps its function and argument
//! alive, but not the object. An argument from which the object is reachable therefore keeps the object alive forever.
//! A collection never drops host values itself: it queues them, and the caller of [`Heap::take_natives`] drops them.
//! Those that remain are dropped with the heap. Of values that the isolate keeps in a table of its own, the object has the
//! number of the slot, which is queued likewise.

use crate::heap::malloc::Heap;
use crate::heap::mgcmark::Marker;
use crate::heap::mspecial::Attached;

/// A cleanup: `call(fnv, arg)`.
#[derive(Clone, Copy, Debug)]
pub struct Cleanup {
    /// Number for `Stop`.
    pub id: u64,
    /// Code that calls the function, which knows the argument's type; 0: `fnv` takes no argument.
    pub call: usize,
    /// The function value.
    pub fnv: *mut u8,
    /// Pointer to the argument.
    pub arg: *mut u8,
}

impl Cleanup {
    pub(crate) fn scan(&self, marker: &mut Marker<'_>) {
        marker.pointer(self.fnv);
        marker.pointer(self.arg);
    }
}

/// A value of the host that belongs to an object.
#[derive(Clone, Copy, Debug)]
pub struct Native {
    /// The value.
    pub data: *mut (),
    /// Drops it.
    pub drop: unsafe fn(*mut ()),
}

impl Heap {
    /// Adds a cleanup to the object that `p` points to or into; its number for [`Heap::stop_cleanup`]. `None`: `p` is not
    /// in the heap, so that it never dies.
    pub fn add_cleanup(&mut self, p: *const u8, call: usize, fnv: *mut u8, arg: *mut u8) -> Option<u64> {
        let object = self.find_object(p)?;
        let id = self.specials.seq + 1;
        self.specials.entry(object.slot).cleanups.push(Cleanup { id, call, fnv, arg });
        Some(id)
    }

    /// Takes a cleanup off, if its object is not dead yet.
    pub fn stop_cleanup(&mut self, p: *const u8, id: u64) {
        let Some((page, i)) = self.pages.find(p as usize) else { return };
        let slot = self.pages.page_addr(page) as usize + i * self.pages.span(page).elem_size as usize;
        if let Some(attached) = self.specials.objects.get_mut(&slot) {
            attached.cleanups.retain(|c| c.id != id);
        }
    }

    /// The next cleanup to run. The caller keeps what it holds.
    pub fn next_cleanup(&mut self) -> Option<Cleanup> {
        self.specials.cleanups.pop_front()
    }

    /// Makes a host value die with the object that `p` points to.
    ///
    /// # Safety
    /// `native.drop` may be called once with `native.data`, on the thread that runs the isolate or drops the heap.
    ///
    /// # Panics
    /// When `p` points to no object.
    pub unsafe fn attach_native(&mut self, p: *const u8, native: Native) {
        let object = self.find_object(p).expect("a host value belongs to an object of the heap");
        self.specials.entry(object.slot).natives.push(native);
    }

    /// Host values whose objects are gone. The caller drops them.
    pub fn take_natives(&mut self) -> Vec<Native> {
        self.specials.natives.drain(..).collect()
    }

    /// Notes that an object stands for a value of `size` bytes in the isolate's table of host values. An object has one slot at
    /// most. The next collection comes the sooner for it, as if value and slot were in the heap.
    ///
    /// # Panics
    /// When `p` points to no object.
    pub(crate) fn attach_slot(&mut self, p: *const u8, slot: u32, size: usize) {
        let object = self.find_object(p).expect("a host value belongs to an object of the heap");
        self.specials.entry(object.slot).host_slot = Some(slot);
        self.pacer.handed_out += size + size_of::<Attached>();
    }

    /// Slots whose objects are gone.
    pub(crate) fn take_slots(&mut self) -> Vec<u32> {
        std::mem::take(&mut self.specials.host_slots)
    }

    /// Whether host values or slots of some wait for [`Heap::take_natives`] or [`Heap::take_slots`].
    pub(crate) fn has_natives(&self) -> bool {
        !self.specials.natives.is_empty() || !self.specials.host_slots.is_empty()
    }

    /// All host values, those of live objects too, in the order in which they were attached. The caller drops them.
    pub(crate) fn take_all_natives(&mut self) -> Vec<Native> {
        let mut left: Vec<(u64, Vec<Native>)> = self
            .specials
            .objects
            .values_mut()
            .map(|a| (a.seq, std::mem::take(&mut a.natives)))
            .filter(|(_, n)| !n.is_empty())
            .collect();
        left.sort_unstable_by_key(|&(seq, _)| seq);
        self.specials.natives.drain(..).chain(left.into_iter().flat_map(|(_, n)| n)).collect()
    }
}

impl Drop for Heap {
    fn drop(&mut self) {
        for native in self.take_all_natives() {
            // SAFETY: `attach_native` promises that it may be dropped once, here too.
            unsafe { (native.drop)(native.data) };
        }
    }
}
