//! Declarations: order of initialisation, bodies on demand, instances, method sets, sizes, cycles.

mod util;

use itab_types::{Type, TypeId};
use util::{Checked, check, check_lazily};

fn init_order(c: &Checked) -> String {
    let s = &c.store;
    let steps = s.pkg(c.pkg).init_order.iter();
    let names = steps.map(|i| i.lhs.iter().map(|&o| s.text(s.obj(o).name)).collect::<Vec<_>>().join("+"));
    names.collect::<Vec<_>>().join(" ")
}

fn type_of(c: &Checked, name: &str) -> TypeId {
    c.store.obj_type(c.object(name))
}

const INIT: &str = "package p
var a = c + b
var b = f()
var c = 1
var d, e = g()
var _ = h.m()
var h T
type T struct{}
func (T) m() int { return i }
var i = 2
func f() int { return e }
func g() (int, int) { return c, func() int { return k }() }
var k = 3
";

#[test]
fn variables_are_initialised_after_what_they_depend_on() {
    let c = check("p.go", INIT);
    assert_eq!(c.errors(), []);
    assert_eq!(init_order(&c), "c i _ k d+e b a");
}

#[test]
fn bodies_on_demand_give_the_same_order() {
    let mut c = check_lazily(INIT);
    assert_eq!(c.errors(), []);
    assert_eq!(init_order(&c), "c i _ k d+e b a");
    let f = c.object("f");
    let (body, problems) = c.store.check_body(f).expect("a body");
    assert!(problems.0.is_empty());
    assert_eq!(body.block().list.len(), 1);
}

#[test]
fn a_bad_body_is_found_when_it_is_asked_for() {
    let mut c = check_lazily("package p\nfunc f() int { return \"\" }\n");
    assert_eq!(c.errors(), []);
    let f = c.object("f");
    let (_, problems) = c.store.check_body(f).expect("a body");
    assert_eq!(problems.0.len(), 1);
}

#[test]
fn equal_instances_are_one_type() {
    let c = check(
        "p.go",
        "package p
type G[A any] struct { a A; next *G[[]A] }
func (g G[A]) M(x A) []A { return nil }
var x G[[]byte]
var y G[[]uint8]
var z = *G[byte]{}.next
var m = x.M
",
    );
    assert_eq!(type_of(&c, "x"), type_of(&c, "y"));
    assert_eq!(type_of(&c, "x"), type_of(&c, "z"));
    assert_eq!(c.store.type_string(type_of(&c, "m")), "func(x []byte) [][]byte");
}

#[test]
fn local_types_of_generic_functions_are_instantiated_with_them() {
    let mut c = check("p.go", "package p\nfunc f[T any]() any { type L struct{ x T }; return L{} }\n");
    let f = c.object("f");
    let Type::Signature(sig) = c.store.ty(c.store.obj_type(f)) else { panic!("a function") };
    let tparams = c.store.type_list(c.store.sig(sig).tparams).to_vec();
    let local = c.store.names().intern("L");
    let mut all = (33..).map(TypeId::from_index);
    let l = all.find(|&t| c.store.type_name(t).is_some_and(|o| c.store.obj(o).name == local)).expect("L");
    let inst = c.store.substitute(l, &tparams, &[TypeId::INT]);
    assert_eq!(c.store.type_string(inst), "p.L[int]");
    let under = c.store.under(inst);
    assert_eq!(c.store.type_string(under), "struct{x int}");
    assert_eq!(c.store.substitute(l, &tparams, &[TypeId::INT]), inst);
}

#[test]
fn method_sets_have_promoted_methods() {
    let mut c = check(
        "p.go",
        "package p
type A struct{}
func (A) v() {}
func (*A) P() {}
type I interface { Q() }
type B struct { A; I; x int }
type C struct { *B }
func (C) x() {}
",
    );
    let sets = [("A", "v"), ("B", "Q v"), ("C", "P Q v x")];
    for (name, want) in sets {
        let t = type_of(&c, name);
        let set = c.store.method_set(t);
        let names: Vec<_> = set.iter().map(|m| c.store.text(c.store.obj(m.obj).name)).collect();
        assert_eq!(names.join(" "), want, "{name}");
    }
    let t = type_of(&c, "B");
    let p = c.store.new_pointer(t);
    assert_eq!(c.store.method_set(p).len(), 3);
}

#[test]
fn sizes_are_those_of_gc() {
    let mut c = check(
        "p.go",
        "package p
type A struct { a byte; b int64; c byte }
type B struct { p *int; z struct{} }
type C [3]struct { a int16; b byte }
type D struct { s string; i any; f complex64 }
",
    );
    for (name, size, align) in [("A", 24, 8), ("B", 16, 8), ("C", 12, 2), ("D", 40, 8)] {
        let t = type_of(&c, name);
        assert_eq!((c.store.sizeof(t), c.store.alignof(t)), (size, align), "{name}");
    }
}

#[test]
fn long_chains_of_declarations_take_no_stack() {
    let mut types = String::from("package p\n");
    for i in 0..4_000 {
        types.push_str(&format!("type T{i} struct {{ f T{} }}\n", i + 1));
    }
    types.push_str("type T4000 int\n");
    assert_eq!(check("p.go", &types).errors(), []);
}

#[test]
fn runaway_instantiation_ends() {
    let c = check("p.go", "package p\ntype T[P any] struct { *T[[]P] }\nvar x T[int]\nvar y = x.foo\n");
    let errors = c.errors();
    assert!(errors.iter().any(|(_, m)| m.contains("x.foo undefined")), "{errors:?}");
}

#[test]
fn a_store_can_be_shared_and_copied() {
    fn shareable<T: Send + Sync + Clone + 'static>(_: &T) {}
    let c = check("p.go", "package p\ntype T struct{ next *T }\nvar x T\n");
    shareable(&c.store);
    let mut copy = c.store.clone();
    let t = copy.new_slice(type_of(&c, "x"));
    assert_eq!(copy.type_string(t), "[]p.T");
}
