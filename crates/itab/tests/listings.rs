//! Machine code of the operations on interfaces, closures and method values.
//!
//! `tests/asm/listings.go` has a function for each; `listings.asm` beside it has the disassembly of its finished code
//! (`BLESS=1` rewrites it). The instructions on the hit path are counted and compared with gc's.
//!
//! The hit path is the shortest one from the entry to a return that calls no function of the runtime, or, where all do,
//! the shortest; the last case of a switch, not that of a nil interface. What is called counts as one. Prologue and stack
//! check count too. gc's numbers are those of `go tool objdump` for the same functions, counted in the same way.

use itab::{Engine, Stage};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

/// Function, an instruction that tells the hit path from shorter ones, most instructions that are allowed, gc's, and why
/// ours are more where they are.
const BOUNDS: [(&str, &str, usize, usize, &str); 21] = [
    ("upcast_to_any", "", 3, 3, ""),
    ("upcast_to_iface", "", 3, 3, ""),
    ("iface_to_any", "", 5, 5, ""),
    ("method_call", "", 10, 13, ""),
    ("assert_pointer", "", 9, 14, ""),
    ("assert_pointer_ok", "", 7, 9, ""),
    ("assert_int", "", 9, 14, ""),
    ("assert_from_iface", "", 9, 14, ""),
    ("assert_to_iface", "", 13, 22, ""),
    ("assert_to_iface_ok", "-8(%rdi)", 19, 26, ""),
    ("switch_4", "$0xe,", 14, 14, ""),
    ("switch_8", "$0x12,", 26, 14, "compares in turn; gc jumps by hash"),
    ("switch_iface", "callq   *", 20, 29, ""),
    ("box_int", "", 10, 11, ""),
    ("box_struct", "", 17, 16, "allocates inline; gc calls, which counts as one"),
    ("equal_any", "", 14, 16, ""),
    ("equal_concrete", "", 11, 16, ""),
    ("closure_call", "", 18, 14, "makes the closure on the stack; calls through a slot, which gc's linker need not"),
    ("method_value_made", "", 18, 20, ""),
    ("method_value_of_iface_made", "", 21, 24, ""),
    ("func_value_call", "", 10, 9, "keeps a frame pointer, which takes two instructions to restore"),
];

fn folder() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().and_then(Path::parent);
    root.expect("the crate lies in crates/").join("tests/asm")
}

#[test]
fn the_articles_operations_are_as_short_as_promised() {
    let source = fs::read(folder().join("listings.go")).unwrap();
    let engine = Engine::builder().file("listings.go", source).build();
    let program = engine.load(&["listings.go"]).unwrap();
    let (mut all, mut wrong) = (String::new(), String::new());
    for (name, through, most, gc, why) in BOUNDS {
        let code = program.dump(&format!("main.{name}"), Stage::Asm).unwrap();
        let ours = Code::parse(&code).hit_path(through).unwrap_or_else(|| panic!("{name} never returns:\n{code}"));
        writeln!(all, "== {name}: {ours} instructions on the hit path; gc has {gc}\n{code}").unwrap();
        if ours > most {
            writeln!(wrong, "{name}: {ours} instructions, {most} are allowed, gc has {gc}").unwrap();
        }
        assert!(most <= gc || !why.is_empty(), "{name}: the table says why it may be longer than gc's");
    }
    let golden = folder().join("listings.asm");
    if std::env::var_os("BLESS").is_some() {
        fs::write(&golden, &all).unwrap();
    }
    assert!(wrong.is_empty(), "{wrong}");
    let want = fs::read_to_string(&golden).unwrap_or_default();
    assert!(
        want == all,
        "tests/asm/listings.asm has other code; look at it, then BLESS=1 cargo test -p itab --test listings"
    );
}

/// The instructions of a listing.
struct Code {
    instructions: Vec<String>,
    /// Where labels stand.
    labels: BTreeMap<String, usize>,
}

impl Code {
    fn parse(text: &str) -> Code {
        let mut code = Code { instructions: vec![], labels: BTreeMap::new() };
        for line in text.lines() {
            let line = line.split(" ; ").next().unwrap_or_default().trim_end();
            match line.strip_suffix(':').filter(|l| !l.starts_with(' ')) {
                Some(label) => drop(code.labels.insert(label.into(), code.instructions.len())),
                // Data behind the code.
                None if line.trim().starts_with('.') => {}
                None if line.starts_with(' ') => code.instructions.push(line.trim().into()),
                None => {}
            }
        }
        code
    }

    fn hit_path(&self, through: &str) -> Option<usize> {
        self.shortest(through, false).or_else(|| self.shortest(through, true))
    }

    /// The fewest instructions from the entry to a return, on a path that has an instruction with `through` in it.
    fn shortest(&self, through: &str, runtime: bool) -> Option<usize> {
        let mut best = vec![[usize::MAX; 2]; self.instructions.len()];
        let mut queue = BinaryHeap::from([Reverse((0, 0, false))]);
        while let Some(Reverse((cost, at, passed))) = queue.pop() {
            let Some(instruction) = self.instructions.get(at) else { continue };
            let passed = passed || instruction.contains(through);
            if best[at][usize::from(passed)] <= cost {
                continue;
            }
            best[at][usize::from(passed)] = cost;
            let (op, operands) = instruction.split_once(' ').unwrap_or((instruction, ""));
            let target = self.labels.get(operands.trim()).copied();
            let mut go = |to: usize| queue.push(Reverse((cost + 1, to, passed)));
            match (op, target) {
                ("retq", _) if passed => return Some(cost + 1),
                ("retq" | "ud2", _) => {}
                ("callq", _) if !operands.contains('*') && !runtime => {}
                ("jmp", Some(to)) => go(to),
                ("jmp", None) => {}
                (_, Some(to)) => {
                    go(to);
                    go(at + 1);
                }
                _ => go(at + 1),
            }
        }
        None
    }
}

#[test]
fn paths_are_counted() {
    let code = Code::parse(
        "f:   ; place\n    testq   %rdi, %rdi   ; f.go:1 if x\n    je      L2\nL1:\n    movq    %rdi, %rax\n    retq\n\
         L2:\n    callq   runtime.f\n    jmp     L1\n    .byte   0xcc\n",
    );
    assert_eq!((code.shortest("", false), code.shortest("call", true)), (Some(4), Some(6)));
    let slow = Code::parse("f:\n    callq   runtime.f\n    retq\n");
    assert_eq!((slow.shortest("", false), slow.hit_path("")), (None, Some(2)));
}
