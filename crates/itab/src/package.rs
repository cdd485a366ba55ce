//! Host packages: Rust modules that Go imports as packages.
//!
//! [`package`](macro@crate::package) makes a [`Package`] of a module: its documentation, constants, types and functions. Its
//! Go side is source that is generated here, with functions that have no body. The loader finds it as a file in memory below
//! [`ROOT`], where an import of the package's path leads whatever module it is in. Compiled code calls the functions by name,
//! `host/kv.Get`, as any function of the host.
//!
//! The same source with bodies that panic is what [`stubs`](crate::stubs) writes for tools.

use crate::border::Call;
use crate::border::crossing::Fits;
use crate::border::describe::{Constant, ConstantText, Described, Describer, comment, lines, signature};
use crate::border::host::{CheckDeclaration, HostFn, HostFns};
use crate::border::results::GiveResults;
use crate::error::{Error, LoadError};
use crate::state::StateType;
use itab_loader::Memory;
use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Where the source of host packages seems to lie; diagnostics show it.
const ROOT: &str = "/$HOST";

/// A package that Go imports and Rust provides: made by [`#[itab::package]`](macro@crate::package), given to
/// [`EngineBuilder::package`](crate::EngineBuilder::package) and to [`stubs::write`](crate::stubs::write).
#[derive(Clone)]
pub struct Package {
    path: String,
    name: String,
    doc: &'static str,
    text: Arc<Result<Text, String>>,
    functions: Vec<(String, Arc<HostFn>)>,
    states: Vec<StateType>,
}

/// The declarations of a package.
struct Text {
    /// Import paths.
    imports: Vec<String>,
    head: String,
    functions: Vec<FunctionText>,
}

/// A function's declaration.
struct FunctionText {
    doc: &'static str,
    /// `func Get(key string) (string, bool)`
    head: String,
}

/// Collects what is in a package. What the macro makes uses it.
pub struct PackageBuilder {
    path: &'static str,
    name: &'static str,
    doc: &'static str,
    describer: Describer,
    /// Names that are taken.
    names: BTreeSet<String>,
    constants: Vec<(&'static str, &'static str, Vec<String>)>,
    texts: Vec<FunctionText>,
    functions: Vec<(String, Arc<HostFn>)>,
    states: Vec<StateType>,
    wrong: Option<String>,
}

/// A function of a package.
pub struct FunctionParts {
    /// Its name in Go.
    pub name: &'static str,
    /// Its documentation.
    pub doc: &'static str,
    /// Says which parameters and results it has.
    pub describe: for<'d> fn(FunctionDescriber<'d>) -> FunctionDescriber<'d>,
    /// Whether a declaration in Go fits.
    pub check: CheckDeclaration,
    /// Calls it.
    pub call: fn(&mut Call<'_>) -> Result<(), Error>,
    /// What it needs of the isolate.
    pub state: Option<StateType>,
}

/// Is told the parameters and results of a function.
pub struct FunctionDescriber<'d> {
    d: &'d mut Describer,
    params: Vec<(&'static str, String)>,
    results: Vec<String>,
    wrong: Option<String>,
}

impl FunctionDescriber<'_> {
    fn noted<T: Default>(&mut self, what: &str, described: Described<T>) -> T {
        described.unwrap_or_else(|why| {
            self.wrong.get_or_insert_with(|| format!("{what}: {why}"));
            T::default()
        })
    }

    /// The next parameter.
    #[must_use]
    pub fn param<T: Fits>(mut self, name: &'static str) -> Self {
        let described = T::describe(self.d);
        let typ = self.noted(&format!("parameter {name}"), described);
        self.params.push((name, typ));
        self
    }

    /// All results.
    #[must_use]
    pub fn results<R: GiveResults>(mut self) -> Self {
        let described = R::describe(self.d);
        self.results = self.noted("the result", described);
        self
    }
}

