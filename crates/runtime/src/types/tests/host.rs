//! Types of the host: who is asked for code, and what is known of them afterwards.

use crate::types::assert::*;
use crate::types::host::*;
use crate::types::itab::*;
use crate::types::persistent::PersistentArena;
use crate::types::{IMethodDesc, Pkg, TypeRef, Types, decode_name};
use itab_abi::types::{ASSERT_CASE_MASK, ASSERT_FAILS, Kind, StructType};
use std::sync::{Arc, Mutex, Weak};

/// Has `Get` for any func type with one parameter, `Len` for `func() int` and `func() int64`; notes what it is asked, and
/// takes the lock of the itabs, as a compiler does.
struct Store {
    types: Weak<Types>,
    asked: Mutex<Vec<String>>,
}

impl Store {
    fn answer(&self, name: &str, mtyp: TypeRef<'_>, code: usize) -> Option<usize> {
        self.asked.lock().unwrap().push(format!("{name} {mtyp}"));
        take_lock(&self.types.upgrade().expect("alive while it asks"));
        match (name, mtyp.string()) {
            ("Get", _) => (mtyp.signature().0.len() == 1).then_some(code + mtyp.signature().1.len()),
            ("Len", "func() int") => Some(code + 10),
            ("Len", "func() int64") => Some(code + 11),
            _ => None,
        }
    }

    fn take_asked(&self) -> Vec<String> {
        std::mem::take(&mut *self.asked.lock().unwrap())
    }
}

/// Needs the lock of the itabs.
fn take_lock(types: &Types) {
    switch_cases(types, &[]);
}

impl HostMethods for Store {
    fn method(&self, name: &str, mtyp: TypeRef<'_>) -> Option<usize> {
        self.answer(name, mtyp, 1000)
    }

    fn function(&self, name: &str, mtyp: TypeRef<'_>) -> Option<usize> {
        self.answer(name, mtyp, 2000)
    }
}

fn func<'t>(types: &'t Types, ins: &[Kind], outs: &[Kind]) -> TypeRef<'t> {
    let list = |kinds: &[Kind]| kinds.iter().map(|&k| types.basic(k)).collect::<Vec<_>>();
    types.func_of(&list(ins), &list(outs), false)
}

fn inter<'t>(types: &'t Types, methods: &[(&'static str, TypeRef<'t>)]) -> TypeRef<'t> {
    let pkg = Pkg { path: "main", name: "main" };
    let methods: Vec<_> = methods.iter().map(|&(name, typ)| IMethodDesc { name, pkg, typ }).collect();
    types.interface_of(&methods)
}

fn store(key: &str, types: &Arc<Types>) -> (Arc<Store>, usize) {
    let host = Arc::new(Store { types: Arc::downgrade(types), asked: Mutex::default() });
    let (get, len) = (func(types, &[Kind::String], &[Kind::String]), func(types, &[], &[Kind::Int64]));
    let methods = [("Get", get), ("Len", len)];
    let mut batch = types.batch();
    let decl = HostDecl { key, name: "kv.Store", pkg_path: "host/kv", methods: &methods, host: host.clone() };
    let t = batch.host_type(&decl);
    batch.commit();
    (host, t.as_ptr().addr())
}

fn at<'t>(_: &'t Types, addr: usize) -> TypeRef<'t> {
    // SAFETY: `store` made the descriptor in this interner.
    unsafe { TypeRef::from_ptr(addr as *const _) }
}

fn new_types() -> Arc<Types> {
    Types::new(Box::new(PersistentArena::new()))
}

#[test]
fn the_host_is_asked_once_for_each_interface() {
    let types = new_types();
    let (host, t) = store("a", &types);
    let t = at(&types, t);
    assert_eq!((t.string(), t.kind(), t.elem().map(TypeRef::size)), ("*kv.Store", Kind::Pointer, Some(8)));
    assert!(t.elem().is_some_and(|e| e.ptr_bytes() == 0 && !e.is_host()) && t.is_host());
    let get = func(&types, &[Kind::Int], &[Kind::Bool, Kind::Bool]);
    let i = inter(&types, &[("Len", func(&types, &[], &[Kind::Int])), ("Get", get)]);
    let m = getitab(i, t).expect("implements");
    assert_eq!((m.code(0), m.code(1)), (1002, 1010));
    assert_eq!(host.take_asked(), ["Get func(int) (bool, bool)", "Len func() int"]);
    assert_eq!((assert(i, t), probe(i, t)), (Some(m), m.as_ptr()));
    assert_eq!(getitab_ok(i, t), Some(m));
    assert!(implements(i, t));
    assert_eq!(host.take_asked(), [""; 0]);
}

