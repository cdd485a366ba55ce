//! What the host makes up: file systems, a clock, random numbers. Programs that use packages os, io/fs, path/filepath, time,
//! math/rand and crypto/rand see no difference, and faults of the host's code are errors in Go.

mod common;

use common::program;
use itab::files::{Entry, FileInfo, Files, MemoryFiles, Open, OpenFile, Overlay};
use itab::{Clock, Descriptor, IsolateOptions, Program};
use std::io::{self, ErrorKind, Write};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, Mutex};
use std::time::{Duration, Instant, SystemTime};

#[derive(Clone, Default)]
struct Output(Arc<Mutex<Vec<u8>>>);

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Runs main; what it prints.
fn run(program: &Program, options: IsolateOptions) -> String {
    let output = Output::default();
    let writer = || Descriptor::Writer(Box::new(output.clone()));
    let stdio = [Descriptor::Reader(Box::new(io::empty())), writer(), writer()];
    let done = program.isolate_with(options.stdio(stdio)).and_then(|mut isolate| isolate.run_main());
    let mut text = String::from_utf8(output.0.lock().unwrap().clone()).unwrap();
    if let Err(e) = done {
        text += &format!("{e}\n");
    }
    text
}

/// Everything that package os can do in a file system.
const FILES: &str = r#"
package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

func check(err error) {
	if err != nil {
		fmt.Println("error:", err)
	}
}

func read(name string) string {
	text, err := os.ReadFile(name)
	if err != nil {
		return "error: " + err.Error()
	}
	return string(text)
}

func list(name string) string {
	all, err := os.ReadDir(name)
	check(err)
	names := []string{}
	for _, e := range all {
		name := e.Name()
		if e.IsDir() {
			name += "/"
		}
		names = append(names, name)
	}
	return strings.Join(names, " ")
}

