//! Tests that look inside: how often finished code is rewritten when much of the standard library is compiled.

use crate::Engine;
use crate::artifact::Saved;
use itab_codegen::Rewritten;
use itab_codegen::compiler::{CodegenOptions, Compiler};
use std::path::{Path, PathBuf};

/// Reaches a good part of the standard library.
const PROGRAM: &str = r#"package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
)

func main() {
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		json.NewEncoder(w).Encode(r.Header)
	})
	fmt.Println(http.ListenAndServe(os.Args[1], nil))
}
"#;

/// One of the counts.
type Count = fn(&Rewritten) -> usize;

/// What was rewritten when this was last looked at. Less than half of a number means that Cranelift's output has changed
/// and a rewriter no longer finds what it looks for; more than twice means that the numbers here are to be renewed.
const EXPECTED: [(&str, usize, Count); 7] = [
    ("functions", 22000, |r| r.functions),
    ("marks", 24500, |r| r.marks),
    ("preemption polls", 5100, |r| r.preemption_polls),
    ("stack checks", 12200, |r| r.stack_checks),
    ("frames", 6600, |r| r.frames),
    ("functions aligned for their loops", 13900, |r| r.aligned_loops),
    ("functions that begin anywhere", 8400, |r| r.hashed_starts),
];

/// Compiles everything that a program may call. Functions whose finished code is not as it should be are errors.
fn compile_all(source: &str, target: Option<&str>) -> Rewritten {
    let workspace = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/goroot");
    let goroot = std::env::var_os("GOROOT").map_or_else(workspace, PathBuf::from);
    let engine = Engine::builder().goroot(goroot).file("main.go", source).build();
    let program = engine.load(&["main.go"]).unwrap();
    let options = CodegenOptions { verify: true, target: target.map(Into::into), ..CodegenOptions::default() };
    let mut codegen = Compiler::new(options).unwrap();
    let mut state = program.0.lock();
    let (world, files) = state.origin.world_for_good().unwrap();
    Saved::complete(world, files, &mut codegen, program.0.starts.clone()).unwrap();
    let rewritten = codegen.rewritten();
    assert_eq!(rewritten.verified, rewritten.functions);
    rewritten
}

#[test]
#[cfg(target_arch = "x86_64")]
fn finished_code_of_the_standard_library_is_rewritten_and_whole() {
    let rewritten = compile_all(PROGRAM, None);
    let wrong = EXPECTED.iter().map(|(what, expected, of)| (what, expected, of(&rewritten)));
    let wrong: Vec<_> = wrong.filter(|&(_, e, n)| 2 * n <= *e || n >= 2 * e).collect();
    assert!(wrong.is_empty(), "(what, expected, found): {wrong:?}");
}

/// Code for the other processor is whole too. It is aligned; nothing else is rewritten.
#[test]
fn finished_code_for_aarch64_is_whole() {
    let source = "package main\nimport \"fmt\"\nfunc main() { fmt.Println(fmt.Sprint(1.5)) }\n";
    let rewritten = compile_all(source, Some("aarch64"));
    assert!(rewritten.functions > 1000 && rewritten.aligned_loops > 500, "{rewritten:?}");
    assert_eq!((rewritten.marks, rewritten.frames, rewritten.stack_checks), (0, 0, 0));
}
