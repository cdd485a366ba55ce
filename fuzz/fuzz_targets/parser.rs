//! Any bytes through scanner and parser: no panic, spans in range, and a file has errors with bodies skipped and parsed
//! later exactly when it has errors parsed at once, and the same imports when it is parsed only for them. (Which ones
//! may differ: the parser recovers from an error in a body at the next declaration, which only a body in its place
//! has.)
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
    assert_eq!(problems.is_empty(), pieces.is_empty(), "{problems:?} {pieces:?}");
    if problems.is_empty() {
        assert_eq!(whole.decls.len(), skipped.decls.len());
        let (skimmed, early) = parse_file(&source, &names, Mode::IMPORTS_ONLY);
        assert!(early.is_empty(), "{early:?}");
        assert!(whole.imports().map(|i| i.0).eq(skimmed.imports().map(|i| i.0)));
    }
});
