//! Assertion tables: the fast path of assertions and type switches to interface types.
//!
//! What Go caches per assertion site is kept per dynamic type here: every descriptor points to an [`AssertTable`] of
//! finished assertions. An interface type gets a number, its offset in all tables, when code that asserts to it is
//! linked; so does a list of successive interface cases of a type switch. Compiled code reads the entry inline, with
//! two loads and no check of bounds: sites need no warm-up, and no lookup misses because of a hash. The slow path
//! ([`assert()`], [`switch`]) fills it.
//!
//! All tables but the empty one, which is as large as any can get, have room for all numbers. Before a number beyond
//! their size is given out, they are replaced by larger copies. Tables are permanent, entries never change once set,
//! and everything that writes holds the lock of the itabs.

use crate::sync::{Ordering, lock, schedule_point};
use crate::types::itab::{ItabRef, ItabState, add, prepare};
use crate::types::persistent::persistentalloc;
use crate::types::{TypeRef, Types};
use itab_abi::iface::Itab;
use itab_abi::types::{ASSERT_CASE_MASK, ASSERT_FAILS, AssertTable, NO_PROBE, SwitchCases, Type};
use rustc_hash::FxHashMap;
use std::ptr::{null_mut, without_provenance_mut};
use std::sync::atomic::AtomicPtr;

/// Entries of the first tables.
const MIN_ENTRIES: u32 = 4;
/// Entries of the empty table. Who gets no number does without tables.
const MAX_ENTRIES: u32 = 1 << 14;
const WORD: u32 = size_of::<usize>() as u32;

static EMPTY: [AtomicPtr<Itab>; MAX_ENTRIES as usize] = [const { AtomicPtr::new(null_mut()) }; MAX_ENTRIES as usize];

/// The table of a type that no assertion has met.
pub(crate) fn empty_assert_table() -> *mut AssertTable {
    (&raw const EMPTY).cast_mut().cast()
}

/// A [`SwitchCases`] that is known.
struct Known(*const SwitchCases);

// SAFETY: they are permanent and never change.
unsafe impl Send for Known {}

/// What the lock of the itabs protects.
pub(crate) struct Asserts {
    /// The next number. Number 0 is no number: its entry is nil in all tables.
    next: u32,
    /// Entries that tables have.
    capacity: u32,
    /// Types that have a table of their own, by address.
    typed: Vec<usize>,
    switches: FxHashMap<Box<[usize]>, Known>,
}

impl Default for Asserts {
    fn default() -> Asserts {
        Asserts { next: 1, capacity: MIN_ENTRIES, typed: vec![], switches: FxHashMap::default() }
    }
}

/// The itab of (`inter`, `typ`) through `typ`'s assertion table, which is filled on the way. `None` if `typ` does not
/// implement `inter`.
#[inline]
pub fn assert<'t>(inter: TypeRef<'t>, typ: TypeRef<'t>) -> Option<ItabRef<'t>> {
    let m = probe(inter, typ);
    match m.addr() {
        0 => assert_slow(inter, typ),
        ASSERT_FAILS => None,
        // SAFETY: other entries are complete itabs.
        _ => Some(unsafe { ItabRef::from_ptr(m) }),
    }
}

/// What the inline probe of compiled code finds: nothing (nil), [`ASSERT_FAILS`] or an itab's address.
#[inline]
pub fn probe(inter: TypeRef<'_>, typ: TypeRef<'_>) -> *const Itab {
    let off = inter.prefix().probe.load(Ordering::Acquire);
    schedule_point();
    // SAFETY: never nil; a table is permanent, and has room for the offset since before it was given out.
    unsafe { (*entry(typ.prefix().assert_table.load(Ordering::Acquire), off)).load(Ordering::Acquire) }
}

/// # Safety
/// `off` is the offset of an entry in the table.
unsafe fn entry(table: *mut AssertTable, off: u32) -> *const AtomicPtr<Itab> {
    // SAFETY: the caller vouches for the offset.
    unsafe { table.cast::<u8>().add(off as usize).cast() }
}

#[cold]
fn assert_slow<'t>(inter: TypeRef<'t>, typ: TypeRef<'t>) -> Option<ItabRef<'t>> {
    let types = inter.owner();
    prepare(inter, typ);
    let mut state = lock(&types.itabs.state);
    let m = add(types, &mut state, inter, typ);
    let off = number(types, &mut state.asserts, inter);
    // SAFETY: `m` is permanent and complete.
    unsafe {
        let negative = (*m).is_negative();
        let value = if negative { without_provenance_mut(ASSERT_FAILS) } else { m };
        set_entry(types, &mut state.asserts, typ, off, value);
        (!negative).then(|| ItabRef::from_ptr(m))
    }
}

/// The first of `cases` that `typ` implements, found by itabs alone.
fn first_case(
    types: &Types,
    state: &mut ItabState,
    cases: &[*const Type],
    typ: TypeRef<'_>,
) -> Option<(usize, *mut Itab)> {
    cases.iter().enumerate().find_map(|(i, &inter)| {
        // SAFETY: cases are descriptors of this program, and itabs permanent and complete.
        let (m, negative) = unsafe {
            let m = add(types, state, TypeRef::from_ptr(inter), typ);
            (m, (*m).is_negative())
        };
        (!negative).then_some((i, m))
    })
}

