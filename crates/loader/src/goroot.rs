//! Finding an installed Go and making sure that it is the right one.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::source::Source;

/// The release whose standard library we compile; any patch level of it will do.
pub const RELEASE: &str = "go1.27";

/// A folder with Go's source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GoRoot {
    /// The folder; `src` is in it.
    pub path: PathBuf,
    /// Its version, as `go1.27.3`.
    pub version: String,
}

/// Why there is no Go to compile the standard library from.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GoRootError {
    /// No Go anywhere.
    #[error(
        "no Go 1.27 found: itab compiles Go's standard library from its source.\n\
         Looked at {}.\n\
         Get it with `itab setup`, or install Go 1.27 (https://go.dev/dl) and set GOROOT to its folder.",
        list(.looked_at)
    )]
    NotFound {
        /// Where we looked.
        looked_at: Vec<PathBuf>,
    },
    /// A folder that was named is no GOROOT.
    #[error("{path} holds no Go: there is no {path}/VERSION or no {path}/src", path = .path.display())]
    NotGo {
        /// The folder.
        path: PathBuf,
    },
    /// The packed Go was asked for.
    #[error("this itab was built without Go's source: build it with the cargo feature packed-std")]
    NotPacked,
    /// Go of another version.
    #[error(
        "{path} holds {version}, but itab compiles the standard library of {RELEASE} only: install Go 1.27 \
         (https://go.dev/dl) and set GOROOT to its folder", path = .path.display()
    )]
    Version {
        /// The folder.
        path: PathBuf,
        /// Its version.
        version: String,
    },
}

fn list(paths: &[PathBuf]) -> String {
    let paths: Vec<String> = paths.iter().map(|p| p.display().to_string()).collect();
    if paths.is_empty() { "nothing: no place is known".into() } else { paths.join(", ") }
}

impl GoRoot {
    /// The Go in a folder.
    pub fn at(source: &dyn Source, path: &Path) -> Result<GoRoot, GoRootError> {
        let not_go = || match path == Path::new(crate::packed::ROOT) {
            true => GoRootError::NotPacked,
            false => GoRootError::NotGo { path: path.into() },
        };
        let text = source.read(&path.join("VERSION")).map_err(|_| not_go())?;
        let version = String::from_utf8_lossy(&text).split_whitespace().next().unwrap_or("").to_string();
        if !source.is_dir(&path.join("src")) {
            return Err(not_go());
        }
        let patch = version.strip_prefix(RELEASE);
        if !patch.is_some_and(|p| p.is_empty() || p.starts_with('.')) {
            return Err(GoRootError::Version { path: path.into(), version });
        }
        Ok(GoRoot { path: path.into(), version })
    }

    /// Finds Go on this machine: at `explicit`, else by the environment variable GOROOT, by
    /// `go env GOROOT`, at `target/goroot` of one of `dirs`, where `itab setup` puts it, in the usual
    /// places, or packed into the binary. A folder that the user named must be right; others are passed
    /// over, and a wrong version is reported only if there is no right one.
    pub fn find(source: &dyn Source, explicit: Option<&Path>, dirs: &[&Path]) -> Result<GoRoot, GoRootError> {
        if let Some(path) = explicit {
            return GoRoot::at(source, path);
        }
        if let Some(path) = std::env::var_os("GOROOT").filter(|p| !p.is_empty()) {
            return GoRoot::at(source, Path::new(&path));
        }
        let mut places: Vec<PathBuf> = dirs.iter().map(|d| d.join("target/goroot")).collect();
        places.extend(data_dir());
        places.extend(ask_go());
        places.extend(["/usr/local/go", "/usr/lib/go-1.27", "/usr/lib/go"].map(PathBuf::from));
        if let Some(home) = std::env::var_os("HOME") {
            places.push(Path::new(&home).join("sdk/go1.27"));
            places.push(Path::new(&home).join("go1.27"));
        }
        let mut wrong = None;
        for place in &places {
            match GoRoot::at(source, place) {
                Ok(root) => return Ok(root),
                Err(e @ GoRootError::Version { .. }) => wrong = wrong.or(Some(e)),
                Err(_) => {}
            }
        }
        crate::packed::packed().ok_or_else(|| wrong.unwrap_or(GoRootError::NotFound { looked_at: places }))
    }

    /// The folder of a package of the standard library.
    pub fn package_dir(&self, path: &str) -> PathBuf {
        self.path.join("src").join(path)
    }
}

/// Where `itab setup` puts Go's source: in the user's data folder, by XDG_DATA_HOME or in the home folder.
pub fn data_dir() -> Option<PathBuf> {
    let var = |name| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
    let data = var("XDG_DATA_HOME").or_else(|| Some(var("HOME")?.join(".local/share")))?;
    Some(data.join("itab").join(RELEASE))
}

/// What an installed go command says.
fn ask_go() -> Option<PathBuf> {
    let out = Command::new("go").args(["env", "GOROOT"]).env("GOTOOLCHAIN", "local").output().ok()?;
    let path = String::from_utf8(out.stdout).ok()?;
    (out.status.success() && !path.trim().is_empty()).then(|| PathBuf::from(path.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Memory;

    #[test]
    fn other_versions_are_refused_by_name() {
        let mut m = Memory::new();
        m.insert("/old/VERSION", "go1.26.1\ntime 2026");
        m.insert("/old/src/fmt/print.go", "package fmt");
        m.insert("/new/VERSION", "go1.27.3\ntime 2026");
        m.insert("/new/src/fmt/print.go", "package fmt");
        assert_eq!(GoRoot::at(&m, Path::new("/new")).unwrap().version, "go1.27.3");
        let e = GoRoot::at(&m, Path::new("/old")).unwrap_err();
        assert!(e.to_string().starts_with("/old holds go1.26.1, but"), "{e}");
        let e = GoRoot::at(&m, Path::new("/none")).unwrap_err();
        assert!(e.to_string().contains("holds no Go"), "{e}");
    }
}
