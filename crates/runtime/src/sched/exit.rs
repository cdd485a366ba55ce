//! How calls into Go and isolates end.

use crate::heap::mgcroots::HostRoot;
use itab_abi::iface::Eface;
use std::sync::Arc;
use std::time::Duration;

/// Why a call into Go did not return.
#[derive(Clone, Debug)]
pub enum Exit {
    /// A panic that no deferred call recovered. The isolate remains usable.
    Panic(Box<PanicInfo>),
    /// The goroutine that called ended by `runtime.Goexit`.
    Goexit,
    /// Goroutines hold frames of host functions that another thread called. Only that thread can continue to run the
    /// isolate.
    WrongThread,
    /// The isolate has ended.
    Stopped(StopReason),
}

/// Why an isolate has ended. Every later call into it fails with the same reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StopReason {
    /// `os.Exit`.
    Exit(i32),
    /// An error that Go code cannot recover from: a fatal error of the runtime, or a panic of a goroutine that the
    /// program started. The text is what Go would print; the exit status is 2.
    Fatal(String),
    /// Stopped by the host.
    Killed,
    /// The deadline has passed.
    Deadline,
    /// A memory limit was exceeded.
    Memory(String),
    /// There are so many goroutines, the most that the host allows.
    Goroutines(usize),
    /// So much processor time was used, the most that the host allows.
    CpuTime(Duration),
}

/// A panic that nothing recovered.
#[derive(Clone, Debug)]
pub struct PanicInfo {
    /// The value.
    pub value: Eface,
    /// Keeps the value alive.
    pub root: Arc<HostRoot>,
    /// What Go prints: `panic: ..`, a line for each panic that it followed, and the signal.
    pub text: String,
    /// The goroutine's traceback.
    pub traceback: String,
}

impl PanicInfo {
    /// All that Go prints.
    pub fn into_text(self) -> String {
        self.text + "\n" + &self.traceback
    }
}

/// What a host function wants to happen instead of returning.
#[derive(Clone, Debug)]
pub enum HostError {
    /// Panic in Go with this text as value: an error whose text it is.
    Panic(String),
    /// Go on with the panic, `Goexit` or stop that ended a call which the host function made.
    Exit(Exit),
}
