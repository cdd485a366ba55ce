//! What can go wrong, of three kinds: the source is wrong ([`LoadError`]), the Go program panics or is ended, or the host
//! misuses the API ([`Error`]).

use crate::border::GoError;
use crate::border::crossing::Cx;
use itab_runtime::sched::exit::{Exit, PanicInfo, StopReason};
use itab_runtime::sched::host_call::HostError;
use std::any::Any as StdAny;
use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

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
    /// A function of the host does not fit the declaration in Go.
    #[error("the host's function {name} is declared in Go as {go}: {why}")]
    Host {
        /// Its name.
        name: String,
        /// The declared type.
        go: String,
        /// How it does not fit.
        why: String,
    },
    /// A package of the host cannot be what Go imports.
    #[error("the host's package {path}: {why}")]
    Package {
        /// Its import path.
        path: String,
        /// What is wrong with it.
        why: String,
    },
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

/// What the API returns.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why Go code did not return, or a call of the API made no sense.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The program could not be loaded.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// The error that a Go function returned.
    #[error("{0}")]
    Go(GoError),
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
    #[error(
        "the isolate's deadline passed: IsolateOptions::call_deadline, Isolate::with_deadline or Handle::set_deadline set it"
    )]
    Deadline,
    /// The isolate's memory limit was exceeded.
    #[error("out of memory: {0} (IsolateOptions::memory_limit sets how much there is)")]
    Memory(String),
    /// The program started more goroutines than the isolate may have.
    #[error("the isolate may have {0} goroutines at a time: IsolateOptions::goroutine_limit sets how many")]
    Goroutines(usize),
    /// The isolate has used its processor time.
    #[error("the isolate may use {0:?} of processor time: IsolateOptions::cpu_limit sets how much")]
    CpuTime(Duration),
    /// The program may forge pointers, and so could do anything. The text says what does, and where.
    #[error("{0}; IsolateOptions::allow_unsafe lets it")]
    Unsafe(String),
    /// A grant in the isolate's options makes no sense.
    #[error("{0}")]
    Options(String),
    /// There is no such function.
    #[error("no function {name}{}", offered(.near))]
    NoSuchFunc {
        /// The name that was asked for.
        name: String,
        /// Functions of that package with the most similar names.
        near: Vec<String>,
    },
    /// A Rust signature does not fit the Go function.
    #[error("{name} is {go}, which {rust} does not fit: {why}")]
    Signature {
        /// The function.
        name: String,
        /// Its Go type.
        go: String,
        /// The Rust signature.
        rust: String,
        /// What does not fit.
        why: String,
    },
    /// A Rust type does not fit the Go type.
    #[error("{what} is {go}, which {rust} does not fit{}", hint(.wanted))]
    Type {
        /// Which parameter, result or value.
        what: String,
        /// Its Go type.
        go: String,
        /// The Rust type that was given or asked for.
        rust: String,
        /// Rust types that fit.
        wanted: String,
    },
    /// A Go value does not implement the interface of a Rust trait.
    #[error("{go} does not implement {interface}: {}", .missing.join("; "))]
    NotImplemented {
        /// The Go type.
        go: String,
        /// The trait.
        interface: String,
        /// The methods that are missing, or what is wrong with those that are there.
        missing: Vec<String>,
    },
    /// A value of a host type cannot be used now.
    #[error("{what}: {why}")]
    HostValue {
        /// The type, and the method if one was called.
        what: String,
        /// Why.
        why: String,
    },
    /// A plug-in was called while a call of it runs.
    #[error("the plug-in was called while a call of it runs")]
    Busy,
    /// A number or time that the other side's type cannot hold.
    #[error("{value} of type {from} is out of the range of {to}")]
    Range {
        /// The value.
        value: String,
        /// Its type.
        from: String,
        /// The type that cannot hold it.
        to: String,
    },
    /// A value does not fit what serde makes of it.
    #[error("{0}")]
    Serde(String),
    /// An index out of range.
    #[error("index out of range [{index}] with length {len}")]
    Index {
        /// The index.
        index: usize,
        /// The length.
        len: usize,
    },
    /// A value is nested too deeply to be copied, or leads to itself.
    #[error("a value is nested too deeply, or leads to itself")]
    Depth,
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
    #[error("a Go string is not UTF-8 after {valid} bytes; take it as Vec<u8> or GoStr")]
    Utf8 {
        /// How many of its bytes are.
        valid: usize,
    },
    /// A Go value was used in another isolate than its own.
    #[error("the Go value belongs to another isolate")]
    Root,
    /// Go called host functions on another thread which called Go and have not returned; only that thread can go on with
    /// the isolate.
    #[error("goroutines of the isolate wait in host functions that another thread runs")]
    Thread,
    /// A package of the host needs something of the isolate that it was not given.
    #[error("the package {package} needs a {state} in each isolate: give it by IsolateOptions::state")]
    State {
        /// The package's import path.
        package: String,
        /// The Rust type.
        state: String,
    },
    /// A channel that Rust has made is used before Go has it: its elements have no Go type yet.
    #[error("the channel has no Go type yet: it gets one when it is first passed to Go")]
    NoType,
    /// The host waits for a channel while all goroutines are asleep. The isolate can go on.
    #[error("all goroutines are asleep: nobody will use the other end of the channel")]
    Asleep,
    /// A host function failed.
    #[error("{0}")]
    Host(String),
    /// A bug in itab.
    #[error("internal error: {0}")]
    Internal(String),
}

