//! Parses packages on other threads before the checker needs them.
//!
//! Packages have an order, that of their imports, and the checker takes them in that order. Each parsing thread takes the
//! next package that no thread has taken, and leaves the trees for the checker. A thread waits when it is too far ahead of
//! the checker, so that only a few packages' trees are in memory. A package that no thread has taken yet is parsed by the
//! checker itself. One more thread frees the trees of checked packages.

use itab_loader::{Package, Unused};
use itab_syntax::{Diagnostic, File, Mode, Names};
use itab_types::Forgotten;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};

/// What is found out about a package before its turn.
pub(crate) struct Ahead {
    /// Its files, parsed anew, and what is wrong with their syntax.
    pub(crate) parsed: Option<(Vec<Arc<File>>, Vec<Diagnostic>)>,
    /// Its variables that the program does without.
    pub(crate) unused: Unused,
}

impl Ahead {
    /// Parses a package's files if there is a mode for that.
    pub(crate) fn new(names: &Names, package: &Package, mode: Option<Mode>) -> Ahead {
        Ahead { parsed: mode.map(|mode| parse(names, package, mode)), unused: Unused::default() }
    }
}

fn parse(names: &Names, package: &Package, mode: Mode) -> (Vec<Arc<File>>, Vec<Diagnostic>) {
    let (mut files, mut diagnostics) = (vec![], vec![]);
    for f in &package.files {
        let mode = if package.standard { mode | Mode::STD } else { mode };
        let (file, problems) = itab_syntax::parse_file(&f.file.source, names, mode);
        files.push(Arc::new(file));
        diagnostics.extend(problems);
    }
    (files, diagnostics)
}

/// Not more packages than this are not worth threads.
const FEW: usize = 4;
/// How many packages wait to be dropped before the checker waits.
const UNUSED: usize = 4;

/// Packages on their way to the checker.
struct Line {
    state: Mutex<LineState>,
    moved: Condvar,
    /// How many packages may be ahead of the checker.
    distance: usize,
}

struct LineState {
    /// The first that nobody has taken.
    next: usize,
    /// The one whose turn it is.
    turn: usize,
    ready: Vec<Option<Ahead>>,
    /// Nobody comes for the rest: a thread panicked.
    broken: bool,
}

impl Line {
    fn new(len: usize, distance: usize) -> Line {
        let ready = (0..len).map(|_| None).collect();
        Line {
            state: Mutex::new(LineState { next: 0, turn: 0, ready, broken: false }),
            moved: Condvar::new(),
            distance,
        }
    }

    fn lock(&self) -> MutexGuard<'_, LineState> {
        self.state.lock().unwrap_or_else(|e| e.into_inner())
    }

    fn wait<'l>(&'l self, state: MutexGuard<'l, LineState>) -> MutexGuard<'l, LineState> {
        self.moved.wait(state).unwrap_or_else(|e| e.into_inner())
    }

    /// Prepares packages until none is left.
    fn work(&self, prepare: &dyn Fn(usize) -> Ahead) {
        let _watch = Watch(self);
        let mut state = self.lock();
        while state.next < state.ready.len() && !state.broken {
            let i = state.next;
            if i >= state.turn + self.distance {
                state = self.wait(state);
                continue;
            }
            state.next += 1;
            drop(state);
            let ahead = prepare(i);
            state = self.lock();
            state.ready[i] = Some(ahead);
            self.moved.notify_all();
        }
    }

    /// What there is about the next package; none if a thread panicked.
    fn take(&self, i: usize, prepare: &dyn Fn(usize) -> Ahead) -> Option<Ahead> {
        let mut state = self.lock();
        state.turn = i;
        if state.next <= i {
            state.next = i + 1;
            drop(state);
            return Some(prepare(i));
        }
        self.moved.notify_all();
        loop {
            if let Some(ahead) = state.ready[i].take() {
                return Some(ahead);
            }
            if state.broken {
                return None;
            }
            state = self.wait(state);
        }
    }
}

/// Tells the others when a thread panics, the checker's included.
struct Watch<'l>(&'l Line);

impl Drop for Watch<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.lock().broken = true;
            self.0.moved.notify_all();
        }
    }
}

/// Calls `f` with each package in turn and what `prepare` says of it, which other threads have asked for at most
/// `distance` packages ahead; with few packages it is the same thread. What `f` sends to its last argument is dropped by
/// another thread.
pub(crate) fn parse_ahead<'p>(
    packages: &'p [Arc<Package>],
    distance: usize,
    prepare: &(dyn Fn(&Package) -> Ahead + Sync),
    mut f: impl FnMut(&'p Package, Ahead, &SyncSender<Forgotten>),
) {
    if packages.len() <= FEW {
        let (unused, _) = sync_channel(0);
        return packages.iter().for_each(|p| f(p, prepare(p), &unused));
    }
    // The checker's own thread is one more.
    let threads = std::thread::available_parallelism().map_or(1, |n| n.get() - 1).clamp(1, 3);
    let line = Line::new(packages.len(), distance);
    let prepare = |i: usize| prepare(&packages[i]);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| line.work(&prepare));
        }
        let _watch = Watch(&line);
        let (unused, dropped) = sync_channel(UNUSED);
        scope.spawn(move || dropped.iter().for_each(drop));
        for (i, package) in packages.iter().enumerate() {
            let Some(ahead) = line.take(i, &prepare) else { return };
            f(package, ahead, &unused);
        }
    });
}
