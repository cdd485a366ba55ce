//! Host packages as Go modules, for the tools of who writes Go code for a host: gopls, `go vet`, `go build`, `go test`.
//!
//! [`write()`] is for build scripts and for hosts that have a command for it. What it writes are the packages' declarations,
//! with bodies that panic. [`archive`] puts the same files into one text, which a host can ship and `itab stubs` unpacks.
//!
//! There is a module for each first part of an import path: `host/kv` and `host/log` are in the module `host`, in the folder
//! `host`. The module of a plug-in needs it, by a workspace (`go work use ../stubs/host`) or in its `go.mod`:
//!
//! ```text
//! require host v0.0.0
//! replace host => ../stubs/host
//! ```
//!
//! itab itself takes the packages from the engine, whatever `go.mod` says.
//!
//! ```
//! /// What plug-ins greet with.
//! #[itab::package("host/greet")]
//! mod greet {
//!     /// The text for a name.
//!     pub fn hello(name: &str) -> String {
//!         format!("hello, {name}")
//!     }
//! }
//!
//! # fn main() -> itab::Result<()> {
//! let dir = std::env::temp_dir().join(format!("itab-stubs-{}", std::process::id()));
//! itab::stubs::write(&dir, &[greet::package()])?;
//! let text = std::fs::read_to_string(dir.join("host/greet/greet.go")).expect("it was written");
//! assert!(text.contains("// The text for a name.\nfunc Hello(name string) string {"));
//! # std::fs::remove_dir_all(dir).expect("it is there");
//! # Ok(())
//! # }
//! ```

use crate::error::{Error, LoadError};
use crate::package::{Bodies, Package};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path};
use std::{fs, io};

/// The version of Go that the modules ask for.
const GO: &str = "1.27";

/// Writes packages as Go modules below a folder. Files that are as they should be already are left alone, and so are others.
///
/// # Errors
/// When something in a package has no Go type, or a file cannot be written.
pub fn write(dir: impl AsRef<Path>, packages: &[Package]) -> Result<(), Error> {
    files(packages)?.iter().try_for_each(|(path, text)| put(&dir.as_ref().join(path), text))
}

/// All that [`write()`] writes in one text, in the format of Go's `txtar`: before each file a line `-- path --`.
///
/// # Errors
/// When something in a package has no Go type.
pub fn archive(packages: &[Package]) -> Result<String, LoadError> {
    Ok(files(packages)?.iter().map(|(path, text)| format!("-- {path} --\n{text}")).collect())
}

/// Writes the files of an [`archive`] below a folder.
///
/// # Errors
/// When the text is none, when it has a path that leads out of the folder, or a file cannot be written.
pub fn unpack(archive: &str, dir: impl AsRef<Path>) -> Result<(), Error> {
    let files = parse(archive).map_err(Error::Host)?;
    files.iter().try_for_each(|(path, text)| put(&dir.as_ref().join(path), text))
}

/// Path and text of each file.
fn files(packages: &[Package]) -> Result<BTreeMap<String, String>, LoadError> {
    let mut files = BTreeMap::new();
    for module in packages.iter().map(|p| module_of(p.path())).collect::<BTreeSet<_>>() {
        let mut needs = BTreeSet::new();
        for package in packages.iter().filter(|p| module_of(p.path()) == module) {
            needs.extend(package.imports()?.iter().map(|path| module_of(path).to_string()));
            let path = format!("{}/{}", package.path(), package.file_name());
            files.insert(path, package.render(Bodies::Panics)?);
        }
        needs.retain(|other| other != module && packages.iter().any(|p| module_of(p.path()) == other));
        files.insert(format!("{module}/go.mod"), go_mod(module, &needs));
    }
    Ok(files)
}

/// The module that a package is in: the first part of its path.
fn module_of(path: &str) -> &str {
    path.split('/').next().unwrap_or(path)
}

fn go_mod(module: &str, needs: &BTreeSet<String>) -> String {
    let mut text = format!("module {module}\n\ngo {GO}\n");
    for other in needs {
        text += &format!("\nrequire {other} v0.0.0\n\nreplace {other} => ../{other}\n");
    }
    text
}

/// Writes a file unless it is so already: build tools look at the time of the last change.
fn put(path: &Path, text: &str) -> Result<(), Error> {
    let written = || -> io::Result<()> {
        if fs::read(path).is_ok_and(|old| old == text.as_bytes()) {
            return Ok(());
        }
        fs::create_dir_all(path.parent().unwrap_or(path))?;
        fs::write(path, text)
    };
    written().map_err(|e| Error::Host(format!("{}: {e}", path.display())))
}

/// The files of an archive.
fn parse(archive: &str) -> Result<Vec<(&str, String)>, String> {
    let mut files: Vec<(&str, String)> = vec![];
    for line in archive.split_inclusive('\n') {
        if let Some(path) = line.trim_end().strip_prefix("-- ").and_then(|l| l.strip_suffix(" --")) {
            let path = path.trim();
            let inside = Path::new(path).components().all(|c| matches!(c, Component::Normal(_)));
            if path.is_empty() || !inside {
                return Err(format!("the archive has a file {path:?}, which does not lie below its folder"));
            }
            files.push((path, String::new()));
        } else if let Some((_, text)) = files.last_mut() {
            text.push_str(line);
        }
    }
    if files.is_empty() { Err("this is no archive of stubs: it has no line `-- path --`".into()) } else { Ok(files) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn archives_hold_files_and_lead_nowhere_else() {
        let files = parse("a comment\n-- host/go.mod --\nmodule host\n-- a.go --\nx\n\ny").unwrap();
        assert_eq!(files, [("host/go.mod", "module host\n".to_string()), ("a.go", "x\n\ny".to_string())]);
        for bad in ["", "no files", "-- ../x --\n", "-- /etc/x --\n", "-- a/../../x --\n", "--  --\n"] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn modules_need_each_other() {
        let needs = ["example.com".to_string()].into();
        let text = "module host\n\ngo 1.27\n\nrequire example.com v0.0.0\n\nreplace example.com => ../example.com\n";
        assert_eq!(go_mod("host", &needs), text);
    }
}
