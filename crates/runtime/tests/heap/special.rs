//! Finalizers, cleanups, weak pointers, host values.

use crate::support::{TestHeap, get, set, stress, type_of};
use itab_runtime::heap::malloc::HeapOptions;
use itab_runtime::heap::mcleanup::Native;
use itab_runtime::heap::mfinal::{Finalizer, FinalizerError};
use std::ptr::{null, null_mut};
use std::sync::atomic::{AtomicUsize, Ordering};

fn heap() -> TestHeap {
    TestHeap::new(&HeapOptions { ..stress(0) })
}

fn finalizer(object: *mut u8, fnv: *mut u8) -> Finalizer {
    Finalizer { object, fnv, func: null(), param: null(), typ: null() }
}

#[test]
fn finalizers_run_in_order_of_dependence() {
    let mut t = heap();
    let node = type_of(16, &[0b01]);
    let (a, b) = (t.alloc(node), t.alloc(node));
    let f = t.heap.alloc_noscan(8).unwrap();
    set(a, 0, b);
    t.heap.set_finalizer(finalizer(b, f)).unwrap();
    t.heap.set_finalizer(finalizer(a, f)).unwrap();
    assert_eq!(t.heap.set_finalizer(finalizer(a, f)), Err(FinalizerError::AlreadySet));
    assert_eq!(t.heap.set_finalizer(finalizer(a.wrapping_add(8), f)), Err(FinalizerError::NotAtBeginning));
    let outside = Box::into_raw(Box::new(0u64)).cast();
    assert_eq!(t.heap.set_finalizer(finalizer(outside, f)), Err(FinalizerError::NotAllocated));
    // SAFETY: made above.
    drop(unsafe { Box::from_raw(outside.cast::<u64>()) });
    *t.roots() = vec![a];
    t.collect();
    assert!(!t.heap.has_finalizers());
    t.roots().clear();
    t.collect();
    t.collect();
    assert_eq!(t.heap.mem_stats().heap_objects, 3, "the queue keeps object and function");
    assert_eq!(t.heap.next_finalizer().unwrap().object, a);
    assert_eq!(get(a, 0), b);
    assert!(t.heap.next_finalizer().is_none(), "b was reachable from a");
    t.collect();
    assert_eq!(t.heap.next_finalizer().unwrap().object, b);
    t.collect();
    assert_eq!(t.heap.mem_stats().heap_objects, 0);
    t.heap.check_heap();
}

#[test]
fn cycles_and_removed_finalizers_do_not_run() {
    let mut t = heap();
    let node = type_of(16, &[0b01]);
    let (a, b) = (t.alloc(node), t.alloc(node));
    set(a, 0, a);
    let f = t.heap.alloc_noscan(8).unwrap();
    t.heap.set_finalizer(finalizer(a, f)).unwrap();
    t.heap.set_finalizer(finalizer(b, f)).unwrap();
    assert!(t.heap.remove_finalizer(b));
    assert!(!t.heap.remove_finalizer(b));
    t.collect();
    assert!(!t.heap.has_finalizers());
    assert_eq!(t.heap.mem_stats().heap_objects, 2);
}

#[test]
fn cleanups_run_once_after_death() {
    let mut t = heap();
    // An object with a header, which is not at its slot's beginning.
    let object = t.array(type_of(8, &[1]), 100);
    let (f, arg) = (t.heap.alloc_noscan(8).unwrap(), t.heap.alloc_noscan(16).unwrap());
    let first = t.heap.add_cleanup(object, 1, f, arg).unwrap();
    let second = t.heap.add_cleanup(object.wrapping_add(300), 2, f, arg).unwrap();
    let third = t.heap.add_cleanup(object, 3, f, null_mut()).unwrap();
    assert!(first < second && second < third);
    t.heap.stop_cleanup(object, second);
    *t.roots() = vec![object.wrapping_add(799)];
    t.collect();
    assert!(t.heap.next_cleanup().is_none());
    t.roots().clear();
    t.collect();
    assert_eq!(t.heap.mem_stats().heap_objects, 2);
    assert_eq!((t.heap.next_cleanup().unwrap().call, t.heap.next_cleanup().unwrap().call), (1, 3));
    assert!(t.heap.next_cleanup().is_none());
    t.collect();
    assert_eq!(t.heap.mem_stats().heap_objects, 0);
}

#[test]
fn weak_pointers_clear() {
    let mut t = heap();
    let node = type_of(16, &[0b01]);
    let object = t.alloc(node);
    *t.roots() = vec![object];
    let weak = t.heap.register_weak_pointer(object).unwrap();
    let inner = t.heap.register_weak_pointer(object.wrapping_add(8)).unwrap();
    assert_eq!(t.heap.register_weak_pointer(object).unwrap(), weak);
    assert_ne!(weak, inner);
    t.roots().extend([weak, inner]);
    t.collect();
    // SAFETY: both are handles in the roots.
    unsafe {
        assert_eq!(t.heap.make_strong_from_weak(weak), object);
        assert_eq!(t.heap.make_strong_from_weak(inner), object.wrapping_add(8));
        t.roots().remove(0);
        t.heap.set_finalizer(finalizer(object, null_mut())).unwrap();
        t.collect();
        assert!(t.heap.has_finalizers());
        assert!(t.heap.make_strong_from_weak(weak).is_null(), "cleared before the finalizer runs");
        assert!(t.heap.make_strong_from_weak(inner).is_null());
    }
    let again = t.heap.register_weak_pointer(object).unwrap();
    assert_ne!(again, weak);
    static OUTSIDE: u64 = 0;
    let outside = (&raw const OUTSIDE).cast_mut().cast();
    let handle = t.heap.register_weak_pointer(outside).unwrap();
    t.collect();
    assert_eq!(t.heap.register_weak_pointer(outside).unwrap(), handle);
    // SAFETY: handles of variables outside of the heap live for ever.
    assert_eq!(unsafe { t.heap.make_strong_from_weak(handle) }, outside);
}

#[test]
fn host_values_die_with_their_object() {
    static DROPS: AtomicUsize = AtomicUsize::new(0);
    /// # Safety
    /// None: it only counts.
    unsafe fn count(data: *mut ()) {
        DROPS.fetch_add(data as usize, Ordering::Relaxed);
    }
    let mut t = heap();
    for i in 1..=3 {
        let object = t.heap.alloc_noscan(16).unwrap();
        // SAFETY: `count` has no state.
        unsafe {
            t.heap.attach_native(object, Native { data: std::ptr::without_provenance_mut(10usize.pow(i)), drop: count })
        };
        t.roots().push(object);
    }
    t.roots().remove(1);
    t.collect();
    assert_eq!(DROPS.load(Ordering::Relaxed), 0, "never inside a collection");
    for native in t.heap.take_natives() {
        // SAFETY: as above.
        unsafe { (native.drop)(native.data) };
    }
    assert_eq!(DROPS.load(Ordering::Relaxed), 100);
    drop(t);
    assert_eq!(DROPS.load(Ordering::Relaxed), 1110);
}
