//! The cache of compiled programs: what is found again, what is not, and that nothing wrong is.

use itab::{Engine, EngineBuilder, Error, Program};
use std::fs;
use std::path::{Path, PathBuf};

/// A module in a folder of its own, and a cache beside it.
struct TestDir(PathBuf);

const MAIN: &str = r#"package main

import _ "embed"

//go:embed words.txt
var words string

type T struct{ n int }

func (t T) Twice() int { return 2 * t.n }

type Twicer interface{ Twice() int }

func local(n int) any {
	type pair struct{ a, b int }
	return pair{n, n}
}

func Words() string { return words }
func First(n int) int { return n + 1 }
func Second(n int) int { return Twicer(T{n}).Twice() }
func Third(n int) int {
	f := func(m int) int { return First(m) + Second(m) }
	m := map[string]int{"a": f(n)}
	if local(n) == local(n) {
		m["a"]++
	}
	return m["a"]
}
func main() {}
"#;

/// An engine with the Go that `$GOROOT` names or `cargo xtask setup` has got.
fn builder() -> EngineBuilder {
    let workspace = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/goroot");
    Engine::builder().goroot(std::env::var_os("GOROOT").map_or_else(workspace, PathBuf::from))
}

impl TestDir {
    fn new(name: &str) -> TestDir {
        let dir = std::env::temp_dir().join(format!("itab-cache-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&dir);
        fs::create_dir_all(dir.join("src")).unwrap();
        let place = TestDir(dir);
        place.write("main.go", MAIN);
        place.write("words.txt", "some words");
        place
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    /// A file of the module.
    fn path(&self, name: &str) -> PathBuf {
        self.0.join("src").join(name)
    }

    fn cache(&self) -> PathBuf {
        self.0.join("cache")
    }

    fn engine(&self) -> Engine {
        builder().cache(self.cache()).build()
    }

    fn load(&self) -> Program {
        self.engine().load(&[self.path("main.go").to_str().unwrap()]).unwrap()
    }

    /// The files of the cache.
    fn entries(&self) -> Vec<PathBuf> {
        let dir = fs::read_dir(self.cache());
        let mut entries: Vec<_> = dir.map_or(vec![], |d| d.map(|e| e.unwrap().path()).collect());
        entries.retain(|e| e.extension().is_some_and(|x| x == "itab"));
        entries
    }

    fn entry(&self) -> PathBuf {
        let entries = self.entries();
        assert_eq!(entries.len(), 1, "{entries:?}");
        entries[0].clone()
    }
}

impl Drop for TestDir {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn call(program: &Program, name: &str, n: i64) -> i64 {
    let mut isolate = program.isolate().unwrap();
    isolate.enter(|s| s.func::<fn(i64) -> i64>(name)?.call(s, n)).unwrap()
}

fn words(program: &Program) -> String {
    let mut isolate = program.isolate().unwrap();
    isolate.enter(|s| s.func::<fn() -> String>("Words")?.call(s)).unwrap()
}

fn size(path: &Path) -> u64 {
    fs::metadata(path).unwrap().len()
}

#[test]
fn what_runs_compile_comes_together() {
    let place = TestDir::new("together");
    assert_eq!(call(&place.load(), "main.First", 1), 2);
    let first = size(&place.entry());
    // Each of these meets functions, types and closures that no run before has met.
    assert_eq!(call(&place.load(), "main.Second", 4), 8);
    let second = size(&place.entry());
    assert!(second > first, "{first} {second}");
    assert_eq!(call(&place.load(), "main.Third", 4), 14);
    let third = size(&place.entry());
    assert!(third > second, "{second} {third}");
    let written = fs::metadata(place.entry()).unwrap().modified().unwrap();
    for n in 0..3 {
        let program = place.load();
        assert_eq!(call(&program, "main.Third", n), 3 * n + 2);
        assert_eq!(call(&program, "main.Second", n), 2 * n);
        assert_eq!(call(&program, "main.First", n), n + 1);
    }
    assert_eq!(fs::metadata(place.entry()).unwrap().modified().unwrap(), written, "nothing was compiled");
}

#[test]
fn a_running_program_keeps_its_source() {
    let place = TestDir::new("keeps");
    assert_eq!(call(&place.load(), "main.First", 1), 2);
    let old = place.load();
    place.write("main.go", &MAIN.replace("n + 1", "n + 100").replace("2 * t.n", "3 * t.n"));
    assert_eq!(call(&old, "main.First", 1), 2);
    assert_eq!(call(&old, "main.Second", 4), 8, "compiled from the source that was loaded");
    drop(old);
    let new = place.load();
    assert_eq!((call(&new, "main.First", 1), call(&new, "main.Second", 4)), (101, 12));
}

#[test]
fn changed_source_is_compiled_again() {
    let place = TestDir::new("changed");
    assert_eq!(call(&place.load(), "main.First", 1), 2);
    // Of the same size, and likely within the same tick of the file system's clock.
    place.write("main.go", &MAIN.replace("n + 1", "n + 2"));
    assert_eq!(call(&place.load(), "main.First", 1), 3);
    assert_eq!(words(&place.load()), "some words");
    place.write("words.txt", "more words");
    assert_eq!(words(&place.load()), "more words");
    place.write("main.go", "package main\nfunc main() {");
    assert!(place.engine().load(&[place.path("main.go").to_str().unwrap()]).is_err());
}

#[test]
fn damage_is_compiled_over() {
    let place = TestDir::new("damage");
    assert_eq!(call(&place.load(), "main.Third", 1), 5);
    let entry = place.entry();
    let good = fs::read(&entry).unwrap();
    let damaged = |bytes: &[u8]| {
        fs::write(&entry, bytes).unwrap();
        assert_eq!(call(&place.load(), "main.Third", 1), 5);
        assert!(fs::read(&entry).unwrap() != bytes, "written again");
    };
    for cut in [0, 1, 7, 40, 100, good.len() / 2, good.len() - 1] {
        damaged(&good[..cut]);
    }
    for at in (0..good.len()).step_by(good.len() / 9) {
        let mut bytes = good.clone();
        bytes[at] ^= 0x40;
        damaged(&bytes);
    }
    // Of another version of the engine, or for another processor.
    let mut other = good.clone();
    other[8..24].copy_from_slice(&[7; 16]);
    damaged(&other);
    fs::remove_file(&entry).unwrap();
    fs::create_dir(&entry).unwrap();
    assert_eq!(call(&place.load(), "main.Third", 1), 5, "a cache that cannot be written does no harm");
}

#[test]
fn writers_do_not_disturb_each_other() {
    let place = TestDir::new("writers");
    std::thread::scope(|threads| {
        for t in 0..4 {
            let place = &place;
            threads.spawn(move || {
                for i in 0..12 {
                    let name = ["main.First", "main.Second", "main.Third"][(t + i) % 3];
                    let want = [11, 20, 32][(t + i) % 3];
                    assert_eq!(call(&place.load(), name, 10), want);
                    if let (true, Some(entry)) = (i % 5 == t, place.entries().first()) {
                        let _ = fs::remove_file(entry);
                    }
                }
            });
        }
    });
    assert_eq!(call(&place.load(), "main.Third", 10), 32);
    place.entry();
}

#[test]
fn the_oldest_go_when_there_is_too_much() {
    let place = TestDir::new("evict");
    let run = |name: &str, limit: u64| {
        place.write(name, MAIN);
        let engine = builder().cache(place.cache()).cache_limit(limit).build();
        call(&engine.load(&[place.path(name).to_str().unwrap()]).unwrap(), "main.First", 1);
    };
    run("main.go", u64::MAX);
    let one = size(&place.entry());
    let old = place.entry();
    let long_ago = std::time::SystemTime::now() - std::time::Duration::from_secs(9999);
    fs::File::options().append(true).open(&old).unwrap().set_modified(long_ago).unwrap();
    run("second.go", 2 * one + 100);
    assert_eq!(place.entries().len(), 2);
    run("third.go", 2 * one + 100);
    assert_eq!(place.entries().len(), 2);
    assert!(!old.exists());
}

#[test]
fn what_is_no_function_is_none_from_the_cache_either() {
    let place = TestDir::new("none");
    let message = |program: Program| {
        let mut isolate = program.isolate().unwrap();
        let failed: Result<i64, Error> = isolate.enter(|s| s.func::<fn() -> i64>("Nope")?.call(s));
        failed.unwrap_err().to_string()
    };
    assert_eq!(call(&place.load(), "main.First", 1), 2);
    let fresh = {
        let engine = builder().build();
        message(engine.load(&[place.path("main.go").to_str().unwrap()]).unwrap())
    };
    assert_eq!(message(place.load()), fresh);
    // Saving and looking at a program from the cache work as on any other.
    let saved = place.load().save().unwrap();
    let restored = builder().build().restore(&saved).unwrap();
    assert_eq!(call(&restored, "main.Third", 4), 14);
    assert!(place.load().dump("main.First", itab::Stage::Ir).is_ok());
}
