//! Two threads compile: while one makes machine code of a function, the other builds those that will be called next.
//!
//! What a function calls in any case is known when it is built ([`itab_ir::next_calls`]), so a stack of these calls says
//! in which order functions will be needed. Whenever one is asked for, at most [`AHEAD`] of the next ones are built and
//! translated too; a helper thread runs Cranelift on them meanwhile. Which functions are built, and in which order, does
//! not depend on the threads' timing, and nothing but translated functions is handed over. Without a second processor
//! the same is done by one thread.

use crate::error::Error;
use itab_codegen::compiler::{CodegenError, CodegenOptions, Compiler, Translated};
use itab_codegen::object::Object;
use itab_ir::program::FuncId;
use itab_ir::world::World;
use rustc_hash::FxHashMap;
use std::sync::mpsc::{Receiver, Sender, channel};

/// How many functions are built ahead whenever one is asked for.
pub(crate) const AHEAD: usize = 2;
/// So many that nobody has asked for may wait.
const MAX_WAITING: usize = 8;
/// So many functions are compiled sooner than a helper starts.
const ALONE: usize = 4;
/// Stack of the helper: as much as compiling has elsewhere.
const STACK: usize = 16 << 20;

type Outcome = Result<Object, CodegenError>;
type Job = (Translated, Sender<Outcome>);

/// A function on its way.
enum Waiting {
    Here(Translated),
    AtHelper(Receiver<Outcome>),
}

/// The compilers of a program.
pub(crate) struct Pipeline {
    /// Of the thread that asks.
    pub(crate) codegen: Compiler,
    helper: Helper,
    /// By the outermost function.
    waiting: FxHashMap<FuncId, Waiting>,
    /// Functions that will be called, the next one last.
    upcoming: Vec<FuncId>,
    /// How many functions came without a helper.
    alone: usize,
}

enum Helper {
    NotStarted,
    Running(Sender<Job>),
    Absent,
}

impl Pipeline {
    pub(crate) fn new() -> Result<Pipeline, Error> {
        let codegen = Compiler::new(CodegenOptions::default()).map_err(|e| Error::Internal(e.to_string()))?;
        Ok(Pipeline { codegen, helper: Helper::NotStarted, waiting: FxHashMap::default(), upcoming: vec![], alone: 0 })
    }

    /// Whether a function is on its way.
    pub(crate) fn has(&self, root: FuncId) -> bool {
        self.waiting.contains_key(&root)
    }

    /// Takes on a function with those inside it, which is `root` now translated.
    pub(crate) fn add(&mut self, root: FuncId, calls: Vec<FuncId>, translated: Translated) {
        self.upcoming.extend(calls.into_iter().rev());
        let waiting = self.send(translated);
        self.waiting.insert(root, waiting);
    }

    /// The function that will be called next, of those that `wanted` accepts and that are not on their way.
    pub(crate) fn next_of(&mut self, wanted: impl Fn(FuncId) -> bool, world: &World) -> Option<FuncId> {
        if self.waiting.len() >= MAX_WAITING {
            return None;
        }
        while let Some(f) = self.upcoming.pop() {
            if wanted(f) && !self.has(world.root(f)) {
                return Some(f);
            }
        }
        None
    }

    /// The code of a function that is on its way.
    pub(crate) fn take(&mut self, root: FuncId) -> Result<Object, Error> {
        let internal = |e: CodegenError| Error::Internal(e.to_string());
        match self.waiting.remove(&root) {
            Some(Waiting::Here(translated)) => self.codegen.compile(translated).map_err(internal),
            Some(Waiting::AtHelper(outcome)) => match outcome.recv() {
                Ok(outcome) => outcome.map_err(internal),
                Err(_) => {
                    self.helper = Helper::Absent;
                    Err(Error::Internal("the compiler panicked".into()))
                }
            },
            None => Err(Error::Internal("a function is not on its way".into())),
        }
    }

    fn send(&mut self, translated: Translated) -> Waiting {
        if let Helper::NotStarted = self.helper {
            self.alone += 1;
            if self.alone + self.upcoming.len() > ALONE {
                self.helper = start(&self.codegen);
            }
        }
        let Helper::Running(jobs) = &self.helper else { return Waiting::Here(translated) };
        let (done, outcome) = channel();
        match jobs.send((translated, done)) {
            Ok(()) => Waiting::AtHelper(outcome),
            Err(refused) => {
                self.helper = Helper::Absent;
                Waiting::Here(refused.0.0)
            }
        }
    }
}

/// Starts the helper, which ends when nobody can send it anything any more.
fn start(codegen: &Compiler) -> Helper {
    if std::thread::available_parallelism().map_or(1, |n| n.get()) < 2 {
        return Helper::Absent;
    }
    let mut codegen = codegen.another();
    let (send, jobs) = channel::<Job>();
    let work = move || {
        for (translated, done) in jobs {
            // Nobody waits any more if the program is gone.
            let _ = done.send(codegen.compile(translated));
        }
    };
    match std::thread::Builder::new().name("itab-codegen".into()).stack_size(STACK).spawn(work) {
        Ok(_) => Helper::Running(send),
        Err(_) => Helper::Absent,
    }
}
