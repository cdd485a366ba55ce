//! The interner, the itab table and the assertion tables under a model checker: shuttle runs the same source files with
//! its own locks and atomics, in many thousands of random schedules.

// The files below are compiled here a second time; not all of what they offer is used.
#![allow(dead_code, unused_imports, missing_docs)]

/// What `runtime/src/sync.rs` gives, from shuttle.
mod sync {
    pub use shuttle::sync::atomic::{AtomicPtr, AtomicUsize, Ordering};
    pub use shuttle::sync::{Mutex, MutexGuard};

    pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
        mutex.lock().unwrap_or_else(|e| e.into_inner())
    }

    pub fn schedule_point() {
        shuttle::thread::yield_now();
    }

    pub fn run(f: impl Fn() + Send + Sync + 'static) {
        shuttle::check_random(f, 1);
    }
}

#[path = "../src/types/mod.rs"]
mod types;

use itab_abi::types::{ASSERT_FAILS, Kind};
use shuttle::thread;
use std::sync::Arc;
use types::persistent::{PersistentMem, persistentalloc};
use types::{FieldDesc, IMethodDesc, MethodDesc, NamedDecl, Pkg, TypeRef, Types};
use types::{assert, itab, ptr_table};

const RUNS: usize = 2_000;

/// A small arena: each run makes one.
struct SmallArena(std::cell::UnsafeCell<Box<[u64]>>, std::sync::atomic::AtomicUsize);

// SAFETY: ranges handed out are disjoint.
unsafe impl Sync for SmallArena {}
// SAFETY: as above.
unsafe impl Send for SmallArena {}

// SAFETY: zeroed when made, ascending, one block.
unsafe impl PersistentMem for SmallArena {
    fn alloc(&self, size: usize, align: usize) -> *mut u8 {
        use std::sync::atomic::Ordering::Relaxed;
        let size = size.next_multiple_of(8);
        assert!(align <= 8);
        let at = self.1.fetch_add(size, Relaxed);
        // SAFETY: the block is only reached through disjoint ranges.
        let block = unsafe { &mut *self.0.get() };
        assert!(at + size <= block.len() * 8, "the test's arena is too small");
        // SAFETY: inside the block.
        unsafe { block.as_mut_ptr().cast::<u8>().add(at) }
    }

    fn used(&self) -> usize {
        self.1.load(std::sync::atomic::Ordering::Relaxed)
    }
}

fn new_types() -> Arc<Types> {
    let block = vec![0u64; 16 << 10].into_boxed_slice();
    Types::new(Box::new(SmallArena(block.into(), Default::default())))
}