impl PackageBuilder {
    /// A package without anything in it.
    pub fn new(path: &'static str, name: &'static str, doc: &'static str) -> PackageBuilder {
        PackageBuilder {
            path,
            name,
            doc,
            describer: Describer::new(path),
            names: BTreeSet::new(),
            constants: vec![],
            texts: vec![],
            functions: vec![],
            states: vec![],
            wrong: None,
        }
    }

    fn refuse(&mut self, why: String) {
        self.wrong.get_or_insert(why);
    }

    fn take_name(&mut self, name: &str) {
        if !self.names.insert(name.into()) {
            self.refuse(format!("{name} is declared twice; name one by #[go(name = \"..\")]"));
        }
        if !name.starts_with(char::is_uppercase) {
            self.refuse(format!("no other package sees {name}: names for Go begin with a capital letter"));
        }
    }

    /// A constant.
    pub fn constant<T: Constant>(&mut self, name: &'static str, doc: &'static str, value: T) {
        self.take_name(name);
        match (T::describe(&mut self.describer), value.literal()) {
            (Ok(typ), Some(literal)) => self.constants.push((name, doc, vec![typ, format!("= {literal}")])),
            (Ok(typ), None) => self.refuse(format!("constant {name}: Go has no constant of type {typ} for it")),
            (Err(why), _) => self.refuse(format!("constant {name}: {why}")),
        }
    }

    /// A type of Rust that is one of the package.
    pub fn declare<T: Fits>(&mut self) {
        if let Err(why) = T::describe(&mut self.describer) {
            self.refuse(format!("type {}: {why}", crate::border::crossing::rust_name::<T>()));
        }
    }

    /// A function.
    pub fn function(&mut self, parts: FunctionParts) {
        let FunctionParts { name, doc, describe, check, call, state } = parts;
        self.take_name(name);
        let d = &mut self.describer;
        let told = describe(FunctionDescriber { d, params: vec![], results: vec![], wrong: None });
        let head = format!("func {name}{}", signature(&told.params, &told.results));
        if let Some(why) = told.wrong {
            self.refuse(format!("{why} (of {name})"));
        }
        self.texts.push(FunctionText { doc, head });
        let full = format!("{}.{name}", self.path);
        self.functions.push((full, Arc::new(HostFn { call: Box::new(call), check })));
        if let Some(state) = state.filter(|s| self.states.iter().all(|other| other.id != s.id)) {
            self.states.push(state);
        }
    }

    /// The package.
    pub fn build(mut self) -> Package {
        let types = std::mem::take(&mut self.describer.types);
        for t in &types {
            self.take_name(&t.name);
            t.constants.iter().for_each(|c| self.take_name(c.name));
        }
        let mut head = String::new();
        imports(&mut head, &self.describer);
        group(&mut head, "const", &self.constants);
        for t in &types {
            head.push('\n');
            comment(&mut head, t.doc, "");
            let _ = writeln!(head, "type {} {}", t.name, t.body);
            let value = |c: &ConstantText| (c.name, c.doc, vec![t.name.clone(), format!("= {}", c.literal)]);
            group(&mut head, "const", &t.constants.iter().map(value).collect::<Vec<_>>());
        }
        let imports = self.describer.imports.into_keys().collect();
        let text = Text { imports, head, functions: self.texts };
        Package {
            path: self.path.into(),
            name: self.name.into(),
            doc: self.doc,
            text: Arc::new(self.wrong.map_or(Ok(text), Err)),
            functions: self.functions,
            states: self.states,
        }
    }
}

fn imports(out: &mut String, describer: &Describer) {
    let import = |(path, name): (&String, &String)| match path.rsplit('/').next() {
        Some(last) if last == name => format!("\"{path}\""),
        _ => format!("{name} \"{path}\""),
    };
    let all: Vec<String> = describer.imports.iter().map(import).collect();
    let _ = match &all[..] {
        [] => Ok(()),
        [one] => writeln!(out, "\nimport {one}"),
        many => writeln!(out, "\nimport (\n\t{}\n)", many.join("\n\t")),
    };
}

