//! ABI.md against the code: its tables of layouts and entry points are written by this test (`BLESS=1`), and every module
//! that it names exists.

use itab_abi::block::{CELLS, GLOBALS, IsolateBlock};
use itab_abi::iface::Itab;
use itab_abi::runtime_fns::{EntryKind, Operand, RuntimeFn};
use itab_abi::types::LAYOUTS;
use std::fmt::Write;
use std::mem::offset_of;
use std::path::Path;

fn row(out: &mut String, name: &str, size: usize, fields: &[(&str, usize)]) {
    let fields: Vec<_> = fields.iter().map(|(field, at)| format!("{field} {at}")).collect();
    let _ = writeln!(out, "| `{name}` | {size} | {} |", fields.join(", "));
}

fn tables() -> String {
    let mut out = "\n| struct | bytes | fields and their offsets |\n|--|--|--|\n".to_string();
    macro_rules! offsets {
        ($t:ty, $($field:ident)*) => { &[$((stringify!($field), offset_of!($t, $field))),*] };
    }
    let block = offsets!(IsolateBlock, stack_limit preempt g defer panic go_sp go_fp args kept ret isolate);
    row(&mut out, "IsolateBlock", size_of::<IsolateBlock>(), block);
    row(&mut out, "Itab", size_of::<Itab>(), offsets!(Itab, inter typ hash fun));
    LAYOUTS.iter().for_each(|&(name, size, fields)| row(&mut out, name, size, fields));
    let _ =
        writeln!(out, "\nThe cells lie at {CELLS}, the package variables at {GLOBALS} behind the block's address.\n");
    out.push_str("| entry point | entered by | operands | results |\n|--|--|--|--|\n");
    for f in RuntimeFn::ALL {
        let how = match f.entry() {
            EntryKind::Call => "call",
            EntryKind::Slow => "slow",
            EntryKind::Keep => "keep",
        };
        let list =
            |all: &[Operand]| all.iter().map(|o| format!("{} {:?}", o.name, o.ty)).collect::<Vec<_>>().join(", ");
        let _ = writeln!(out, "| `{}` | {how} | {} | {} |", f.name(), list(f.params()), list(f.results()));
    }
    out.push('\n');
    out
}

#[test]
fn tables_are_those_of_the_code() {
    const START: &str = "<!-- generated: layouts and entry points -->\n";
    const END: &str = "<!-- end -->\n";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("ABI.md");
    let page = std::fs::read_to_string(&path).expect("ABI.md");
    let (head, rest) = page.split_once(START).expect("the start of the generated part");
    let (have, tail) = rest.split_once(END).expect("its end");
    let want = tables();
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, [head, START, &want, END, tail].concat()).expect("written");
        return;
    }
    assert!(have == want, "ABI.md is not what the code says; BLESS=1 renews it");
}

#[test]
fn modules_it_names_exist() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = std::fs::read_to_string(dir.join("ABI.md")).expect("ABI.md");
    let headings = page.lines().filter(|l| l.starts_with("## "));
    let named = headings.flat_map(|l| l.split('`').skip(1).step_by(2));
    let missing: Vec<_> = named.filter(|m| !dir.join(format!("src/{m}.rs")).exists()).collect();
    assert!(missing.is_empty(), "ABI.md names modules that do not exist: {missing:?}");
}
