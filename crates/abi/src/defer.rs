//! Defer records and frames, and how a recovered panic finds its landing pad.
//!
//! A function with deferred calls holds a [`DeferFrame`] in its own stack frame, links it to
//! [`IsolateBlock::defer`](crate::block::IsolateBlock::defer) and fills in where execution continues after a recovery.
//! A `defer` statement pushes a [`DeferRecord`] on the frame. After the frame there is room for the records, closures
//! and variables of deferred calls whose statements run once, and for results. Before it returns, the function pops and
//! calls the records and unlinks the frame. Where it knows which record is the newest, it calls the deferred function
//! directly. (`deferproc` and `deferreturn` do the same for callers that are not compiled code.)
//!
//! A panic runs the records from the innermost frame outwards on top of the panicking stack. If one recovers, the
//! runtime sets the stack and frame pointers from the frame and jumps to `handler`. The function then runs the
//! remaining records and returns. At `handler` the frame is linked, and it is all that the function can rely on:
//! registers and the other words of its stack frame have undefined contents.

/// A function activation that has deferred calls.
#[repr(C)]
#[derive(Debug)]
pub struct DeferFrame {
    /// The next outer frame of the goroutine.
    pub prev: *mut DeferFrame,
    /// Newest deferred call.
    pub records: *mut DeferRecord,
    /// Address of the landing pad.
    pub handler: usize,
    /// Stack pointer at the landing pad.
    pub sp: usize,
    /// Frame pointer at the landing pad.
    pub fp: usize,
}

/// One deferred call. Lives in the Go heap, or behind its frame.
#[repr(C)]
#[derive(Debug)]
pub struct DeferRecord {
    /// The next older record of the same frame.
    pub next: *mut DeferRecord,
    /// A `func()`.
    pub func: *const crate::value::FuncVal,
}
