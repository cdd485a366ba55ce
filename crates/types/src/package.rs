//! Packages as the checker sees them: scope, imports, per-file facts, order of initialisation.

use std::sync::Arc;

use itab_syntax::{ExprId, File, Name};

use crate::{Info, ObjId, PkgId, ScopeId};

/// A package.
#[derive(Clone, Debug)]
pub struct Package {
    /// Import path.
    pub path: Arc<str>,
    /// The name in its package clauses.
    pub name: Name,
    /// Package-level names.
    pub scope: ScopeId,
    /// The packages it imports, each once, in the order of their first mention.
    pub imports: Vec<PkgId>,
    /// Whether all declarations have been checked.
    pub complete: bool,
    /// Whether it stands for a package that could not be imported; then nothing is reported about it.
    pub fake: bool,
    /// One entry for each file, in the order they were given.
    pub files: Vec<FileInfo>,
    /// Package-level objects and methods in the order of their declaration.
    pub objects: Vec<ObjId>,
    /// Package-level variables in the order in which they are to be initialised.
    pub init_order: Vec<Initializer>,
    /// The `init` functions in the order in which they run.
    pub inits: Vec<ObjId>,
}

/// What checking found out about one file's package level.
#[derive(Clone, Debug)]
pub struct FileInfo {
    /// Its tree.
    pub file: Arc<File>,
    /// The file's scope, which holds its imports.
    pub scope: ScopeId,
    /// The language version that applies in the file.
    pub version: GoVersion,
    /// Facts about the file's package-level tree.
    pub info: Info,
}

/// One step of a package's initialisation: `lhs = rhs`.
#[derive(Clone, Debug)]
pub struct Initializer {
    /// The variables, more than one if `rhs` has several values; blank ones included.
    pub lhs: Vec<ObjId>,
    /// Index of the file.
    pub file: u32,
    /// The initial value, in the file's package-level tree.
    pub rhs: ExprId,
}

/// A language version, `go1.N`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct GoVersion(pub u16);

impl GoVersion {
    /// The version this checker implements.
    pub const CURRENT: GoVersion = GoVersion(27);

    /// Reads `go1.N`, `1.N`, `go1.N.P` and the like.
    pub fn parse(text: &str) -> Option<GoVersion> {
        let rest = text.strip_prefix("go").unwrap_or(text).strip_prefix("1.")?;
        let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        rest[..digits].parse().ok().map(GoVersion)
    }
}

impl std::fmt::Display for GoVersion {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "go1.{}", self.0)
    }
}
