//! Two threads compile: one builds functions, a helper runs Cranelift on them.
//!
//! When a function is built, the calls that it makes on every path are known ([`itab_ir::next_calls`]). A stack of these
//! calls predicts which functions are needed next. Whenever a function is requested, at most [`AHEAD`] of the predicted
//! ones are built and translated too, and queued for the helper. If a requested function is still in the queue, the
//! requesting thread compiles it itself.
//!
//! Which functions are built, and in which order, does not depend on the threads' timing: ids depend on that order. The
//! helper gets translated functions and nothing else. On a single processor one thread does it all.

use crate::error::Error;
use itab_codegen::compiler::{CodegenError, CodegenOptions, Compiler, Translated};
use itab_codegen::object::Object;
use itab_ir::program::FuncId;
use itab_ir::world::World;
use rustc_hash::FxHashMap;
use std::collections::VecDeque;
use std::sync::mpsc::{Receiver, RecvError, Sender, channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};

/// How many functions are built ahead whenever one is asked for.
pub(crate) const AHEAD: usize = 2;
/// So many that nobody has asked for may wait.
const MAX_WAITING: usize = 8;
/// So many functions are compiled sooner than a helper starts.
const ALONE: usize = 4;
/// Stack of the helper: as much as compiling has elsewhere.
const STACK: usize = 16 << 20;

type Outcome = Result<Object, CodegenError>;

/// A function for the helper.
struct Job {
    root: FuncId,
    translated: Translated,
    done: Sender<Outcome>,
}

/// What the helper has not begun with.
#[derive(Default)]
struct Queue {
    jobs: Mutex<Jobs>,
    more: Condvar,
}

#[derive(Default)]
struct Jobs {
    waiting: VecDeque<Job>,
    /// None will come any more.
    closed: bool,
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, Jobs> {
        self.jobs.lock().unwrap_or_else(|e| e.into_inner())
    }

    fn push(&self, job: Job) {
        self.lock().waiting.push_back(job);
        self.more.notify_one();
    }

    /// The next job, which is waited for; none at the end.
    fn next(&self) -> Option<Job> {
        let mut jobs = self.lock();
        while !jobs.closed {
            if let Some(job) = jobs.waiting.pop_front() {
                return Some(job);
            }
            jobs = self.more.wait(jobs).unwrap_or_else(|e| e.into_inner());
        }
        None
    }

    /// Takes a job back that the helper has not begun with.
    fn take_back(&self, root: FuncId) -> Option<Translated> {
        let mut jobs = self.lock();
        let at = jobs.waiting.iter().position(|job| job.root == root)?;
        jobs.waiting.remove(at).map(|job| job.translated)
    }

    fn close(&self) {
        self.lock().closed = true;
        self.more.notify_all();
    }
}

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
    Running(Arc<Queue>),
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
        let waiting = self.send(root, translated);
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
            Some(Waiting::AtHelper(outcome)) => match self.helped(root, &outcome) {
                Ok(outcome) => outcome.map_err(internal),
                Err(_) => {
                    self.helper = Helper::Absent;
                    Err(Error::Internal("the compiler panicked".into()))
                }
            },
            None => Err(Error::Internal("a function is not on its way".into())),
        }
    }

    /// What became of a function that was handed over. It is done here if the helper has not come to it.
    fn helped(&mut self, root: FuncId, outcome: &Receiver<Outcome>) -> Result<Outcome, RecvError> {
        if let Helper::Running(queue) = &self.helper
            && let Some(translated) = queue.take_back(root)
        {
            return Ok(self.codegen.compile(translated));
        }
        outcome.recv()
    }

    fn send(&mut self, root: FuncId, translated: Translated) -> Waiting {
        if let Helper::NotStarted = self.helper {
            self.alone += 1;
            if self.alone + self.upcoming.len() > ALONE {
                self.helper = start(&self.codegen);
            }
        }
        let Helper::Running(queue) = &self.helper else { return Waiting::Here(translated) };
        let (done, outcome) = channel();
        queue.push(Job { root, translated, done });
        Waiting::AtHelper(outcome)
    }
}

impl Drop for Pipeline {
    fn drop(&mut self) {
        if let Helper::Running(queue) = &self.helper {
            queue.close();
        }
    }
}

/// Starts the helper, which ends with the pipeline.
fn start(codegen: &Compiler) -> Helper {
    if std::thread::available_parallelism().map_or(1, |n| n.get()) < 2 {
        return Helper::Absent;
    }
    let mut codegen = codegen.another();
    let queue = Arc::new(Queue::default());
    let jobs = queue.clone();
    let work = move || {
        while let Some(job) = jobs.next() {
            // Nobody waits any more if the program is gone.
            let _ = job.done.send(codegen.compile(job.translated));
        }
    };
    match std::thread::Builder::new().name("itab-codegen".into()).stack_size(STACK).spawn(work) {
        Ok(_) => Helper::Running(queue),
        Err(_) => Helper::Absent,
    }
}
