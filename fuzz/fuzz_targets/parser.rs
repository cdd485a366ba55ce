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
    let (skipped, same) = parse_file(&source, &names, Mode::SKIP_BODIES);
    assert_eq!(problems, same);
    assert_eq!(whole.decls.len(), skipped.decls.len());
    if problems.is_empty() {
        for decl in whole.decls.iter().filter_map(|d| match d {
            itab_syntax::Decl::Func(id) => whole.tree[*id].body,
            itab_syntax::Decl::Gen(_) => None,
        }) {
            let (_, later) = parse_body(&source, &names, decl);
            assert!(later.is_empty(), "{later:?}");
        }
    }
});
