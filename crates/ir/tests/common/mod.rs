//! What the tests of this crate share: a world made of one file.

use itab_ir::World;
use itab_syntax::{FileSet, Mode, Names, parse_file};
use itab_types::{GoVersion, PackageInput, Store};
use std::sync::Arc;

/// A world of one package without imports.
pub fn world(name: &str, text: &str) -> World {
    let (names, files) = (Names::new(), Arc::new(FileSet::new()));
    let source = files.add(name, text).expect("small");
    let (file, problems) = parse_file(&source, &names, Mode::empty());
    assert!(problems.is_empty(), "{name}: {problems:?}");
    let mut store = Store::new(names, files);
    let input = PackageInput {
        path: "main",
        files: &[Arc::new(file)],
        version: GoVersion::CURRENT,
        file_versions: &[],
        bodies: false,
        complete: true,
        unused: None,
    };
    store.check_package(&input, &mut |_, path| Err(format!("no {path}")));
    assert!(store.diagnostics.is_empty(), "{name}: {:?}", store.diagnostics);
    World::new(store)
}