func main() {
	check(os.Chdir("/data"))
	here, err := os.Getwd()
	fmt.Println(here, err, list("."))

	fmt.Println(read("in.txt"), read("/data/in.txt"), read("sub/../in.txt"))
	fmt.Println(read("none"), read("sub"), read("in.txt/x"), read("in.txt/"))
	_, err = os.Stat("none")
	fmt.Println(errors.Is(err, fs.ErrNotExist))

	f, err := os.Open("in.txt")
	check(err)
	at, err := f.Seek(-4, io.SeekEnd)
	check(err)
	part := make([]byte, 3)
	n, err := f.Read(part)
	fmt.Println(at, string(part[:n]), err)
	n, err = f.ReadAt(part, 1)
	fmt.Println(string(part[:n]), err)
	n, err = f.ReadAt(part, 100)
	fmt.Println(n, err)
	at, err = f.Seek(0, io.SeekCurrent)
	fmt.Println(at, err)
	_, err = f.Seek(-1, io.SeekStart)
	fmt.Println(err)
	_, err = f.Write(part)
	fmt.Println(err)
	info, err := f.Stat()
	other, _ := os.Stat("/data/in.txt")
	fmt.Println(info.Name(), info.Size(), info.Mode(), info.IsDir(), err, os.SameFile(info, other))
	check(f.Close())

	check(os.MkdirAll("a/b/c", 0o755))
	fmt.Println(os.Mkdir("a", 0o755), os.Mkdir("x/y", 0o755))
	check(os.WriteFile("a/b/file", []byte("hello"), 0o640))
	f, err = os.OpenFile("a/b/file", os.O_RDWR|os.O_APPEND, 0)
	check(err)
	f.WriteString(" world")
	check(f.Truncate(9))
	check(f.Sync())
	check(f.Close())
	f, err = os.OpenFile("a/b/file", os.O_RDWR, 0)
	check(err)
	_, err = f.WriteAt([]byte("W"), 6)
	check(err)
	f.WriteString("J")
	check(f.Close())
	fmt.Println(read("a/b/file"))
	_, err = os.OpenFile("a/b/file", os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	fmt.Println(errors.Is(err, fs.ErrExist))
	check(os.Chmod("a/b/file", 0o600))
	check(os.Chtimes("a/b/file", time.Time{}, time.Unix(1e9, 5)))
	info, err = os.Lstat("a/b/file")
	fmt.Println(info.Mode(), info.ModTime().UnixNano(), err)

	check(os.Rename("a/b/file", "a/moved"))
	fmt.Println(read("a/b/file"), read("a/moved"))
	check(os.Rename("a/b", "b"))
	fmt.Println(list("."), list("a"), list("b"))
	fmt.Println(os.Rename("b", "b/c/d"), os.Rename("a/moved", "b"), os.Rename("none", "x"))
	fmt.Println(os.Remove("a"), os.Remove("none"))
	check(os.Remove("a/moved"))
	check(os.RemoveAll("b"))
	check(os.Remove("a"))
	fmt.Println(os.Link("in.txt", "hard"), os.Symlink("in.txt", "soft"))
	_, err = os.Readlink("in.txt")
	fmt.Println(err)
	temp, err := os.CreateTemp(".", "x*y")
	check(err)
	fmt.Println(filepath.Dir(temp.Name()), strings.HasPrefix(filepath.Base(temp.Name()), "x"))
	check(os.Remove(temp.Name()))

	check(filepath.Walk("/data", func(path string, info fs.FileInfo, err error) error {
		fmt.Print(path, " ")
		return err
	}))
	fmt.Println()
	tree := os.DirFS("/data")
	check(fs.WalkDir(tree, ".", func(path string, d fs.DirEntry, err error) error {
		fmt.Print(path, " ")
		return err
	}))
	text, err := fs.ReadFile(tree, "sub/deep.txt")
	globbed, _ := fs.Glob(tree, "*/*.txt")
	fmt.Println(string(text), err, globbed)
	root, err := os.OpenRoot("/data/sub")
	check(err)
	rooted, err := root.ReadFile("deep.txt")
	fmt.Println(string(rooted), err)
	_, err = root.ReadFile("../in.txt")
	fmt.Println(err != nil)
	many := []string{}
	for i := range 300 {
		name := fmt.Sprintf("sub/%03d", i)
		check(os.WriteFile(name, []byte(name), 0o600))
		many = append(many, name)
	}
	d, err := os.Open("sub")
	check(err)
	some, err := d.Readdirnames(10)
	rest, _ := d.Readdirnames(-1)
	fmt.Println(len(some), len(rest), err)
	d.Seek(0, io.SeekStart)
	again, _ := d.Readdirnames(-1)
	fmt.Println(len(again))
	for _, name := range many {
		check(os.Remove(name))
	}
	fmt.Println(read("/etc/passwd"))
}
"#;

const SAYS: &str = "\
/data <nil> in.txt sub/
0123456789 0123456789 0123456789
error: open none: no such file or directory error: read sub: is a directory error: open in.txt/x: not a directory error: open in.txt/: not a directory
true
6 678 <nil>
123 <nil>
0 EOF
9 <nil>
seek in.txt: invalid argument
write in.txt: bad file descriptor
in.txt 10 -rw-r--r-- false <nil> true
mkdir a: file exists mkdir x/y: no such file or directory
Jello Wor
true
-rw------- 1000000000000000005 <nil>
error: open a/b/file: no such file or directory Jello Wor
a/ b/ in.txt sub/ moved c/
rename b b/c/d: invalid argument rename a/moved b: file exists rename none x: no such file or directory
remove a: directory not empty remove none: no such file or directory
link in.txt hard: operation not permitted symlink in.txt soft: operation not permitted
readlink in.txt: invalid argument
. true
/data /data/in.txt /data/sub /data/sub/deep.txt 
. in.txt sub sub/deep.txt deep <nil> [sub/deep.txt]
deep <nil>
true
10 291 <nil>
301
error: open /etc/passwd: operation not permitted
";

static FILES_PROGRAM: LazyLock<Program> = LazyLock::new(|| program(FILES));

fn tree() -> MemoryFiles {
    MemoryFiles::new().with("in.txt", "0123456789").with("sub/deep.txt", "deep")
}

#[test]
fn package_os_works_on_files_in_memory() {
    let files = tree();
    assert_eq!(run(&FILES_PROGRAM, IsolateOptions::default().mount("/data", files.clone())), SAYS);
    assert_eq!(files.names(), ["in.txt", "sub/deep.txt"]);
}

/// A folder of the system with the same files, and a file that is a link out of it.
#[test]
fn an_overlay_keeps_changes_and_the_folder_stays() {
    let top = std::env::temp_dir().join(format!("itab-overlay-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&top);
    std::fs::create_dir_all(top.join("sub")).unwrap();
    std::fs::write(top.join("in.txt"), "0123456789").unwrap();
    std::fs::write(top.join("sub/deep.txt"), "deep").unwrap();
    std::os::unix::fs::symlink("/etc/passwd", top.join("sub/out")).unwrap();
    let changes = MemoryFiles::new();
    let overlay = Overlay::on_folder(&top).unwrap().keeping(changes.clone());
    assert_eq!(run(&FILES_PROGRAM, IsolateOptions::default().mount("/data", overlay)), SAYS);
    assert_eq!(changes.names(), Vec::<String>::new());
    let mut overlay = Overlay::on_folder(&top).unwrap();
    overlay.rename("sub", "moved").unwrap();
    assert_eq!(overlay.info("sub/deep.txt").unwrap_err().kind(), ErrorKind::NotFound);
    overlay.create_folder("sub", 0o700).unwrap();
    assert_eq!(overlay.entries("sub").unwrap(), []);
    assert_eq!(overlay.entries("moved").unwrap(), [Entry { name: "deep.txt".into(), folder: false }]);
    overlay.remove("in.txt").unwrap();
    overlay.open("in.txt", Open { write: true, create: true, ..Open::default() }).unwrap();
    assert_eq!(overlay.info("in.txt").unwrap().len, 0);
    assert_eq!(std::fs::read_to_string(top.join("in.txt")).unwrap(), "0123456789");
    assert!(top.join("sub/deep.txt").exists());
    std::fs::remove_dir_all(&top).unwrap();
}

#[test]
fn files_in_memory_take_no_more_than_their_room() {
    let source = r#"
package main

import (
	"fmt"
	"os"
)

func main() {
	for range 3 {
		f, err := os.Create("/m/f")
		n, e1 := f.Write(make([]byte, 900))
		m, e2 := f.Write(make([]byte, 900))
		fmt.Println(n, m, err, e1, e2)
		fmt.Println(os.Remove("/m/f"), f.Truncate(0), f.Truncate(1<<50))
		f.Close()
	}
}
"#;
    let said = run(&program(source), IsolateOptions::default().mount("/m", MemoryFiles::new().with_room(1000)));
    let round =
        "900 0 <nil> <nil> write /m/f: no space left on device\n<nil> <nil> truncate /m/f: no space left on device\n";
    assert_eq!(said, round.repeat(3));
}

/// What is wrong with a file system.
#[derive(Clone, Copy, PartialEq)]
enum Fault {
    Panics,
    CountsTooMuch,
    LiesAboutNames,
    LiesAboutSize,
}

struct Bad(Fault);

impl Files for Bad {
    fn open(&mut self, _: &str, _: Open) -> io::Result<Box<dyn OpenFile>> {
        Ok(Box::new(Bad(self.0)))
    }
    fn info(&mut self, name: &str) -> io::Result<FileInfo> {
        match self.0 {
            Fault::Panics if name == "panic" => panic!("no"),
            Fault::LiesAboutSize => Ok(FileInfo::file(u64::MAX)),
            _ if name.is_empty() => Ok(FileInfo::folder()),
            _ => Ok(FileInfo::file(10)),
        }
    }
    fn entries(&mut self, _: &str) -> io::Result<Vec<Entry>> {
        let name = |name: &str| Entry { name: name.into(), folder: false };
        match self.0 {
            Fault::LiesAboutNames => Ok(vec![name("../../etc/passwd")]),
            Fault::Panics => panic!("no"),
            _ => Ok(vec![name("long".repeat(20_000).as_str())]),
        }
    }
}

impl OpenFile for Bad {
    fn read_at(&mut self, into: &mut [u8], _: u64) -> io::Result<usize> {
        match self.0 {
            Fault::Panics => panic!("no"),
            Fault::CountsTooMuch => Ok(into.len() + 1),
            _ => Ok(0),
        }
    }
    fn info(&mut self) -> io::Result<FileInfo> {
        Files::info(self, "file")
    }
}

impl Drop for Bad {
    fn drop(&mut self) {
        if self.0 == Fault::Panics && !std::thread::panicking() {
            panic!("and again");
        }
    }
}

#[test]
fn faults_of_a_file_system_are_errors_in_go() {
    let source = r#"
package main

import (
	"fmt"
	"os"
)

func main() {
	_, err := os.ReadFile("/bad/file")
	fmt.Println(err)
	_, err = os.ReadDir("/bad")
	fmt.Println(err)
	_, err = os.Stat("/bad/panic")
	fmt.Println(err)
	fmt.Println(os.Mkdir("/bad/new", 0o700))
}
"#;
    let program = program(source);
    let bad = |fault| run(&program, IsolateOptions::default().mount("/bad", Bad(fault)));
    let io = "input/output error";
    for (fault, says) in [
        (Fault::Panics, format!("read /bad/file: {io}\nreaddirent /bad: {io}\nstat /bad/panic: {io}\n")),
        (Fault::CountsTooMuch, format!("read /bad/file: {io}\nreaddirent /bad: invalid argument\n<nil>\n")),
        (Fault::LiesAboutNames, format!("<nil>\nreaddirent /bad: {io}\n<nil>\n")),
        (Fault::LiesAboutSize, "<nil>\nopen /bad: not a directory\n<nil>\n".into()),
    ] {
        let said = bad(fault);
        assert_eq!(said, says + "mkdir /bad/new: read-only file system\n");
    }
}

/// Time that passes only while all wait.
struct Simulated(Duration);

impl Clock for Simulated {
    fn now(&mut self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000) + self.0
    }
    fn monotonic(&mut self) -> Duration {
        self.0
    }
    fn idle(&mut self, until: Duration) {
        self.0 = self.0.max(until);
    }
}

/// Random bytes that are always the same.
fn counting(start: u64) -> impl FnMut(&mut [u8]) + Send {
    let mut state = start;
    move |into| {
        for b in into {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            *b = (state >> 56) as u8;
        }
    }
}

const CHANCE: &str = r#"
package main

import (
	"context"
	crand "crypto/rand"
	"fmt"
	"hash/maphash"
	"math/rand"
	randv2 "math/rand/v2"
	"sync"
	"time"
)

func main() {
	start := time.Now()
	fmt.Println(start.UTC(), rand.Int(), randv2.Uint64(), randv2.N(100))
	secret := make([]byte, 8)
	crand.Read(secret)
	fmt.Println(secret)
	m := map[int]string{}
	for i := range 100 {
		m[i] = fmt.Sprint(i)
	}
	for k, v := range m {
		fmt.Print(k, v, " ")
	}
	fmt.Println(maphash.String(maphash.MakeSeed(), "x"))
	a, b, c := make(chan int, 100), make(chan int, 100), make(chan int, 100)
	for i := range 50 {
		a <- i
		b <- i
		c <- i
	}
	for range 100 {
		select {
		case x := <-a:
			fmt.Print("a", x)
		case x := <-b:
			fmt.Print("b", x)
		case x := <-c:
			fmt.Print("c", x)
		}
	}
	fmt.Println()
	var wg sync.WaitGroup
	var mu sync.Mutex
	for i := range 20 {
		wg.Go(func() {
			for n := range 3 {
				time.Sleep(time.Duration(rand.Intn(1000)) * time.Millisecond)
				x := 0
				for j := range 200_000 {
					x += j * n
				}
				mu.Lock()
				fmt.Print(i, ":", n, "@", time.Since(start), " ")
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	ctx, cancel := context.WithTimeout(context.Background(), time.Hour)
	defer cancel()
	ticks := 0
	for t := time.NewTicker(time.Minute); ctx.Err() == nil; {
		select {
		case <-t.C:
			ticks++
		case <-ctx.Done():
		}
	}
	fmt.Println(ticks, time.Now().UTC(), time.Since(start))
}
"#;

#[test]
fn with_clock_and_random_numbers_of_the_host_runs_are_the_same() {
    let program = program(CHANCE);
    let go = |seed: u64| {
        let options = IsolateOptions::default().clock(Simulated(Duration::from_secs(5))).random(counting(seed));
        run(&program, options)
    };
    let began = Instant::now();
    let (first, again, other) = (go(1), go(1), go(2));
    assert!(began.elapsed() < Duration::from_secs(60), "an hour has not passed");
    assert_eq!(first, again);
    assert_ne!(first, other);
    assert!(first.starts_with("2001-09-09 01:46:45 +0000 UTC "), "{first}");
    assert!(first.contains(" 60 2001-09-09 02:46:"), "{first}");
}

/// A clock that the host moves.
struct Moved(Arc<AtomicU64>);

impl Clock for Moved {
    fn now(&mut self) -> SystemTime {
        SystemTime::UNIX_EPOCH + self.monotonic()
    }
    fn monotonic(&mut self) -> Duration {
        Duration::from_secs(self.0.load(Ordering::SeqCst))
    }
    fn idle(&mut self, _: Duration) {}
}

#[test]
fn the_host_moves_time() {
    let source = r#"
package main

import (
	"fmt"
	"time"
)

func main() {
	time.Sleep(100 * time.Hour)
	fmt.Println(time.Now().Unix())
}
"#;
    let program = program(source);
    let clock = Arc::new(AtomicU64::new(1));
    let done = AtomicBool::new(false);
    std::thread::scope(|s| {
        s.spawn(|| {
            while !done.load(Ordering::SeqCst) {
                std::thread::sleep(Duration::from_millis(2));
                clock.fetch_add(2 * 3600, Ordering::SeqCst);
            }
        });
        let said = run(&program, IsolateOptions::default().clock(Moved(clock.clone())));
        done.store(true, Ordering::SeqCst);
        assert!(said.trim().parse::<u64>().unwrap() > 360_000, "{said}");
    });
    // A clock that stands still does not keep the isolate from being stopped.
    let options = IsolateOptions::default().clock(Moved(Arc::new(AtomicU64::new(1))));
    let mut isolate = program.isolate_with(options).unwrap();
    let handle = isolate.handle();
    std::thread::scope(|s| {
        s.spawn(move || {
            std::thread::sleep(Duration::from_millis(50));
            handle.kill();
        });
        assert!(matches!(isolate.run_main(), Err(itab::Error::Killed)));
    });
}

/// A clock and a source that panic are no time and no random numbers, and Go goes on.
#[test]
fn a_clock_that_panics_stands_still() {
    struct Panics;
    impl Clock for Panics {
        fn now(&mut self) -> SystemTime {
            panic!("no")
        }
        fn monotonic(&mut self) -> Duration {
            panic!("no")
        }
        fn idle(&mut self, _: Duration) {
            panic!("no")
        }
    }
    let source = "package main\nimport (\"fmt\"; \"time\")\nfunc main() { fmt.Println(time.Now().Unix()) }";
    let options = IsolateOptions::default().clock(Panics).random(|_: &mut [u8]| panic!("no"));
    assert_eq!(run(&program(source), options), "0\n");
}
