//! Checking a package from text.

use std::sync::Arc;

use itab_syntax::{FileSet, Mode, Names, parse_file};
use itab_types::{GoVersion, ObjId, PackageInput, PkgId, Store};

/// A checked package of one file, which may import `unsafe` only.
pub struct Checked {
    pub store: Store,
    pub pkg: PkgId,
    files: Arc<FileSet>,
    syntax: Vec<itab_syntax::Diagnostic>,
}

pub fn check(name: &str, src: &str) -> Checked {
    check_at(name, src, GoVersion::CURRENT)
}

pub fn check_at(name: &str, src: &str, version: GoVersion) -> Checked {
    check_with(name, src, version, true)
}

/// Checks the declarations; bodies only as they are asked for.
#[allow(dead_code)]
pub fn check_lazily(src: &str) -> Checked {
    check_with("p.go", src, GoVersion::CURRENT, false)
}

fn check_with(name: &str, src: &str, version: GoVersion, bodies: bool) -> Checked {
    let (names, files) = (Names::new(), Arc::new(FileSet::new()));
    let source = files.add(name, src).expect("a small file");
    let mode = if bodies { Mode::empty() } else { Mode::SKIP_BODIES };
    let (file, syntax) = parse_file(&source, &names, mode);
    let mut store = Store::new(names, files.clone());
    let input = PackageInput {
        path: "p",
        files: &[Arc::new(file)],
        version,
        file_versions: &[],
        bodies,
        complete: false,
        unused: None,
    };
    let pkg = store.check_package(&input, &mut |s, path| match path {
        "unsafe" => Ok(s.unsafe_package()),
        _ => Err(format!("no package {path}")),
    });
    Checked { store, pkg, files, syntax }
}

#[allow(dead_code)]
impl Checked {
    /// Line and message of everything that is wrong, sorted.
    pub fn errors(&self) -> Vec<(u32, String)> {
        let mut all: Vec<_> = self.syntax.iter().chain(&self.store.diagnostics).cloned().collect();
        itab_syntax::diagnostic::sort(&self.files, &mut all);
        all.iter().map(|d| (self.files.position(d.span.start).line, d.message.clone())).collect()
    }

    /// The package-level object of that name.
    pub fn object(&self, name: &str) -> ObjId {
        let name = self.store.names().intern(name);
        let scope = self.store.pkg(self.pkg).scope;
        self.store.scope(scope).lookup(name).expect("a declared name")
    }
}
