//! Texts of run-time errors against real Go's (golden/panics.go and what it printed).

use itab_abi::iface::{Eface, Iface};
use itab_abi::runtime_fns::BoundsCode;
use itab_abi::types::{Kind, Type};
use itab_runtime::types::errors::{self, RuntimeError};
use itab_runtime::types::persistent::PersistentArena;
use itab_runtime::types::{FieldDesc, IMethodDesc, MethodDesc, NamedDecl, Pkg, TypeRef, Types};
use itab_runtime::types::{alg, iface};
use std::collections::HashMap;

const GOLDEN: &str = include_str!("golden/panics.txt");

/// The types of the Go program.
struct World<'t> {
    types: &'t Types,
}

impl<'t> World<'t> {
    fn named(&self, key: &str, name: &str, pkg: &str, u: TypeRef<'t>, methods: &[&str], ptr: &[&str]) -> TypeRef<'t> {
        let mut b = self.types.batch();
        let f = b.func_of(&[], &[], false);
        let desc = |name| MethodDesc { name, pkg_path: pkg, mtyp: f, ifn: 1, tfn: 1 };
        let t = b.named(&NamedDecl { key, name, pkg_path: pkg, kind: u.kind(), params: 0 });
        let methods: Vec<_> = methods.iter().map(|&n| desc(n)).collect();
        let ptr: Vec<_> = ptr.iter().map(|&n| desc(n)).collect();
        b.complete_named(t, u, &methods, &ptr);
        b.commit();
        t
    }

    fn strukt(&self, fields: &[(&str, TypeRef<'t>)]) -> TypeRef<'t> {
        let field = |&(name, typ)| FieldDesc { name, pkg_path: "main", tag: "", embedded: false, typ };
        self.types.struct_of(&fields.iter().map(field).collect::<Vec<_>>())
    }

    fn inter(&self, name: &str, methods: &[(&str, TypeRef<'t>)]) -> TypeRef<'t> {
        let pkg = Pkg { path: "main", name: "main" };
        let method = |&(name, typ)| IMethodDesc { name, pkg, typ };
        let u = self.types.interface_of(&methods.iter().map(method).collect::<Vec<_>>());
        if name.is_empty() { u } else { self.named(name, name, "main", u, &[], &[]) }
    }
}

fn assertion(typ: *const Type, inter: TypeRef<'_>) -> RuntimeError {
    // SAFETY: descriptors of one interner.
    unsafe { iface::assert_e2i(inter.as_ptr(), typ) }.expect_err("does not implement")
}

/// Compares two zero values held by interfaces.
fn comparison(t: TypeRef<'_>, data: *const u8) -> RuntimeError {
    // SAFETY: `data` points to a value of the type.
    unsafe { alg::efaceeq(t.as_ptr(), data, data) }.expect_err("not comparable").uncomparable()
}

fn bounds(x: i64, signed: bool, y: i64, code: BoundsCode) -> RuntimeError {
    RuntimeError::Bounds { x, signed, y, code }
}

#[test]
fn texts_are_gos() {
    let types = Types::new(Box::new(PersistentArena::new()));
    let w = World { types: &types };
    let (int, string) = (types.basic(Kind::Int), types.basic(Kind::String));
    let empty = w.strukt(&[]);
    let f = types.func_of(&[], &[], false);
    let (any, slice) = (types.interface_of(&[]), types.slice_of(int));
    let i = w.inter("main.I", &[("M", f)]);
    let j = w.inter("main.J", &[("B", f), ("A", f), ("b", f)]);
    let stringer = {
        let to_string = types.func_of(&[], &[string], false);
        let u = w.inter("", &[("String", to_string)]);
        w.named("fmt.Stringer", "fmt.Stringer", "fmt", u, &[], &[])
    };
    let unnamed = w.inter("", &[("X", types.func_of(&[int], &[string], false))]);
    let t = w.named("main.T", "main.T", "main", empty, &[], &[]);
    let local = w.named("main.local.T", "main.T", "main", empty, &[], &[]);
    let ptr_only = w.named("main.PtrOnly", "main.PtrOnly", "main", empty, &[], &["M"]);
    let val = w.named("main.Val", "main.Val", "main", w.strukt(&[("x", int)]), &["M"], &["M"]);
    let text = w.named("text/template.Template", "template.Template", "text/template", empty, &["M"], &["M"]);
    let html = w.named("html/template.Template", "template.Template", "html/template", empty, &["M"], &["M"]);
    let named_func = w.named("main.Named", "main.Named", "main", f, &[], &[]);
    let (slices, nested) = (w.strukt(&[("a", slice)]), w.strukt(&[("x", any)]));
    let slices_x = w.strukt(&[("x", slice)]);
    let funcs = types.array_of(1, f);
    let nil = std::ptr::null::<Type>();
    let dot = |have: *const Type, want: TypeRef<'_>, from: TypeRef<'_>| {
        errors::panicdottype_e(have, want.as_ptr(), from.as_ptr())
    };
    let zero = [0u64; 8];
    let data = zero.as_ptr().cast::<u8>();
    let holds_slice = Eface { typ: slice.as_ptr(), data: data.cast_mut().cast() };
    let holder = (&raw const holds_slice).cast::<u8>();
    // SAFETY: `data` and `holder` point to values of the types.
    let hash = |t: TypeRef<'_>, p| unsafe { alg::typehash(t.as_ptr(), p, 1) }.expect_err("not hashable").unhashable();
    let wrap = "value method main.Val.M called using nil *Val pointer";
    assert_eq!(errors::panicwrap_text("main", "Val", "M"), wrap);
    let cases = [
        ("nil any to concrete", dot(nil, int, any)),
        ("nil I to concrete", dot(nil, val, i)),
        ("nil any to I", assertion(nil, i)),
        ("nil I to any", errors::panicnildottype(any.as_ptr())),
        ("wrong concrete", dot(int.as_ptr(), string, any)),
        ("wrong concrete from I", dot(val.as_ptr(), types.pointer_to(ptr_only), i)),
        ("same name, other scope", dot(local.as_ptr(), t, any)),
        ("same name, other package", dot(text.as_ptr(), html, any)),
        ("pointer of same name, other package", dot(types.pointer_to(text).as_ptr(), types.pointer_to(html), any)),
        ("missing method", assertion(t.as_ptr(), i)),
        ("pointer method", assertion(ptr_only.as_ptr(), i)),
        ("first missing", assertion(val.as_ptr(), j)),
        ("basic lacks method", assertion(int.as_ptr(), stringer)),
        ("to unnamed interface", assertion(int.as_ptr(), unnamed)),
        ("compare slices", comparison(slice, data)),
        ("compare struct", comparison(slices, data)),
        ("compare array", comparison(funcs, data)),
        ("compare named func", comparison(named_func, data)),
        ("compare nested", comparison(nested, holder)),
        ("hash slice", hash(slice, data)),
        ("hash nested", hash(nested, holder)),
        ("hash struct", hash(slices_x, data)),
        ("nil dereference", RuntimeError::NilDereference),
        ("divide", RuntimeError::Divide),
        ("shift", RuntimeError::Shift),
        ("index", bounds(5, true, 3, BoundsCode::Index)),
        ("index negative", bounds(-1, true, 3, BoundsCode::Index)),
        ("index uint64", bounds(-1, false, 3, BoundsCode::Index)),
        ("slice alen", bounds(5, true, 3, BoundsCode::SliceAlen)),
        ("slice acap", bounds(5, true, 4, BoundsCode::SliceAcap)),
        ("slice alen negative", bounds(-1, true, 3, BoundsCode::SliceAlen)),
        ("slice b", bounds(3, true, 2, BoundsCode::SliceB)),
        ("slice b negative", bounds(-1, true, 3, BoundsCode::SliceB)),
        ("slice3 alen", bounds(5, true, 3, BoundsCode::Slice3Alen)),
        ("slice3 acap", bounds(5, true, 4, BoundsCode::Slice3Acap)),
        ("slice3 b", bounds(4, true, 2, BoundsCode::Slice3B)),
        ("slice3 c", bounds(3, true, 2, BoundsCode::Slice3C)),
        ("convert", bounds(3, true, 8, BoundsCode::Convert)),
        ("makeslice len", errors::MAKESLICE_LEN),
        ("makeslice cap", errors::MAKESLICE_CAP),
        ("nil map", errors::NIL_MAP),
        ("close nil", errors::CLOSE_NIL),
        ("close closed", errors::CLOSE_CLOSED),
        ("send closed", errors::SEND_CLOSED),
        ("makechan", errors::MAKECHAN_SIZE),
        ("panicwrap", RuntimeError::Plain(wrap)),
    ];
    let ours: HashMap<_, _> = cases.iter().map(|(name, e)| (*name, format!("{}\t{e}", e.go_type()))).collect();
    let mut seen = 0;
    for line in GOLDEN.lines() {
        let (name, want) = line.split_once('\t').expect("name, type, text");
        assert_eq!(ours.get(name).map(String::as_str), Some(want), "{name}");
        seen += 1;
    }
    assert_eq!(seen, cases.len());
}

#[test]
fn assertions_without_panics() {
    let types = Types::new(Box::new(PersistentArena::new()));
    let w = World { types: &types };
    let f = types.func_of(&[], &[], false);
    let (i, j) = (w.inter("main.I", &[("M", f)]), w.inter("main.J", &[("N", f)]));
    let t = w.named("main.T", "main.T", "main", w.strukt(&[]), &["M"], &["M"]);
    // SAFETY: descriptors of one interner.
    unsafe {
        let m = iface::assert_e2i(i.as_ptr(), t.as_ptr()).expect("implements");
        assert_eq!(iface::assert_e2i2(i.as_ptr(), t.as_ptr()), m.as_ptr());
        assert!(iface::assert_e2i2(j.as_ptr(), t.as_ptr()).is_null());
        assert!(iface::assert_e2i2(i.as_ptr(), std::ptr::null()).is_null());
        let value = Eface { typ: t.as_ptr(), data: std::ptr::null_mut() };
        let mut to = Iface { tab: std::ptr::null(), data: std::ptr::null_mut() };
        iface::iface_e2i(i.as_ptr().cast(), value, &mut to).expect("implements");
        assert_eq!(to.tab, m.as_ptr());
        assert!(iface::iface_e2i(j.as_ptr().cast(), value, &mut to).is_err());
    }
}
