//! Parsing packages shortly before their turn: what checking a whole library needs of its trees at a time.
//!
//! Each of a few threads parses every n-th package and hands it over through a channel of its own that holds one, so that
//! at most two packages a thread wait. One more thread drops what the checker has done with.

use itab_loader::Package;
use itab_syntax::{Diagnostic, File, Mode, Names};
use itab_types::Forgotten;
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, sync_channel};

/// A package's files, and what is wrong with their syntax.
pub(crate) type Parsed = (Vec<Arc<File>>, Vec<Diagnostic>);

/// How many packages wait to be dropped before the checker waits.
const UNUSED: usize = 4;

/// Calls `f` with each package in turn, those that `mode` has a mode for parsed anew by other threads meanwhile. What `f`
/// sends to its last argument is dropped by another thread.
pub(crate) fn parse_ahead<'p>(
    names: &Names,
    packages: &'p [Arc<Package>],
    mode: &(dyn Fn(&Package) -> Option<Mode> + Sync),
    mut f: impl FnMut(&'p Package, Option<Parsed>, &SyncSender<Forgotten>),
) {
    if packages.iter().all(|p| mode(p).is_none()) {
        let (unused, _) = sync_channel(0);
        return packages.iter().for_each(|p| f(p, None, &unused));
    }
    let threads = std::thread::available_parallelism().map_or(1, |n| n.get()).clamp(1, 3);
    std::thread::scope(|scope| {
        let parsers: Vec<_> = (0..threads)
            .map(|first| {
                let (send, receive) = sync_channel(1);
                scope.spawn(move || {
                    let mine = packages.iter().skip(first).step_by(threads);
                    mine.map(|p| mode(p).map(|mode| parse(names, p, mode))).all(|parsed| send.send(parsed).is_ok())
                });
                receive
            })
            .collect();
        let (unused, dropped) = sync_channel(UNUSED);
        scope.spawn(move || dropped.iter().for_each(drop));
        for (i, package) in packages.iter().enumerate() {
            let Ok(parsed) = parsers[i % threads].recv() else { return };
            f(package, parsed, &unused);
        }
    });
}

fn parse(names: &Names, package: &Package, mode: Mode) -> Parsed {
    let (mut files, mut diagnostics) = (vec![], vec![]);
    for f in &package.files {
        let mode = if package.standard { mode | Mode::STD } else { mode };
        let (file, problems) = itab_syntax::parse_file(&f.file.source, names, mode);
        files.push(Arc::new(file));
        diagnostics.extend(problems);
    }
    (files, diagnostics)
}
