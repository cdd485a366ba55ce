//! Equality and hash of values.

use crate::types::alg::*;
use crate::types::persistent::PersistentArena;
use crate::types::{FieldDesc, TypeRef, Types};
use itab_abi::iface::Eface;
use itab_abi::types::Kind;
use itab_abi::value::GoString;
use std::sync::Arc;

fn new_types() -> Arc<Types> {
    Types::new(Box::new(PersistentArena::new()))
}

fn strukt<'t>(types: &'t Types, fields: &[(&str, TypeRef<'t>)]) -> TypeRef<'t> {
    let field = |&(name, typ)| FieldDesc { name, pkg_path: "main", tag: "", embedded: false, typ };
    types.struct_of(&fields.iter().map(field).collect::<Vec<_>>())
}

/// `==` both ways; equal values must hash alike.
fn equal<T>(t: TypeRef<'_>, x: &T, y: &T) -> Result<bool, String> {
    assert!(t.size() <= size_of::<T>());
    let (p, q) = ((&raw const *x).cast::<u8>(), (&raw const *y).cast::<u8>());
    // SAFETY: the values are at least as large as the type's and, in these tests, laid out like them.
    unsafe {
        let same = typeequal(t.as_ptr(), p, q).map_err(|e| e.uncomparable().to_string())?;
        assert_eq!(typeequal(t.as_ptr(), q, p).map_err(|e| e.uncomparable().to_string())?, same);
        if same {
            let hash = |p| typehash(t.as_ptr(), p, 7).expect("hashable");
            assert_eq!(hash(p), hash(q), "equal values of {t} hash alike");
        }
        Ok(same)
    }
}

fn string(s: &'static str) -> GoString {
    GoString { ptr: s.as_ptr(), len: s.len() }
}

#[test]
fn floats_and_complex() {
    let types = new_types();
    let (f32t, f64t) = (types.basic(Kind::Float32), types.basic(Kind::Float64));
    assert_eq!(equal(f64t, &0.0f64, &-0.0), Ok(true));
    assert_eq!(equal(f64t, &f64::NAN, &f64::NAN), Ok(false));
    assert_eq!(equal(f32t, &1.5f32, &1.5), Ok(true));
    let c = types.basic(Kind::Complex128);
    assert_eq!(equal(c, &[0.0, 1.0f64], &[-0.0, 1.0]), Ok(true));
    assert_eq!(equal(c, &[0.0, 1.0f64], &[0.0, 2.0]), Ok(false));
    let pair = types.array_of(2, f32t);
    assert_eq!(equal(pair, &[0.0f32, 1.0], &[-0.0, 1.0]), Ok(true));
    let value = f64::NAN;
    // SAFETY: a float64 each time.
    let nan = || unsafe { typehash(f64t.as_ptr(), (&raw const value).cast(), 1) }.expect("hashable");
    assert_ne!(nan(), nan());
}

#[test]
fn blanks_and_padding_do_not_count() {
    let types = new_types();
    let (int, byte) = (types.basic(Kind::Int), types.basic(Kind::Uint8));
    let blank = strukt(&types, &[("_", int), ("a", int)]);
    assert_eq!(equal(blank, &[1u64, 5], &[2, 5]), Ok(true));
    assert_eq!(equal(blank, &[1u64, 5], &[1, 6]), Ok(false));
    let padded = strukt(&types, &[("a", byte), ("b", int)]);
    assert_eq!(equal(padded, &[0x1101u64, 5], &[0x2201, 5]), Ok(true));
    assert!(!is_regular_memory(padded) && is_regular_memory(types.array_of(3, byte)));
}

#[test]
fn strings_and_long_arrays() {
    let types = new_types();
    let s = types.basic(Kind::String);
    let copy: String = "hello".into();
    let copied = GoString { ptr: copy.as_ptr(), len: 5 };
    assert_eq!(equal(s, &string("hello"), &copied), Ok(true));
    assert_eq!(equal(s, &string("hello"), &string("hellO")), Ok(false));
    let pair = strukt(&types, &[("s", s), ("n", types.basic(Kind::Int32))]);
    let many = types.array_of(20, pair);
    #[repr(C)]
    #[derive(Clone, Copy)]
    struct Row(GoString, u64);
    #[repr(C)]
    struct Then([Row; 20], u64);
    let row = |last: u64| {
        let mut all = [Row(string("abc"), 1); 20];
        all[19].1 = last;
        all
    };
    assert_eq!(equal(many, &row(1), &row(1 | 9 << 40)), Ok(true), "padding differs");
    assert_eq!(equal(many, &row(1), &row(2)), Ok(false));
    let then = strukt(&types, &[("many", many), ("x", types.basic(Kind::Int))]);
    assert_eq!(equal(then, &Then(row(1), 4), &Then(row(1), 4)), Ok(true));
    assert_eq!(equal(then, &Then(row(1), 4), &Then(row(1), 5)), Ok(false));
}

#[test]
fn interfaces_compare_types_first() {
    let types = new_types();
    let any = types.interface_of(&[]);
    let (int, uint) = (types.basic(Kind::Int), types.basic(Kind::Uint));
    let slice = types.slice_of(int);
    let value = 5u64;
    let eface = |t: TypeRef<'_>| Eface { typ: t.as_ptr(), data: (&raw const value).cast_mut().cast() };
    let nil = Eface { typ: std::ptr::null(), data: std::ptr::null_mut() };
    let (map, func) = (types.map_of(int, int), types.func_of(&[], &[], false));
    assert_eq!(equal(any, &eface(int), &eface(int)), Ok(true));
    assert_eq!(equal(any, &eface(int), &eface(uint)), Ok(false));
    assert_eq!(equal(any, &nil, &nil), Ok(true));
    assert_eq!(equal(any, &nil, &eface(slice)), Ok(false));
    assert_eq!(equal(any, &eface(map), &eface(func)), Ok(false), "different uncomparable types");
    let e = equal(any, &eface(slice), &eface(slice)).expect_err("panics");
    assert_eq!(e, "runtime error: comparing uncomparable type []int");
}

#[test]
fn a_panic_waits_for_what_stands_before_it() {
    let types = new_types();
    let (any, int) = (types.interface_of(&[]), types.basic(Kind::Int));
    let t = strukt(&types, &[("a", int), ("i", any), ("b", int)]);
    #[repr(C)]
    struct Value(u64, Eface, u64);
    let slice = Eface { typ: types.slice_of(int).as_ptr(), data: std::ptr::null_mut() };
    assert_eq!(equal(t, &Value(1, slice, 1), &Value(2, slice, 1)), Ok(false));
    assert!(equal(t, &Value(1, slice, 1), &Value(1, slice, 2)).is_err());
}

#[test]
fn direct_values_compare_their_word() {
    let types = new_types();
    let blank = strukt(&types, &[("_", types.pointer_to(types.basic(Kind::Int)))]);
    assert!(blank.is_direct_iface());
    assert_eq!(equal(blank, &1u64, &2u64), Ok(true));
    let word = |n: usize| n as *const u8;
    // SAFETY: direct words are not followed.
    let eq = |x, y| unsafe { efaceeq(blank.as_ptr(), word(x), word(y)) }.expect("comparable");
    assert!(!eq(1, 2) && eq(2, 2));
}

#[test]
fn types_are_part_of_interface_hashes() {
    let types = new_types();
    let value = 5u64;
    let hash = |kind| {
        let typ = types.basic(kind).as_ptr();
        let e = Eface { typ, data: (&raw const value).cast_mut().cast() };
        // SAFETY: a value of each of these types.
        unsafe { efacehash(e, 3) }.expect("hashable")
    };
    assert_ne!(hash(Kind::Int64), hash(Kind::Uint64));
    assert_eq!(hash(Kind::Int64), hash(Kind::Int64));
}

#[test]
fn map_flags_and_hashers() {
    let types = new_types();
    let any = types.interface_of(&[]);
    let s = strukt(&types, &[("a", types.basic(Kind::Int)), ("b", any)]);
    assert!(hash_might_panic(s) && need_key_update(s));
    assert!(!hash_might_panic(types.basic(Kind::String)) && need_key_update(types.basic(Kind::Float32)));
    assert!(!need_key_update(types.pointer_to(s)));
    assert_eq!(hash_func(&types, types.basic(Kind::Int)), hash_func(&types, types.basic(Kind::Uint64)));
}

#[test]
fn interfaces_nest_without_bound() {
    // Recursion would need more stack than this thread has.
    let small = std::thread::Builder::new().stack_size(128 << 10);
    small.spawn(compare_long_lists).expect("a thread").join().expect("no overflow");
}

fn compare_long_lists() {
    #[repr(C)]
    struct Node {
        next: Eface,
        value: u64,
    }
    const DEEP: usize = if cfg!(miri) { 500 } else { 4_000 };
    let types = new_types();
    let any = types.interface_of(&[]);
    let node = strukt(&types, &[("next", any), ("value", types.basic(Kind::Int))]);
    let list = |last: u64| {
        let mut all: Vec<Node> = Vec::with_capacity(DEEP);
        let mut next = Eface { typ: std::ptr::null(), data: std::ptr::null_mut() };
        for i in 0..DEEP {
            all.push(Node { next, value: if i == 0 { last } else { 7 } });
            // SAFETY: inside the reserved memory, which does not move.
            next = Eface { typ: node.as_ptr(), data: unsafe { all.as_mut_ptr().add(i) }.cast() };
        }
        (all, next)
    };
    let ((_a, x), (_b, y), (_c, z)) = (list(1), list(1), list(2));
    assert_eq!(equal(any, &x, &y), Ok(true));
    assert_eq!(equal(any, &x, &z), Ok(false));
}

#[test]
fn arrays_of_interfaces_in_loops() {
    let types = new_types();
    let any = types.interface_of(&[]);
    let int = types.basic(Kind::Int);
    let inner = types.array_of(12, any);
    let outer = types.array_of(3, strukt(&types, &[("a", inner), ("n", int)]));
    let numbers: Vec<u64> = (0..36).collect();
    let same_numbers = numbers.clone();
    #[repr(C)]
    #[derive(Clone, Copy)]
    struct Part([Eface; 12], u64);
    let value = |from: &Vec<u64>| -> [Part; 3] {
        let eface = |i: usize| Eface { typ: int.as_ptr(), data: (&raw const from[i]).cast_mut().cast() };
        std::array::from_fn(|i| Part(std::array::from_fn(|j| eface(12 * i + j)), i as u64))
    };
    let (x, y) = (value(&numbers), value(&same_numbers));
    assert_eq!(equal(outer, &x, &y), Ok(true));
    let mut z = y;
    z[2].0[11] = z[2].0[10];
    assert_eq!(equal(outer, &x, &z), Ok(false));
    z = y;
    z[1].1 = 9;
    assert_eq!(equal(outer, &x, &z), Ok(false));
}
