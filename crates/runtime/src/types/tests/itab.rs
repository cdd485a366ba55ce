//! Building, finding and replacing itabs.

use crate::types::assert::*;
use crate::types::itab::*;
use crate::types::persistent::PersistentArena;
use crate::types::{FieldDesc, IMethodDesc, MethodDesc, NamedDecl, Pkg, TypeRef, Types};
use itab_abi::types::{ASSERT_CASE_MASK, ASSERT_FAILS, Kind};
use std::sync::Arc;

const MAIN: Pkg<'_> = Pkg { path: "main", name: "main" };

fn new_types() -> Arc<Types> {
    Types::new(Box::new(PersistentArena::new()))
}

fn imethod<'t>(name: &'static str, typ: TypeRef<'t>) -> IMethodDesc<'static, 't> {
    IMethodDesc { name, pkg: MAIN, typ }
}

/// `type name struct{}` with the methods, all of type func(), with code 1000, 1001, ..
fn concrete<'t>(types: &'t Types, name: &str, methods: &[&'static str]) -> TypeRef<'t> {
    let mut b = types.batch();
    let f = b.func_of(&[], &[], false);
    let decl = NamedDecl { key: name, name, pkg_path: "main", kind: Kind::Struct, params: 0 };
    let t = b.named(&decl);
    let u = b.struct_of(&[]);
    let desc = |(i, &name): (usize, &&'static str)| MethodDesc {
        name,
        pkg_path: "main",
        mtyp: f,
        ifn: 1000 + i,
        tfn: 2000 + i,
    };
    let methods: Vec<_> = methods.iter().enumerate().map(desc).collect();
    b.complete_named(t, u, &methods, &methods);
    b.commit();
    t
}

fn inter<'t>(types: &'t Types, methods: &[&'static str]) -> TypeRef<'t> {
    let f = types.func_of(&[], &[], false);
    let methods: Vec<_> = methods.iter().map(|m| imethod(m, f)).collect();
    types.interface_of(&methods)
}

#[test]
fn merge_finds_code_in_interface_order() {
    let types = new_types();
    let t = concrete(&types, "main.T", &["b", "B", "C", "A", "a"]);
    let i = inter(&types, &["a", "A", "C"]);
    let m = getitab(i, t).expect("implements");
    assert_eq!((m.code(0), m.code(1), m.code(2)), (1003, 1002, 1004));
    assert_eq!((m.hash(), m.typ(), m.inter()), (t.type_hash(), t, i));
    assert_eq!(getitab(i, t).expect("implements"), m);
    assert_eq!(assert(i, t), Some(m));
    assert_eq!(probe(i, t), m.as_ptr());
}

#[test]
fn negative_entries_and_the_first_missing_method() {
    let types = new_types();
    let t = concrete(&types, "main.T", &["A", "c"]);
    let i = inter(&types, &["A", "B", "c", "b"]);
    for _ in 0..2 {
        assert!(getitab_ok(i, t).is_none());
        let e = getitab(i, t).expect_err("lacks B and b");
        assert_eq!(
            e.to_string(),
            "interface conversion: main.T is not interface { A(); B(); main.b(); main.c() }: missing method B"
        );
    }
    assert!(assert(i, t).is_none());
    assert_eq!(probe(i, t).addr(), ASSERT_FAILS);
    let mut negative = 0;
    iterate_itabs(&types, |m| negative += usize::from(m.is_negative()));
    assert_eq!(negative, 1);
}

#[test]
fn hidden_methods_belong_to_their_package() {
    let types = new_types();
    let t = concrete(&types, "main.T", &["m"]);
    let f = types.func_of(&[], &[], false);
    let other = Pkg { path: "x/other", name: "other" };
    let i = types.interface_of(&[IMethodDesc { name: "m", pkg: other, typ: f }]);
    assert!(getitab_ok(i, t).is_none());
    assert_ne!(i, inter(&types, &["m"]));
    assert!(getitab_ok(inter(&types, &["m"]), t).is_some());
}

#[test]
fn assertion_tables_grow() {
    let types = new_types();
    let t = concrete(&types, "main.T", &["M"]);
    let f = types.func_of(&[], &[], false);
    let names: Vec<String> = (0..40).map(|i| format!("M{i}")).collect();
    let unrelated: Vec<_> =
        names.iter().map(|n| types.interface_of(&[IMethodDesc { name: n, pkg: MAIN, typ: f }])).collect();
    let i = inter(&types, &["M"]);
    assert!(assert(i, t).is_some());
    for &u in &unrelated {
        assert!(probe(u, t).is_null() && assert(u, t).is_none());
    }
    assert!(assert(i, t).is_some());
    assert_eq!(probe(i, t), assert(i, t).expect("implements").as_ptr());
}

#[test]
fn switches_find_the_first_case() {
    let types = new_types();
    let t = concrete(&types, "main.T", &["A", "B"]);
    let [a, b, c] = ["A", "B", "C"].map(|name| inter(&types, &[name]));
    let run = |cases: &[TypeRef<'_>]| {
        let cases = switch_cases(&types, cases);
        // SAFETY: made for this program.
        let (entry, again) = unsafe { (switch(cases, t), switch(cases, t)) };
        assert_eq!(entry, again);
        (entry != ASSERT_FAILS).then_some((entry & ASSERT_CASE_MASK, entry & !ASSERT_CASE_MASK))
    };
    let itab = |i| getitab(i, t).expect("implements").as_ptr().addr();
    assert_eq!(run(&[c, b, a]), Some((1, itab(b))));
    assert_eq!(run(&[a, b]), Some((0, itab(a))));
    assert_eq!(run(&[c; 8]), None);
    assert_eq!(switch_cases(&types, &[a, b]), switch_cases(&types, &[a, b]));
    assert_ne!(switch_cases(&types, &[a, b]), switch_cases(&types, &[b, a]));
}

#[test]
fn stubs_are_replaced_everywhere() {
    let types = new_types();
    let t = concrete(&types, "main.T", &["A", "B"]);
    let (ab, b) = (inter(&types, &["A", "B"]), inter(&types, &["B"]));
    let (m1, m2) = (getitab(ab, t).expect("ok"), getitab(b, t).expect("ok"));
    let index = method_index(t, "B", "").expect("has B");
    set_method_code(t, index, 77, 78);
    assert_eq!((m1.code(0), m1.code(1), m2.code(0)), (1000, 77, 77));
    assert_eq!(types.resolve_text_off(t.methods()[index].tfn), 78);
    let only_a = inter(&types, &["A"]);
    set_method_code(t, 0, 55, 0);
    assert_eq!((getitab(only_a, t).expect("ok").code(0), m1.code(0)), (55, 55));
}

#[test]
fn struct_with_recursion_and_maps() {
    let types = new_types();
    let mut b = types.batch();
    let t = b.named(&NamedDecl { key: "main.T", name: "main.T", pkg_path: "main", kind: Kind::Struct, params: 0 });
    let (p, s) = (b.pointer_to(t), b.slice_of(t));
    let m = b.map_of(b.basic(Kind::String), t);
    let field = |name, typ| FieldDesc { name, pkg_path: "main", tag: "", embedded: false, typ };
    let fields = [field("n", b.basic(Kind::Int32)), field("next", p), field("all", s), field("by", m)];
    let u = b.struct_of(&fields);
    b.complete_named(t, u, &[], &[]);
    b.commit();
    assert_eq!((t.size(), t.ptr_bytes(), m.size()), (48, 48, 8));
    assert_eq!(t.ptr_to_this(), Some(p));
    assert_eq!(types.map_of(types.basic(Kind::String), t), m);
    assert_eq!(u.string(), "struct { n int32; next *main.T; all []main.T; by map[string]main.T }");
}