fn offered(names: &[String]) -> String {
    if names.is_empty() { String::new() } else { format!("; near it are {}", names.join(", ")) }
}

fn hint(wanted: &str) -> String {
    if wanted.is_empty() { String::new() } else { format!("; use {wanted}") }
}

/// A Go panic that nothing recovered.
#[derive(Debug, Clone)]
pub struct Panic {
    pub(crate) message: String,
    pub(crate) report: String,
    /// The panic as the runtime knows it, and its isolate: a host function that returns it passes on the Go value.
    pub(crate) value: Option<(PanicValue, u64)>,
}

/// A panic's Go value.
#[derive(Debug, Clone)]
pub(crate) struct PanicValue(Box<PanicInfo>);

// SAFETY: the value is looked at in its own isolate alone.
unsafe impl Send for PanicValue {}
// SAFETY: as above.
unsafe impl Sync for PanicValue {}

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

impl Error {
    /// How a call into an isolate ended.
    pub(crate) fn of_exit(exit: Exit, isolate: u64) -> Error {
        match exit {
            Exit::Panic(info) => Error::Panic(Panic {
                message: message(&info.text),
                report: info.as_ref().clone().into_text(),
                value: Some((PanicValue(info), isolate)),
            }),
            Exit::Goexit => Error::Goexit,
            Exit::WrongThread => Error::Thread,
            Exit::Stopped(StopReason::Exit(code)) => Error::Exit(code),
            Exit::Stopped(StopReason::Fatal(text)) => Error::Fatal(text),
            Exit::Stopped(StopReason::Killed) => Error::Killed,
            Exit::Stopped(StopReason::Deadline) => Error::Deadline,
            Exit::Stopped(StopReason::Memory(text)) => Error::Memory(text),
            Exit::Stopped(StopReason::Goroutines(most)) => Error::Goroutines(most),
            Exit::Stopped(StopReason::CpuTime(most)) => Error::CpuTime(most),
        }
    }

    /// The error of a host function.
    pub(crate) fn of_host<E: StdError + Send + Sync + 'static>(e: E) -> Error {
        match (&e as &dyn StdAny).downcast_ref::<Error>() {
            Some(own) => own.clone(),
            None => Error::Host(e.to_string()),
        }
    }

    /// Whether it ends what called the host function that returns it: it is no value of `error`.
    pub(crate) fn goes_on(&self) -> bool {
        matches!(
            self,
            Error::Panic(_) | Error::Goexit | Error::Exit(_) | Error::Killed | Error::Deadline | Error::Fatal(_)
        )
    }

    /// What it does in Go, when a host function returns it.
    pub(crate) fn into_host(self, cx: Cx<'_>) -> HostError {
        match self {
            Error::Panic(p) => match p.value {
                Some((PanicValue(info), isolate)) if isolate == cx.id() => HostError::Exit(Exit::Panic(info)),
                _ => HostError::Panic(p.message),
            },
            Error::Go(e) => match e.value().eface(cx) {
                Ok(value) => {
                    let root = cx.root(value.data.cast());
                    let info = PanicInfo { value, root, text: String::new(), traceback: String::new() };
                    HostError::Exit(Exit::Panic(Box::new(info)))
                }
                Err(_) => HostError::Panic(e.to_string()),
            },
            Error::Goexit => HostError::Exit(Exit::Goexit),
            Error::Exit(code) => HostError::Exit(Exit::Stopped(StopReason::Exit(code))),
            other => HostError::Panic(other.to_string()),
        }
    }

    /// Go's own error, if it is one.
    ///
    /// # Errors
    /// The error, if it is another.
    pub fn into_go(self) -> Result<GoError> {
        match self {
            Error::Go(e) => Ok(e),
            other => Err(other),
        }
    }
}

/// The value of the last panic in what Go prints: `panic: a [recovered]`, `\tpanic: b`.
fn message(text: &str) -> String {
    let last = text.rfind("panic: ").map_or(text, |at| &text[at + "panic: ".len()..]);
    last.trim_end().to_string()
}

/// So many names are offered for one that does not exist.
const OFFERED: usize = 8;

/// The names that are most like one that does not exist.
pub(crate) fn nearest(name: &str, mut all: Vec<String>) -> Vec<String> {
    let short = |full: &str| full.rsplit('.').next().unwrap_or(full).to_lowercase();
    let wanted = short(name);
    all.sort_by_key(|other| strsim::osa_distance(&wanted, &short(other)));
    all.truncate(OFFERED);
    all
}
