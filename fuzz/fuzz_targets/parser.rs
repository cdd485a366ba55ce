//! Any bytes through scanner and parser: no panic, spans in range, bodies skipped and parsed later give the same errors
//! as bodies parsed at once.
#![no_main]

use itab_syntax::{FileSet, Mode, Names, parse_body, parse_file};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let (files, names) = (FileSet::new(), Names::new());
    let Ok(source) = files.add("fuzz.go", data.to_vec()) else { return };
    let (whole, problems) = parse_file(&source, &names, Mode::empty());
    let (start, end) = (source.start(), source.end());
    for d in &problems {
        assert!(d.span.start >= start && d.span.end <= end && d.span.start <= d.span.end, "{d:?}");
    }
    let (skipped, early) = parse_file(&source, &names, Mode::SKIP_BODIES);
    assert_eq!(whole.decls.len(), skipped.decls.len());
    let mut pieces = early;
    if skipped.bodies.iter().all(Option::is_none) {
        for decl in skipped.decls.iter() {
            if let itab_syntax::Decl::Func(id) = decl
                && let Some(body) = skipped.tree[*id].body
            {
                pieces.extend(parse_body(&source, &names, body).1);
            }
        }
    }
    pieces.sort_by_key(|d| d.span.start);
    let texts = |all: &[itab_syntax::Diagnostic]| all.iter().map(|d| d.message.clone()).collect::<Vec<_>>();
    assert_eq!(texts(&problems), texts(&pieces));
});