#[test]
fn failures_are_kept_and_say_why() {
    let types = new_types();
    let (host, t) = store("a", &types);
    let t = at(&types, t);
    let wrong = inter(&types, &[("Len", func(&types, &[], &[Kind::String]))]);
    for _ in 0..2 {
        assert!(assert(wrong, t).is_none() && !implements(wrong, t));
    }
    assert_eq!(probe(wrong, t).addr(), ASSERT_FAILS);
    assert_eq!(host.take_asked(), ["Len func() string"]);
    assert_eq!(
        getitab(wrong, t).expect_err("another type").to_string(),
        "interface conversion: *kv.Store is not interface { Len() string } (wrong type for method Len)\n\
         \t\thave Len() int64\n\t\twant Len() string"
    );
    let missing = inter(&types, &[("Get", func(&types, &[Kind::Int], &[])), ("Set", func(&types, &[], &[]))]);
    assert_eq!(
        getitab(missing, t).expect_err("no Set").to_string(),
        "interface conversion: *kv.Store is not interface { Get(int); Set() }: missing method Set"
    );
    host.take_asked();
    let hidden = inter(&types, &[("get", func(&types, &[Kind::Int], &[]))]);
    assert!(getitab_ok(hidden, t).is_none());
    assert_eq!(host.take_asked(), [""; 0], "names that are not exported are Go's alone");
}

#[test]
fn switches_ask_before_they_lock() {
    let types = new_types();
    let (_, t) = store("a", &types);
    let t = at(&types, t);
    let int = inter(&types, &[("Len", func(&types, &[], &[Kind::Int]))]);
    let text = inter(&types, &[("Len", func(&types, &[], &[Kind::String]))]);
    let cases = switch_cases(&types, &[text, int]);
    // SAFETY: made for this program.
    let entry = unsafe { switch(cases, t) };
    let itab = getitab(int, t).expect("implements").as_ptr().addr();
    assert_eq!((entry & ASSERT_CASE_MASK, entry & !ASSERT_CASE_MASK), (1, itab));
}

#[test]
fn reflection_gets_code_when_it_asks() {
    let types = new_types();
    let (host, t) = store("a", &types);
    let t = at(&types, t);
    let methods: Vec<&str> = t.methods().iter().map(|m| types.name(m.name).text).collect();
    assert_eq!(methods, ["Get", "Len"]);
    let m = &t.methods()[1];
    assert_eq!((types.resolve_text_off(m.ifn), resolve_text(t, m.ifn), resolve_text(t, m.tfn)), (0, 1011, 2011));
    assert_eq!((resolve_text(t, m.ifn), types.resolve_text_off(m.ifn)), (1011, 1011));
    assert_eq!(host.take_asked(), ["Len func() int64"; 2]);
}

#[test]
fn types_of_one_name_are_kept_apart() {
    let types = new_types();
    let ((first, a), (_, b)) = (store("a", &types), store("b", &types));
    assert_ne!(a, b);
    let (_, again) = store("a", &types);
    assert_eq!(a, again);
    let (a, b) = (at(&types, a), at(&types, b));
    assert_eq!(a.string(), b.string());
    // SAFETY: the elements are struct types of one field, whose package has an encoded path.
    let package = |t: TypeRef<'_>| unsafe { decode_name((*t.elem().unwrap().cast::<StructType>()).pkg_path).text };
    assert_eq!((package(a), package(b)), ("a", "b"), "package reflect converts neither to the other");
    let i = inter(&types, &[("Len", func(&types, &[], &[Kind::Int]))]);
    assert!(getitab_ok(i, a).is_some() && getitab_ok(i, a) != getitab_ok(i, b));
    assert_eq!(first.take_asked().len(), 1);
}

#[test]
fn a_batch_that_is_dropped_keeps_no_type() {
    let types = new_types();
    let host = Arc::new(Store { types: Weak::new(), asked: Mutex::default() });
    let mut batch = types.batch();
    batch.host_type(&HostDecl { key: "a", name: "kv.S", pkg_path: "kv", methods: &[], host: host.clone() });
    drop(batch);
    assert!(types.lookup_named("a").is_none());
    assert_eq!(Arc::strong_count(&host), 1);
}

#[test]
fn interfaces_implement_interfaces() {
    let types = new_types();
    let f = func(&types, &[], &[]);
    let i = inter(&types, &[("A", f), ("B", f), ("c", f)]);
    let other = Pkg { path: "x/other", name: "other" };
    let foreign = types.interface_of(&[IMethodDesc { name: "c", pkg: other, typ: f }]);
    let wrong = inter(&types, &[("B", func(&types, &[Kind::Int], &[]))]);
    for (want, yes) in [(inter(&types, &[("A", f), ("c", f)]), true), (foreign, false), (wrong, false), (i, true)] {
        assert_eq!(implements(want, i), yes, "{want}");
    }
    assert!(implements(inter(&types, &[]), i) && !implements(types.basic(Kind::Int), i));
    assert!(!implements(i, inter(&types, &[("A", f), ("c", f)])));
}