/// The first of the cases that `typ` implements: its itab's address plus the index of the case, or [`ASSERT_FAILS`]. The
/// entry in `typ`'s table is set.
///
/// # Safety
/// `cases` was made by [`switch_cases`] for `typ`'s program.
pub unsafe fn switch(cases: *const SwitchCases, typ: TypeRef<'_>) -> usize {
    let types = typ.owner();
    // SAFETY: as the caller says.
    let (off, list) = unsafe {
        let first = (&raw const (*cases).types).cast::<*const Type>();
        ((*cases).probe, std::slice::from_raw_parts(first, (*cases).n as usize))
    };
    for &case in list {
        // SAFETY: cases are descriptors of this program.
        prepare(unsafe { TypeRef::from_ptr(case) }, typ);
    }
    let mut state = lock(&types.itabs.state);
    let value = match first_case(types, &mut state, list, typ) {
        Some((i, m)) => m.wrapping_byte_add(i),
        None => without_provenance_mut(ASSERT_FAILS),
    };
    set_entry(types, &mut state.asserts, typ, off, value);
    value.addr()
}

/// The description of these cases of a type switch, at most [`ASSERT_CASE_MASK`] + 1 interface types with methods.
pub fn switch_cases(types: &Types, cases: &[TypeRef<'_>]) -> *const SwitchCases {
    assert!(cases.len() <= ASSERT_CASE_MASK + 1, "too many cases");
    let key: Box<[usize]> = cases.iter().map(|c| c.as_ptr().addr()).collect();
    let mut state = lock(&types.itabs.state);
    if let Some(known) = state.asserts.switches.get(&key) {
        return known.0;
    }
    let probe = new_number(types, &mut state.asserts);
    let size = size_of::<SwitchCases>() + cases.len() * size_of::<usize>();
    let p = persistentalloc(&*types.mem, size, align_of::<SwitchCases>()).cast::<SwitchCases>();
    // SAFETY: new memory for the head and so many addresses.
    unsafe {
        (&raw mut (*p).probe).write(probe);
        (&raw mut (*p).n).write(cases.len() as u32);
        let first = (&raw mut (*p).types).cast::<*const Type>();
        for (i, c) in cases.iter().enumerate() {
            first.add(i).write(c.as_ptr());
        }
    }
    state.asserts.switches.insert(key, Known(p));
    p
}

/// The byte offset of `inter`'s entry in assertion tables, which compiled code may use as a constant.
pub fn probe_offset(inter: TypeRef<'_>) -> u32 {
    let types = inter.owner();
    number(types, &mut lock(&types.itabs.state).asserts, inter)
}

/// The offset of `inter` in assertion tables, given out now if it has none.
fn number(types: &Types, asserts: &mut Asserts, inter: TypeRef<'_>) -> u32 {
    let probe = &inter.prefix().probe;
    let have = probe.load(Ordering::Relaxed);
    if have != NO_PROBE {
        return have;
    }
    let off = new_number(types, asserts);
    probe.store(off, Ordering::Release);
    off
}

fn new_number(types: &Types, asserts: &mut Asserts) -> u32 {
    if asserts.next == MAX_ENTRIES {
        return NO_PROBE;
    }
    if asserts.next == asserts.capacity {
        let old = asserts.capacity;
        asserts.capacity *= 2;
        for &typ in &asserts.typed {
            // SAFETY: the address of a descriptor of this program.
            let typ = unsafe { TypeRef::from_ptr(typ as *const Type) };
            new_table(types, typ, old, asserts.capacity);
        }
    }
    let off = asserts.next * WORD;
    asserts.next += 1;
    off
}

/// Gives `typ` a table of `capacity` entries, the first `old` of them from its present one.
fn new_table(types: &Types, typ: TypeRef<'_>, old: u32, capacity: u32) {
    let current = &typ.prefix().assert_table;
    let from = current.load(Ordering::Relaxed);
    let to = persistentalloc(&*types.mem, (capacity * WORD) as usize, align_of::<AssertTable>()).cast::<AssertTable>();
    for at in (0..old * WORD).step_by(WORD as usize) {
        // SAFETY: both tables have these entries.
        unsafe { (*entry(to, at)).store((*entry(from, at)).load(Ordering::Relaxed), Ordering::Relaxed) };
    }
    schedule_point();
    current.store(to, Ordering::Release);
}

fn set_entry(types: &Types, asserts: &mut Asserts, typ: TypeRef<'_>, off: u32, value: *mut Itab) {
    if off == NO_PROBE {
        return;
    }
    let current = &typ.prefix().assert_table;
    if current.load(Ordering::Relaxed) == empty_assert_table() {
        new_table(types, typ, 0, asserts.capacity);
        asserts.typed.push(typ.as_ptr().addr());
    }
    // SAFETY: a table of its own has room for all numbers.
    unsafe { (*entry(current.load(Ordering::Relaxed), off)).store(value, Ordering::Release) };
}
