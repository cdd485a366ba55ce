//! What is attached to objects: finalizers, cleanups, weak pointers, host values.
//!
//! A table from an object's address to its attachments, outside of the heap. After marking, the dead objects in it are
//! found and their weak pointers are cleared. An object with a finalizer is queued and stays alive for one more round
//! (everything reachable from it was marked, so nothing else changes). For any other object its cleanups and host
//! values are queued. Queues keep what they hold alive. The isolate empties them outside of collections, in the order
//! in which attachments were made.

use crate::heap::malloc::Heap;
use crate::heap::mcleanup::{Cleanup, Native};
use crate::heap::mfinal::Finalizer;
use crate::heap::mgcmark::Marker;
use crate::heap::mspan::Scan;
use rustc_hash::FxHashMap;
use std::collections::VecDeque;

/// Attachments of one object.
#[derive(Debug, Default)]
pub(crate) struct Attached {
    pub seq: u64,
    pub finalizer: Option<Finalizer>,
    pub cleanups: Vec<Cleanup>,
    /// Weak handles, with the address that each stands for.
    pub weak: Vec<(usize, *mut u8)>,
    pub natives: Vec<Native>,
    /// Where the isolate keeps the host value that the object stands for.
    pub host_slot: Option<u32>,
    /// Addresses in the object that belong to a bubble of `testing/synctest`, with its number.
    pub bubbles: Vec<(usize, u32)>,
}

/// The attachments of a heap's objects, and the queues.
#[derive(Debug, Default)]
pub(crate) struct Specials {
    pub objects: FxHashMap<usize, Attached>,
    /// Weak handles of variables that are not in the heap.
    pub immortal: FxHashMap<usize, *mut u8>,
    pub seq: u64,
    pub finalizers: VecDeque<Finalizer>,
    pub cleanups: VecDeque<Cleanup>,
    pub natives: VecDeque<Native>,
    pub host_slots: Vec<u32>,
}

impl Specials {
    /// The attachments of the object at `base`.
    pub fn entry(&mut self, base: usize) -> &mut Attached {
        self.seq += 1;
        let seq = self.seq;
        self.objects.entry(base).or_insert_with(|| Attached { seq, ..Attached::default() })
    }

    pub fn scan(&mut self, marker: &mut Marker<'_>) {
        for (&base, attached) in &self.objects {
            if let Some(finalizer) = &attached.finalizer {
                marker.pointer(finalizer.fnv);
                marker.scan_unmarked(base);
            }
            attached.cleanups.iter().for_each(|c| c.scan(marker));
            attached.weak.iter().for_each(|&(_, handle)| marker.pointer(handle));
        }
        self.immortal.values().for_each(|&handle| marker.pointer(handle));
        self.cleanups.iter().for_each(|c| c.scan(marker));
        for finalizer in &self.finalizers {
            marker.pointer(finalizer.object);
            marker.pointer(finalizer.fnv);
        }
    }

    /// Queues the functions to run for dead objects.
    pub fn find_dead(&mut self, marker: &mut Marker<'_>) {
        let mut dead: Vec<(u64, usize)> = Vec::new();
        for (&base, attached) in &self.objects {
            if marker.is_marked(base) == Some(false) {
                dead.push((attached.seq, base));
            }
        }
        dead.sort_unstable();
        for &(_, base) in &dead {
            let Some(attached) = self.objects.get_mut(&base) else { continue };
            for (_, handle) in attached.weak.drain(..) {
                // SAFETY: a weak handle is an object of one word, which `scan` has marked.
                unsafe { handle.cast::<usize>().write(0) };
            }
            if let Some(finalizer) = attached.finalizer.take() {
                self.finalizers.push_back(finalizer);
                marker.set_marked(base);
                if attached.cleanups.is_empty() && attached.natives.is_empty() && attached.host_slot.is_none() {
                    self.objects.remove(&base);
                }
                continue;
            }
            if let Some(attached) = self.objects.remove(&base) {
                self.cleanups.extend(attached.cleanups);
                self.natives.extend(attached.natives);
                self.host_slots.extend(attached.host_slot);
            }
        }
    }
}

impl Heap {
    /// The bubble that what `p` points to was said to belong to, 0 if none; `None` if `p` is not in the heap.
    pub(crate) fn bubble_of(&mut self, p: *const u8) -> Option<u32> {
        let object = self.find_object(p)?;
        let attached = self.specials.objects.get(&object.slot);
        let found = attached.and_then(|a| a.bubbles.iter().find(|b| b.0 == p as usize));
        Some(found.map_or(0, |b| b.1))
    }

    /// Says it; 0 takes it back.
    pub(crate) fn set_bubble_of(&mut self, p: *const u8, bubble: u32) {
        let Some(object) = self.find_object(p) else { return };
        let bubbles = &mut self.specials.entry(object.slot).bubbles;
        bubbles.retain(|b| b.0 != p as usize);
        if bubble != 0 {
            bubbles.push((p as usize, bubble));
        }
    }
}

/// An allocated object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Object {
    /// Its first byte.
    pub base: *mut u8,
    /// Bytes that belong to it.
    pub size: usize,
    /// It has no pointers.
    pub noscan: bool,
    /// The address that identifies it to the collector: its header, if it has one.
    pub(crate) slot: usize,
}

impl Heap {
    /// The allocated object that `p` points to or into.
    pub fn find_object(&mut self, p: *const u8) -> Option<Object> {
        let (page, i) = self.pages.find(p as usize)?;
        let span = self.pages.span(page);
        if !span.is_alloc(i) {
            return None;
        }
        let (scan, size, bytes, alloc_id) = (span.scan, span.elem_size as usize, span.bytes, span.alloc_id);
        if alloc_id != crate::heap::mspan::NONE && self.current_span(alloc_id) == page {
            let (start, end) = self.run_rest(alloc_id);
            if (start..end).contains(&i) {
                return None;
            }
        }
        // SAFETY: object `i` lies in the span's pages.
        let slot = unsafe { self.pages.page_addr(page).add(i * size) };
        let header = scan.header();
        let size = if size == 0 { bytes } else { size - header };
        // SAFETY: an object with a header is larger than that.
        let base = unsafe { slot.add(header) };
        Some(Object { base, size, noscan: scan == Scan::None, slot: slot as usize })
    }
}
