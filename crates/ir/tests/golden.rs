//! The text of functions built from `tests/ir/*.go`, compared with the `.ir` file beside each; `BLESS=1` rewrites them.

mod common;

use common::world;
use itab_ir::World;
use itab_ir::op::{Callee, Op, Term};
use itab_ir::print::print_func;
use itab_ir::program::{FuncId, FuncKind};
use itab_types::ObjKind;
use std::collections::{BTreeSet, VecDeque};
use std::path::Path;

/// All functions of the package and what they refer to, in the order of their ids.
fn print_all(w: &mut World) -> String {
    let main = w.store.package("main").expect("checked");
    let mut queue = VecDeque::new();
    for obj in w.store.pkg(main).objects.clone() {
        let o = w.store.obj(obj);
        if let ObjKind::Func(f) = &o.kind
            && !f.is_method
        {
            let name = w.store.text(o.name).to_string();
            let generic = w.store.func_sig(obj).is_some_and(|s| !w.store.sig(s).tparams.is_empty());
            if !generic {
                queue.push_back(w.func_by_name("main", &name).expect("declared"));
            }
        }
    }
    let mut seen = BTreeSet::new();
    let mut texts = vec![];
    while let Some(id) = queue.pop_front() {
        let id = w.root(id);
        if w.program.func(id).kind == FuncKind::Native || !seen.insert(id) {
            continue;
        }
        let built = w.build(id).unwrap_or_else(|e| panic!("{}: {e}", w.program.func(id).name));
        for f in &built.funcs {
            let errors = itab_ir::sanity::check(&w.program, f);
            assert!(errors.is_empty(), "{errors:?}");
            texts.push((f.id, print_func(&w.program, f)));
            let mut refs: Vec<FuncId> = vec![];
            let mut dynamic = vec![];
            for b in &f.blocks {
                for i in &b.insts {
                    match &i.op {
                        Op::FuncVal(g) | Op::Call(Callee::Static(g), _) | Op::MakeClosure(g, ..) => refs.push(*g),
                        Op::MakeIface(v, _) => dynamic.push(f.ty(*v)),
                        _ => {}
                    }
                }
                if let Term::TailCall(Callee::Static(g), _) = &b.term {
                    refs.push(*g);
                }
            }
            for t in dynamic {
                refs.extend(w.method_set(t).expect("methods").into_iter().map(|m| m.ifn));
            }
            queue.extend(refs);
        }
    }
    texts.sort_by_key(|t| t.0);
    texts.into_iter().map(|t| t.1).collect::<Vec<_>>().join("\n")
}

fn check(name: &str) {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/ir");
    let text = std::fs::read_to_string(dir.join(format!("{name}.go"))).expect("the test's source");
    let have = print_all(&mut world(&format!("{name}.go"), &text));
    let golden = dir.join(format!("{name}.ir"));
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&golden, have).expect("writable");
        return;
    }
    let want = std::fs::read_to_string(&golden).unwrap_or_default();
    for (i, (h, w)) in have.lines().zip(want.lines()).enumerate() {
        assert_eq!(h, w, "{name}.ir:{}", i + 1);
    }
    assert_eq!(have.lines().count(), want.lines().count(), "{name}.ir: lines");
}

#[test]
fn order() {
    check("order");
}

#[test]
fn calls() {
    check("calls");
}

#[test]
fn control() {
    check("control");
}

#[test]
fn generic() {
    check("generic");
}

#[test]
fn building_twice_gives_the_same() {
    let text = "package main\nfunc f(n int) func() int { defer println(n); return func() int { n++; return n } }\n";
    let mut w = world("twice.go", text);
    let id = w.func_by_name("main", "f").expect("declared");
    let print = |w: &mut World| {
        let funcs = w.build(id).expect("built").funcs;
        funcs.iter().map(|f| print_func(&w.program, f)).collect::<String>()
    };
    assert_eq!(print(&mut w), print(&mut w));
}

#[test]
fn package_variables_that_are_data() {
    let text = "package main\ntype t struct { a int8; _ int; s string; p *int }\nvar n = 3\nvar x = []t{{1, 2, \"ab\", &n}, 2: {a: 9}}\nvar y = x[0].a\nfunc f() int { return n }\nvar g = f\n";
    let mut w = world("data.go", text);
    let main = w.store.package("main").expect("checked");
    w.declare_globals(&[main]).expect("laid out");
    let init = |name: &str| {
        let g = w.program.globals.iter().find(|g| &*g.name == name).expect("a variable");
        g.init.clone()
    };
    let x = init("main.x").expect("a slice of data");
    assert_eq!((x.bytes[8], x.bytes[16], x.relocs.len()), (3, 3, 1));
    assert_eq!(init("main.g").map(|g| g.relocs.len()), Some(1));
    assert!(init("main.y").is_none());
    let elems = w.program.globals.iter().find(|g| g.name.starts_with("main.x..")).expect("the array");
    let elems = elems.init.clone().expect("data");
    assert_eq!((elems.bytes[0], elems.bytes[8], elems.bytes[80]), (1, 0, 9));
}
