//! Many threads on one interner: whatever they ask for, in whatever order, they get the same descriptors and itabs.

use itab_abi::types::{Kind, chan_dir};
use itab_runtime::types::assert;
use itab_runtime::types::itab;
use itab_runtime::types::persistent::{PersistentArena, charged_on_this_thread};
use itab_runtime::types::{FieldDesc, IMethodDesc, MethodDesc, NamedDecl, Pkg, TypeRef, Types};
use std::sync::{Arc, Barrier};

const THREADS: usize = 6;
const NAMED: usize = if cfg!(miri) { 4 } else { 60 };
const INTERFACES: usize = if cfg!(miri) { 4 } else { 40 };

fn named(types: &Types, i: usize) -> TypeRef<'_> {
    let key = format!("main.T{i}");
    let mut b = types.batch();
    let f = b.func_of(&[], &[], false);
    let t = b.named(&NamedDecl { key: &key, name: &key, pkg_path: "main", kind: Kind::Struct, params: 0 });
    if b.needs_completion(t) {
        let next = b.pointer_to(t);
        let u = b.struct_of(&[FieldDesc { name: "next", pkg_path: "main", tag: "", embedded: false, typ: next }]);
        let names: Vec<String> = (0..=i % 7).map(|m| format!("M{m}")).collect();
        let methods: Vec<_> = names
            .iter()
            .map(|name| MethodDesc { name, pkg_path: "main", mtyp: f, ifn: 1000 + i, tfn: 1000 + i })
            .collect();
        b.complete_named(t, u, &methods, &methods);
    }
    b.commit();
    t
}

fn inter(types: &Types, i: usize) -> TypeRef<'_> {
    let f = types.func_of(&[], &[], false);
    let names: Vec<String> = (0..=i % 10).map(|m| format!("M{m}")).collect();
    let methods: Vec<_> =
        names.iter().map(|name| IMethodDesc { name, pkg: Pkg { path: "main", name: "main" }, typ: f }).collect();
    let u = types.interface_of(&methods);
    let fields = [FieldDesc { name: "I", pkg_path: "", tag: "", embedded: false, typ: u }];
    types.struct_of(&fields);
    u
}

/// Everything one thread does; the order differs per thread.
fn work(types: &Types, seed: usize) -> Vec<usize> {
    let mut got = Vec::new();
    for i in (0..NAMED).map(|i| (i * 7 + seed * 13) % NAMED) {
        let t = named(types, i);
        let p = types.pointer_to(t);
        let shapes = [
            types.slice_of(p),
            types.map_of(t, p),
            types.array_of(i, t),
            types.chan_of(chan_dir::RECV, t),
            types.func_of(&[t, p], &[t], false),
        ];
        for j in 0..INTERFACES {
            let inter = inter(types, j);
            for typ in [t, p] {
                let implements = j % 10 <= i % 7;
                let m = assert::assert(inter, typ);
                assert_eq!(m.is_some(), implements);
                assert_eq!(m, itab::getitab_ok(inter, typ));
                if let Some(m) = m {
                    assert!((0..=j % 10).all(|k| matches!(m.code(k), c if c == 1000 + i || c == 5000 + i)));
                    got.push((i, m.as_ptr() as usize));
                }
            }
        }
        itab::set_method_code(t, 0, 5000 + i, 5000 + i);
        got.extend(shapes.map(|s| (i, s.as_ptr() as usize)));
    }
    got.sort();
    got.dedup();
    got.into_iter().map(|(_, p)| p).collect()
}

#[test]
fn everybody_gets_the_same() {
    let types = Types::new(Box::new(PersistentArena::new()));
    let before = types.bytes();
    let barrier = Arc::new(Barrier::new(THREADS));
    let threads: Vec<_> = (0..THREADS)
        .map(|seed| {
            let (types, barrier) = (types.clone(), barrier.clone());
            std::thread::spawn(move || {
                barrier.wait();
                let got = work(&types, seed);
                (got, charged_on_this_thread())
            })
        })
        .collect();
    let results: Vec<_> = threads.into_iter().map(|t| t.join().expect("no panic")).collect();
    assert!(results.iter().all(|(got, _)| *got == results[0].0));
    let charged: usize = results.iter().map(|(_, bytes)| bytes).sum();
    let grown = types.bytes() - before;
    assert!(
        charged <= grown && grown - charged < grown / 4,
        "{charged} of {grown} bytes charged; the rest is alignment"
    );
    for i in 0..NAMED {
        let t = named(&types, i);
        let m = itab::getitab(inter(&types, 0), t).expect("implements");
        assert_eq!(m.code(0), 5000 + i, "stubs were replaced in every itab");
    }
}
