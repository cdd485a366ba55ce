//! What the tests of the embedding API share.

use itab::{Engine, EngineBuilder, Program};
use std::path::{Path, PathBuf};

/// An engine with one file in memory, and with the Go that `$GOROOT` names or `cargo xtask setup` has got.
pub fn builder(source: &str) -> EngineBuilder {
    let workspace = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/goroot");
    let goroot = std::env::var_os("GOROOT").map_or_else(workspace, PathBuf::from);
    Engine::builder().goroot(goroot).file("test.go", source)
}

/// The program of one file.
#[allow(dead_code)]
pub fn program(source: &str) -> Program {
    load(builder(source))
}

/// The program of the file that the builder has.
pub fn load(builder: EngineBuilder) -> Program {
    builder.build().load(&["test.go"]).unwrap_or_else(|e| panic!("{e}"))
}

/// Resident size of this process in bytes.
#[allow(dead_code)]
pub fn resident() -> usize {
    let statm = std::fs::read_to_string("/proc/self/statm").expect("Linux");
    let pages: usize = statm.split_whitespace().nth(1).expect("a number").parse().expect("a number");
    pages * 4096
}
