//! The text of functions after all passes, built from `tests/passes/*.go`, compared with the `.ir` file beside each;
//! `BLESS=1` rewrites them. A first line `// passes: -x` switches passes off, so that a picture shows one of them.

mod common;

use common::world;
use itab_ir::World;
use itab_ir::driver::build;
use itab_ir::passes::Switches;
use itab_ir::print::print_func;
use itab_types::ObjKind;
use std::path::Path;

/// All functions of the package that are not methods, with those inside them.
fn print_all(w: &mut World) -> String {
    let main = w.store.package("main").expect("checked");
    let mut out = vec![];
    for obj in w.store.pkg(main).objects.clone() {
        let o = w.store.obj(obj);
        if !matches!(&o.kind, ObjKind::Func(f) if !f.is_method) {
            continue;
        }
        let name = w.store.text(o.name).to_string();
        let id = w.func_by_name("main", &name).expect("declared");
        let built = build(w, id).unwrap_or_else(|e| panic!("{name}: {e}"));
        for f in &built.funcs {
            let errors = itab_ir::sanity::check(&w.program, f);
            assert!(errors.is_empty(), "{errors:?}");
            out.push(print_func(&w.program, f));
        }
    }
    out.join("\n")
}

fn check(name: &str) {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/passes");
    let text = std::fs::read_to_string(dir.join(format!("{name}.go"))).expect("the test's source");
    let mut w = world(&format!("{name}.go"), &text);
    if let Some(options) = text.lines().next().and_then(|l| l.strip_prefix("// passes: ")) {
        w.driver.switches = Switches::parse(options).expect("passes");
    }
    let have = print_all(&mut w);
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

macro_rules! pictures {
    ($($name:ident)*) => { $(#[test] fn $name() { check(stringify!($name)); })* };
}

pictures! { fold combine inline devirtualise thread escape loads asserts checks preempt latch returns }
