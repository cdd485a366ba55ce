//! The engine: finds, parses and checks source, and makes programs of it.

use crate::artifact::Saved;
use crate::border::host::HostFn;
use crate::border::{AsyncHostFunc, Call, HostFunc};
use crate::cache::{Cache, DEFAULT_LIMIT, Slot};
use crate::check::{CheckOptions, CheckStats, Checked, check};
use crate::diagnose::wrong;
use crate::error::{Error, LoadError};
use crate::load::{Setup, Std, Wanted};
use crate::origin::{Origin, Resume};
use crate::package::Package;
use crate::program::{Keep, Program, Shared};
use crate::testmain;
use itab_loader::pattern::Root;
use itab_loader::{BuildTarget, Loader, Manifest, Package as LoadedPackage, Recorder};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Loads programs. `Send + Sync`.
pub struct Engine {
    setup: Setup,
    cache: Option<Cache>,
}

/// Sets up an [`Engine`].
#[derive(Default)]
pub struct EngineBuilder {
    setup: Setup,
    cache: Option<Cache>,
}

impl EngineBuilder {
    /// Where Go 1.27's standard library is. Otherwise `$GOROOT`, `go env GOROOT` and the usual places are tried.
    pub fn goroot(mut self, path: impl AsRef<Path>) -> EngineBuilder {
        self.setup.goroot = Some(current_dir().join(path));
        self
    }

    /// Takes the standard library that is packed into this binary: there is one with the feature `packed-std`. It is taken
    /// anyway when no Go is installed.
    pub fn packed_std(mut self) -> EngineBuilder {
        self.setup.goroot = Some(itab_loader::packed::ROOT.into());
        self
    }

    /// A source file in memory, which shadows one on disk. Relative paths are below the current folder.
    pub fn file(mut self, path: impl AsRef<Path>, text: impl Into<Vec<u8>>) -> EngineBuilder {
        self.setup.memory.insert(current_dir().join(path), text);
        self
    }

    /// Provides a function that Go source declares without a body, by its full name: `main.f`. Whether it fits the
    /// declaration is checked when a program is loaded. Names that the standard library has are not taken.
    ///
    /// ```
    /// # fn main() -> itab::Result<()> {
    /// let source = "package main\nfunc twice(n int) int\nfunc Quad(n int) int { return twice(twice(n)) }";
    /// let engine = itab::Engine::builder().file("quad.go", source).func("main.twice", |n: i64| 2 * n).build();
    /// let mut isolate = engine.load(&["quad.go"])?.isolate()?;
    /// assert_eq!(isolate.func::<fn(i64) -> i64>("Quad")?.call(&mut isolate, 3)?, 12);
    /// # Ok(())
    /// # }
    /// ```
    pub fn func<M>(mut self, name: &str, f: impl HostFunc<M>) -> EngineBuilder {
        self.setup.host.insert(name.into(), Arc::new(host_fn(f)));
        self
    }

    /// As [`EngineBuilder::func`], for an `async fn` of owned arguments. The goroutine that calls it waits, and other goroutines
    /// run meanwhile. Its future is polled by whoever runs the isolate: by [`Func::call_async`](crate::Func) in its
    /// poll, or on the thread of a blocking call. It is dropped when the isolate ends, or the call is given up; its panic is a
    /// Go panic of the goroutine that called.
    ///
    /// ```
    /// # fn main() -> itab::Result<()> {
    /// let source = "package main\nfunc fetch(url string) (string, error)\nfunc Get(url string) (string, error) { return fetch(url) }";
    /// let fetch = |url: String| async move { Ok::<_, std::io::Error>(format!("<{url}>")) };
    /// let engine = itab::Engine::builder().file("get.go", source).func_async("main.fetch", fetch).build();
    /// let mut isolate = engine.load(&["get.go"])?.isolate()?;
    /// let get = isolate.func::<fn(String) -> itab::Result<String>>("Get")?;
    /// assert_eq!(get.call(&mut isolate, "go.dev")?, "<go.dev>");
    /// # let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    /// # let page = runtime.block_on(async {
    /// let page = get.call_async(&mut isolate, "go.dev").await?;
    /// # Ok::<_, itab::Error>(page) })?;
    /// assert_eq!(page, "<go.dev>");
    /// # Ok(())
    /// # }
    /// ```
    pub fn func_async<M>(mut self, name: &str, f: impl AsyncHostFunc<M>) -> EngineBuilder {
        self.setup.host.insert(name.into(), Arc::new(async_host_fn(f)));
        self
    }

