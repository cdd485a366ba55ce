//! What can go wrong, of three kinds: the source is wrong ([`LoadError`]), the Go program panics or is ended, or the host
//! misuses the API ([`Error`]).

use std::fmt;
use std::sync::Arc;

/// Why a program could not be loaded.
#[derive(Debug, Clone, thiserror::Error)]
pub enum LoadError {
    /// The source is wrong.
    #[error("{}", first(.0))]
    Source(Vec<Diagnostic>),
    /// Source or the standard library could not be found or read.
    #[error("{0}")]
    NotFound(String),
    /// The program needs Go's standard library, nobody said where it is, and there is no Go 1.27 where it is looked for. The
    /// text says where that was and how to get one.
    #[error("{0}")]
    NoGo(String),
    /// A saved program is damaged or comes from another version.
    #[error("saved program: {0}")]
    Saved(String),
    /// The system refused memory.
    #[error("no memory for a program: {0}")]
    Memory(String),
    /// A switch of the compiler's passes means nothing: see [`crate::EngineBuilder::passes`].
    #[error("passes: {0}")]
    Passes(String),
    /// A part of Go that itab does not compile yet.
    #[error("{0}")]
    Unsupported(String),
}

fn first(diagnostics: &[Diagnostic]) -> String {
    match diagnostics {
        [] => "wrong source".into(),
        [d] => d.to_string(),
        [d, rest @ ..] => format!("{d} (and {} more)", rest.len()),
    }
}

/// How bad a diagnostic is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// The program cannot be compiled.
    Error,
    /// It can.
    Warning,
}

/// What is wrong with the source, in gc's words and at gc's position.
#[derive(Debug, Clone)]
pub struct Diagnostic {
    /// File as it was named.
    pub file: String,
    /// Line from 1.
    pub line: u32,
    /// Column in bytes from 1.
    pub column: u32,
    /// Byte offset of the place in the file.
    pub offset: u32,
    /// Byte offset of its end.
    pub end: u32,
    /// How bad it is.
    pub severity: Severity,
    /// Name of the kind of error, as go/types has it.
    pub code: String,
    /// The message.
    pub message: String,
    /// The file's text, for showing the line.
    pub source: Option<Arc<str>>,
    /// Other places that belong to it.
    pub related: Vec<Related>,
}

/// Another place that belongs to a diagnostic.
#[derive(Debug, Clone)]
pub struct Related {
    /// File as it was named.
    pub file: String,
    /// Line from 1.
    pub line: u32,
    /// Column in bytes from 1.
    pub column: u32,
    /// What is there.
    pub message: String,
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: {}", self.file, self.line, self.column, self.message)
    }
}

/// Why Go code did not return, or a call of the API made no sense.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A Go panic that nothing recovered. The isolate can go on.
    #[error("{0}")]
    Panic(Panic),
    /// The goroutine that the host called into ended by `runtime.Goexit`.
    #[error("runtime.Goexit ended the goroutine that the host called")]
    Goexit,
    /// The program called `os.Exit`.
    #[error("the program ended with status {0}")]
    Exit(i32),
    /// Go's own unrecoverable error (deadlock, stack overflow, concurrent misuse): the isolate has ended. The text is
    /// what Go would print.
    #[error("{}", .0.trim_end())]
    Fatal(String),
    /// The isolate was killed by the host.
    #[error("the isolate was killed")]
    Killed,
    /// The isolate's deadline passed.
    #[error("the isolate's deadline passed")]
    Deadline,
    /// The isolate's memory limit was exceeded.
    #[error("out of memory: {0}")]
    Memory(String),
    /// There is no such function.
    #[error("no function {name}; the following are defined: {}", .defined.join(", "))]
    NoSuchFunc {
        /// The name that was asked for.
        name: String,
        /// What there is in that package.
        defined: Vec<String>,
    },
    /// A Rust type does not fit the Go type.
    #[error("{what} is {go}, which {rust} does not fit{}", hint(.wanted))]
    Type {
        /// Which parameter, result or value.
        what: String,
        /// Its Go type.
        go: String,
        /// The Rust type that was given or asked for.
        rust: &'static str,
        /// Rust types that fit.
        wanted: &'static str,
    },
    /// A call with the wrong number of arguments or results.
    #[error("{what} has {go} {kind}, not {rust}")]
    Count {
        /// The function.
        what: String,
        /// `arguments` or `results`.
        kind: &'static str,
        /// How many it has.
        go: usize,
        /// How many were given or asked for.
        rust: usize,
    },
    /// A Go string is not UTF-8, which a `String` has to be.
    #[error("a Go string is not UTF-8 after {valid} bytes; take it as Vec<u8>")]
    Utf8 {
        /// How many of its bytes are.
        valid: usize,
    },
    /// A root was opened in another isolate, or its isolate is gone.
    #[error("the root belongs to another isolate, or its isolate is gone")]
    Root,
    /// Go called host functions on another thread which called Go and have not returned; only that thread can go on with
    /// the isolate.
    #[error("goroutines of the isolate wait in host functions that another thread runs")]
    Thread,
    /// A host function failed.
    #[error("{0}")]
    Host(String),
    /// A bug in itab.
    #[error("internal error: {0}")]
    Internal(String),
}

fn hint(wanted: &str) -> String {
    if wanted.is_empty() { String::new() } else { format!("; use {wanted}") }
}

/// A Go panic that nothing recovered.
#[derive(Debug, Clone)]
pub struct Panic {
    pub(crate) message: String,
    pub(crate) report: String,
    /// Tells panics apart, so that a host function that returns one passes on the Go value.
    pub(crate) token: u64,
}

impl Panic {
    /// The value's text, as Go prints it after `panic: `.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// All that Go prints: the panics, `goroutine 1 [running]:` and the calls.
    pub fn report(&self) -> &str {
        &self.report
    }
}

impl fmt::Display for Panic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "panic: {}", self.message)
    }
}