fn concrete<'t>(types: &'t Types, name: &str, methods: &[&'static str]) -> TypeRef<'t> {
    let mut b = types.batch();
    let f = b.func_of(&[], &[], false);
    let t = b.named(&NamedDecl { key: name, name, pkg_path: "main", kind: Kind::Struct, params: 0 });
    if b.needs_completion(t) {
        let u = b.struct_of(&[]);
        let desc = |name| MethodDesc { name, pkg_path: "main", mtyp: f, ifn: 1000, tfn: 1000 };
        let methods: Vec<_> = methods.iter().map(|&n| desc(n)).collect();
        b.complete_named(t, u, &methods, &[]);
    }
    b.commit();
    t
}

fn inter<'t>(types: &'t Types, methods: &[&'static str]) -> TypeRef<'t> {
    let pkg = Pkg { path: "main", name: "main" };
    let f = types.func_of(&[], &[], false);
    let methods: Vec<_> = methods.iter().map(|&name| IMethodDesc { name, pkg, typ: f }).collect();
    types.interface_of(&methods)
}

/// Three threads that do the same.
fn three(types: &Arc<Types>, f: impl Fn(&Types) -> usize + Send + Sync + 'static) -> Vec<usize> {
    let f = Arc::new(f);
    let run = |_| {
        let (types, f) = (types.clone(), f.clone());
        thread::spawn(move || f(&types))
    };
    let threads: Vec<_> = (0..3).map(run).collect();
    threads.into_iter().map(|t| t.join().expect("no panic")).collect()
}

#[test]
fn one_itab_per_pair() {
    shuttle::check_random(
        || {
            let types = new_types();
            concrete(&types, "main.T", &["M"]);
            let got = three(&types, |types| {
                let t = types.lookup_named("main.T").expect("made before");
                let m = itab::getitab(inter(types, &["M"]), t).expect("implements");
                assert_eq!(m.code(0), 1000);
                m.as_ptr() as usize
            });
            assert!(got.iter().all(|m| *m == got[0]));
            let mut n = 0;
            itab::iterate_itabs(&types, |_| n += 1);
            assert_eq!(n, 1);
        },
        RUNS,
    );
}

#[test]
fn negative_entries_are_seen_whole() {
    shuttle::check_random(
        || {
            let types = new_types();
            concrete(&types, "main.T", &["M"]);
            three(&types, |types| {
                let t = types.lookup_named("main.T").expect("made before");
                let (yes, no) = (inter(types, &["M"]), inter(types, &["M", "N"]));
                // A reader sees nothing, failure, or the complete itab: never a half-filled one.
                assert!(assert::assert(no, t).is_none());
                let m = assert::assert(yes, t).expect("implements");
                assert_eq!(m.code(0), 1000);
                assert_eq!(assert::probe(no, t).addr(), ASSERT_FAILS);
                assert_eq!(assert::probe(yes, t), m.as_ptr());
                assert!(itab::getitab(no, t).is_err());
                0
            });
            let mut negative = 0;
            itab::iterate_itabs(&types, |m| negative += usize::from(m.is_negative()));
            assert_eq!(negative, 1);
        },
        RUNS,
    );
}

#[test]
fn assertion_tables_grow_under_readers() {
    const NAMES: [&str; 6] = ["A", "B", "C", "D", "E", "F"];
    shuttle::check_random(
        || {
            let types = new_types();
            concrete(&types, "main.T", &["C", "F"]);
            three(&types, |types| {
                let t = types.lookup_named("main.T").expect("made before");
                for (i, name) in NAMES.into_iter().enumerate() {
                    let implements = matches!(i, 2 | 5);
                    let inter = inter(types, &[name]);
                    assert_eq!(assert::assert(inter, t).is_some(), implements);
                    assert!(!assert::probe(inter, t).is_null());
                }
                0
            });
        },
        RUNS / 4,
    );
}

#[test]
fn stubs_are_replaced_in_itabs_made_meanwhile() {
    shuttle::check_random(
        || {
            let types = new_types();
            concrete(&types, "main.T", &["M"]);
            let other = types.clone();
            let replacer = thread::spawn(move || {
                let t = other.lookup_named("main.T").expect("made before");
                itab::set_method_code(t, 0, 77, 78);
            });
            let t = types.lookup_named("main.T").expect("made before");
            let m = itab::getitab(inter(&types, &["M"]), t).expect("implements");
            assert!(matches!(m.code(0), 77 | 1000));
            replacer.join().expect("no panic");
            assert_eq!(m.code(0), 77);
        },
        RUNS,
    );
}

#[test]
fn code_that_becomes_ready_reaches_new_types_too() {
    shuttle::check_random(
        || {
            let types = new_types();
            let other = types.clone();
            let compiler = thread::spawn(move || itab::code_ready(&other, 1000, 77));
            let t = concrete(&types, "main.T", &["M"]);
            let m = itab::getitab(inter(&types, &["M"]), t).expect("implements");
            compiler.join().expect("no panic");
            let u = concrete(&types, "main.U", &["M"]);
            let n = itab::getitab(inter(&types, &["M"]), u).expect("implements");
            assert_eq!((m.code(0), n.code(0)), (77, 77));
        },
        RUNS,
    );
}

#[test]
fn one_descriptor_per_type() {
    shuttle::check_random(
        || {
            let types = new_types();
            let got = three(&types, |types| {
                let t = concrete(types, "main.T", &["M"]);
                let list = types.slice_of(types.pointer_to(t));
                let fields = [FieldDesc { name: "X", pkg_path: "", tag: "", embedded: false, typ: list }];
                let s = types.struct_of(&fields);
                // Whoever gets a descriptor gets a complete one.
                assert_eq!((s.size(), s.align(), t.methods().len()), (24, 8, 1));
                assert_eq!(t.ptr_to_this(), Some(types.pointer_to(t)));
                s.as_ptr() as usize
            });
            assert!(got.iter().all(|s| *s == got[0]));
        },
        RUNS / 4,
    );
}

#[test]
fn the_set_itself_grows_under_readers() {
    shuttle::check_random(
        || {
            let (table, mut writer) = ptr_table::PtrTable::<u64>::new(2);
            let table = Arc::new(table);
            let at = |i: usize| (i * 8) as *mut u64;
            let hash = |p: *mut u64| (p as usize / 8 % 2) as u32;
            table.insert(&mut writer, at(1), hash);
            let reader = {
                let table = table.clone();
                thread::spawn(move || {
                    assert_eq!(table.find(hash(at(1)), |p| p == at(1)), at(1), "an old entry never disappears");
                    let seen: Vec<_> = (2..6).map(|i| !table.find(hash(at(i)), |p| p == at(i)).is_null()).collect();
                    let again: Vec<_> = (2..6).map(|i| !table.find(hash(at(i)), |p| p == at(i)).is_null()).collect();
                    assert!(seen.iter().zip(&again).all(|(s, a)| a >= s), "what was seen stays");
                })
            };
            (2..6).for_each(|i| table.insert(&mut writer, at(i), hash));
            reader.join().expect("no panic");
            (1..6).for_each(|i| assert!(!table.find(hash(at(i)), |p| p == at(i)).is_null()));
        },
        RUNS,
    );
}