    /// As [`EngineBuilder::func`], for a function that takes its arguments and gives its results one by one, whatever types
    /// Go has declared.
    pub fn func_with(
        mut self,
        name: &str,
        f: impl Fn(&mut Call<'_>) -> Result<(), Error> + Send + Sync + 'static,
    ) -> EngineBuilder {
        self.setup.host.insert(name.into(), Arc::new(HostFn { call: Box::new(f), check: |_, _| Ok(()) }));
        self
    }

    /// Provides a package that Go source imports, made of a Rust module by [`#[itab::package]`](macro@crate::package).
    pub fn package(mut self, package: Package) -> EngineBuilder {
        let Setup { packages, memory, host, .. } = &mut self.setup;
        packages.add(package, memory, host);
        self
    }

    /// Switches passes of the compiler off and on, for finding the one that is wrong: `-escape,-inline`, `none`, or
    /// `-fold@main.f` for one function. Programs compiled under other switches are not taken from the cache.
    pub fn passes(mut self, switches: &str) -> EngineBuilder {
        self.setup.passes = switches.into();
        self
    }

    /// Keeps what is compiled in files in this folder, for later runs; none are kept otherwise. Many processes may use one
    /// folder. Entries that were not used for long go when all together are larger than 256 MB.
    pub fn cache(mut self, dir: impl AsRef<Path>) -> EngineBuilder {
        self.cache = Some(Cache { dir: current_dir().join(dir), limit: DEFAULT_LIMIT });
        self
    }

    /// The most bytes that the files in the cache may have together.
    pub fn cache_limit(mut self, bytes: u64) -> EngineBuilder {
        if let Some(cache) = &mut self.cache {
            cache.limit = bytes;
        }
        self
    }

    /// The engine.
    pub fn build(self) -> Engine {
        Engine { setup: self.setup, cache: self.cache }
    }
}

fn host_fn<M, F: HostFunc<M>>(f: F) -> HostFn {
    HostFn { call: Box::new(move |call| f.run(call)), check: F::check }
}

fn async_host_fn<M, F: AsyncHostFunc<M>>(f: F) -> HostFn {
    HostFn { call: Box::new(move |call| f.start(call)), check: F::check }
}

/// Loads a program with the default [`Engine`]: a Go file, a folder or an import path.
///
/// # Errors
/// What is wrong with the source, or what is missing.
///
/// ```no_run
/// # fn main() -> itab::Result<()> {
/// let mut rules = itab::load("rules.go")?.isolate()?;
/// let allow = rules.func::<fn(String) -> bool>("Allow")?;
/// println!("{}", allow.call(&mut rules, "visitor")?);
/// # Ok(())
/// # }
/// ```
pub fn load(pattern: &str) -> Result<Program, LoadError> {
    Engine::default().load(&[pattern])
}

/// Loads a program of one file whose text this is.
///
/// # Errors
/// What is wrong with the source, or what is missing.
///
/// ```
/// # fn main() -> itab::Result<()> {
/// let mut isolate = itab::source("package main\nfunc Add(a, b int) int { return a + b }")?.isolate()?;
/// assert_eq!(isolate.func::<fn(i64, i64) -> i64>("Add")?.call(&mut isolate, 40, 2)?, 42);
/// # Ok(())
/// # }
/// ```
pub fn source(text: &str) -> Result<Program, LoadError> {
    Engine::builder().file("source.go", text).build().load(&["source.go"])
}

fn current_dir() -> PathBuf {
    std::env::current_dir().unwrap_or_else(|_| PathBuf::from("/"))
}

/// Where `itab setup` puts Go's source, and where it is looked for; none without a home folder.
pub fn data_goroot() -> Option<PathBuf> {
    itab_loader::goroot::data_dir()
}

/// Go's licence, if the source of its standard library is packed into this binary.
pub fn packed_license() -> Option<&'static str> {
    itab_loader::packed::license()
}

impl Default for Engine {
    fn default() -> Engine {
        Engine::builder().build()
    }
}

impl Engine {
    /// Sets up an engine.
    pub fn builder() -> EngineBuilder {
        EngineBuilder::default()
    }

    /// Loads and checks a program: Go files, a folder or an import path. Its functions are compiled when they are first
    /// called.
    ///
    /// # Errors
    /// What is wrong with the source, or what is missing.
    pub fn load<S: AsRef<str>>(&self, patterns: &[S]) -> Result<Program, LoadError> {
        let request = Wanted {
            patterns: patterns.iter().map(|p| p.as_ref().to_string()).collect(),
            dir: current_dir(),
            target: BuildTarget::Itab,
        };
        let source = self.setup.source();
        let Some(cache) = &self.cache else {
            let made = self.setup.world(&request, source, None)?;
            let origin = Origin::world(made.world, made.files, false);
            return Ok(Program(Shared::new(origin, made.starts, &self.setup, None)?));
        };
        let slot = cache.slot(&self.setup.words(&request));
        if let Some((manifest, saved)) = slot.find(&*source) {
            let starts = saved.starts.clone();
            let origin = Origin::Saved(Box::new(saved), Some(self.resume(request, &manifest, &slot)));
            let keep = Keep { slot, manifest };
            return Ok(Program(Shared::new(origin, starts, &self.setup, Some(keep))?));
        }
        let recorder = Arc::new(Recorder::new(source));
        let made = self.setup.world(&request, recorder.clone(), Some(&recorder))?;
        let keep = Keep { slot, manifest: recorder.manifest() };
        let origin = Origin::world(made.world, made.files, true);
        Ok(Program(Shared::new(origin, made.starts, &self.setup, Some(keep))?))
    }

