//! What the tests of the embedding API share.

use itab::{Engine, EngineBuilder, Program};

/// An engine with one file in memory.
pub fn builder(source: &str) -> EngineBuilder {
    Engine::builder().file("test.go", source)
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