/// Declarations in brackets.
fn group(out: &mut String, keyword: &str, items: &[(&'static str, &'static str, Vec<String>)]) {
    if !items.is_empty() {
        let _ = writeln!(out, "\n{keyword} (\n{})", lines(items.iter().cloned()));
    }
}

/// The bodies of functions in the source of a package.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bodies {
    /// None: Rust has them.
    None,
    /// What says that there are none here.
    Panics,
}

impl Package {
    /// The path by which Go imports it.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Its Go source, in which functions have no bodies.
    ///
    /// # Errors
    /// When something in it has no Go type.
    pub fn source(&self) -> Result<String, LoadError> {
        self.render(Bodies::None)
    }

    /// The paths of the packages that it imports.
    pub(crate) fn imports(&self) -> Result<&[String], LoadError> {
        Ok(&self.text()?.imports)
    }

    pub(crate) fn render(&self, bodies: Bodies) -> Result<String, LoadError> {
        let text = self.text()?;
        let mut out = String::from("// Code generated by itab from the host's Rust source. DO NOT EDIT.\n\n");
        comment(&mut out, self.doc, "");
        let _ = write!(out, "package {}\n{}", self.name, text.head);
        for f in &text.functions {
            out.push('\n');
            comment(&mut out, f.doc, "");
            let _ = match bodies {
                Bodies::None => writeln!(out, "{}", f.head),
                Bodies::Panics => writeln!(out, "{} {{\n\tpanic(\"implemented by the host\")\n}}", f.head),
            };
        }
        Ok(out)
    }

    fn text(&self) -> Result<&Text, LoadError> {
        self.text.as_ref().as_ref().map_err(|why| self.error(why.clone()))
    }

    /// The name of the file of its source.
    pub(crate) fn file_name(&self) -> String {
        format!("{}.go", self.name)
    }

    fn error(&self, why: String) -> LoadError {
        LoadError::Package { path: self.path.clone(), why }
    }
}

impl std::fmt::Debug for Package {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Package({:?})", self.path)
    }
}

/// The packages of an engine.
#[derive(Clone, Default)]
pub(crate) struct Packages(Vec<Package>);

impl Packages {
    /// Adds a package: its source to the files in memory, its functions to those of the host.
    pub(crate) fn add(&mut self, package: Package, memory: &mut Memory, host: &mut HostFns) {
        if let Ok(source) = package.source() {
            memory.insert(folder(&package.path).join(package.file_name()), source);
        }
        host.extend(package.functions.iter().cloned());
        self.0.push(package);
    }

    /// Their folders, by import path.
    pub(crate) fn folders(&self) -> impl Iterator<Item = (String, PathBuf)> {
        self.0.iter().map(|p| (p.path.clone(), folder(&p.path)))
    }

    /// What is wrong with one of them.
    pub(crate) fn check(&self) -> Result<(), LoadError> {
        for (i, package) in self.0.iter().enumerate() {
            if self.0[..i].iter().any(|other| other.path == package.path) {
                return Err(package.error("the engine has two packages of this path".into()));
            }
            package.text()?;
        }
        Ok(())
    }

    /// What isolates of a program that imports these packages need, each with its package.
    pub(crate) fn needs(&self, imported: &[String]) -> Result<Vec<(String, StateType)>, LoadError> {
        self.check()?;
        let mut needs = vec![];
        for path in imported {
            let why = "the program was saved with this package, which the engine has not".to_string();
            let missing = || LoadError::Package { path: path.clone(), why };
            let package = self.0.iter().find(|p| p.path == *path).ok_or_else(missing)?;
            needs.extend(package.states.iter().map(|s| (path.clone(), *s)));
        }
        Ok(needs)
    }
}

fn folder(path: &str) -> PathBuf {
    Path::new(ROOT).join(path)
}