    /// The way to the source of a program that the cache had, as it was when the program was compiled.
    fn resume(&self, request: Wanted, manifest: &Manifest, slot: &Slot) -> Resume {
        let (setup, manifest) = (self.setup.clone(), manifest.clone());
        let load = move || {
            let source = Arc::new(manifest.replay(setup.source()));
            let made = setup.world(&request, source, None)?;
            Ok((made.world, made.files))
        };
        Resume { load: Box::new(load), slot: slot.clone() }
    }

    /// The packages that patterns mean, for [`Engine::load_tests`].
    ///
    /// # Errors
    /// A pattern means nothing.
    pub fn list<S: AsRef<str>>(&self, patterns: &[S]) -> Result<Vec<ListedPackage>, LoadError> {
        let wanted = Wanted {
            patterns: patterns.iter().map(|p| p.as_ref().to_string()).collect(),
            dir: current_dir(),
            target: BuildTarget::Itab,
        };
        let source = self.setup.source();
        let goroot = self.setup.goroot(&*source, &wanted.dir)?;
        self.setup.packages.check()?;
        let loader = Loader::new(wanted.config(&self.setup, source, Std::Whole(goroot)));
        let (roots, errors) = loader.find(&wanted.request(false));
        if let Some(error) = errors.into_iter().next() {
            return Err(LoadError::NotFound(error));
        }
        let listed =
            |root: Root| ListedPackage { path: root.location.path, dir: root.location.dir, wildcard: root.wildcard };
        Ok(roots.into_iter().map(listed).collect())
    }

    /// The program that runs the tests of one package with Go's package testing; none if it has no test files.
    ///
    /// # Errors
    /// What is wrong with the source, or what is missing.
    pub fn load_tests(&self, pattern: &str) -> Result<Option<Program>, LoadError> {
        let wanted = Wanted { patterns: vec![pattern.to_string()], dir: current_dir(), target: BuildTarget::Itab };
        let source = self.setup.source();
        let goroot = self.setup.goroot(&*source, &wanted.dir)?;
        self.setup.packages.check()?;
        let loader = Loader::new(wanted.config(&self.setup, source, Std::Whole(goroot)));
        let mut request = wanted.request(true);
        let loaded = loader.load(&request);
        if !loaded.ok() {
            return Err(wrong(loader.files(), loaded.diagnostics()));
        }
        let tested: Vec<&LoadedPackage> =
            loaded.roots.iter().filter_map(|path| loaded.get(path)).map(|p| &**p).collect();
        let text = testmain::generate(loader.names(), &tested).map_err(LoadError::NotFound)?;
        let Some(text) = text else { return Ok(None) };
        request.test_main = Some(text.into());
        let loaded = loader.load(&request);
        if !loaded.ok() {
            return Err(wrong(loader.files(), loaded.diagnostics()));
        }
        let checked = check(&loader, &loaded, &self.setup.host, BuildTarget::Itab, CheckOptions::default())?;
        let made = self.setup.made(checked)?;
        let origin = Origin::world(made.world, made.files, false);
        Ok(Some(Program(Shared::new(origin, made.starts, &self.setup, None)?)))
    }

    /// Checks packages, bodies and all, without making a program of them.
    ///
    /// # Errors
    /// What is wrong with the source, or what is missing.
    pub fn check<S: AsRef<str>>(&self, patterns: &[S], options: CheckOptions<'_>) -> Result<CheckStats, LoadError> {
        let all: Vec<String> = patterns.iter().map(|p| p.as_ref().to_string()).collect();
        let checked = |patterns, options| {
            let wanted = Wanted { patterns, dir: current_dir(), target: BuildTarget::Host };
            self.setup.checked(&wanted, options, self.setup.source(), None)
        };
        let plain = CheckOptions { tests: false, ..options };
        let Checked { mut stats, roots, .. } = checked(all.clone(), plain)?;
        if !options.tests {
            return Ok(stats);
        }
        // A package with its tests is another package, wherever it is imported: one at a time.
        let one = |root: &Arc<str>| checked(vec![root.to_string()], options);
        let tested = match &roots[..] {
            [_] => vec![checked(all, options)],
            roots => roots.iter().map(one).collect(),
        };
        let mut wrong = vec![];
        for outcome in tested {
            match outcome {
                Ok(checked) => stats += checked.stats,
                Err(LoadError::Source(found)) => wrong.extend(found),
                Err(e) => return Err(e),
            }
        }
        if wrong.is_empty() { Ok(stats) } else { Err(LoadError::Source(wrong)) }
    }

    /// A program that [`Program::save`] wrote. Nothing is compiled any more.
    ///
    /// # Errors
    /// When it is damaged or was saved by another version.
    pub fn restore(&self, saved: &[u8]) -> Result<Program, LoadError> {
        let saved = Saved::read(saved)?;
        let starts = saved.starts.clone();
        Ok(Program(Shared::new(Origin::Saved(Box::new(saved), None), starts, &self.setup, None)?))
    }
}

/// A package that a pattern means.
#[derive(Clone, Debug)]
pub struct ListedPackage {
    /// Its import path.
    pub path: String,
    /// Its folder.
    pub dir: PathBuf,
    /// Whether `...` or `std` found it: it may have no files that count.
    pub wildcard: bool,
}
