//! Faults on the host's side of the border: streams that panic or lie, a failed initialisation that is called again,
//! text that Rust cannot hold, and types that have no Rust counterpart between those that have.

mod common;

use common::{builder, load, program};
use itab::{Call, Descriptor, Error, IsolateOptions};
use std::fmt::Write as _;
use std::io;
use std::sync::{Arc, Mutex};

/// What a stream does with a buffer.
type Behaviour = fn(&mut [u8]) -> io::Result<usize>;

/// A stream that does as it is told.
struct Stream(Behaviour);

impl io::Read for Stream {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        (self.0)(into)
    }
}

impl io::Write for Stream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        (self.0)(&mut bytes.to_vec())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A panic's payload whose destructor panics.
struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("and again");
    }
}

/// What is wrong with a stream. Each needs much more stack than a native of Go has.
const FAULTS: [(&str, Behaviour); 4] = [
    ("panics", |_| panic!("no")),
    ("panics with a bomb", |_| std::panic::panic_any(Bomb)),
    ("counts too much", |b| Ok(b.len() + 1)),
    ("needs stack", |b| {
        let room = std::hint::black_box([1u8; 1 << 20]);
        assert!(room.iter().all(|x| *x == 1));
        Ok(b.len())
    }),
];

const STREAMS: &str = r#"
package main

import "syscall"

func Write() int { return told(syscall.Write(1, []byte("text"))) }

func Print() int { println("text"); return 0 }

func Read() int { return told(syscall.Read(0, make([]byte, 100))) }

func told(n int, err error) int {
	if e, ok := err.(syscall.Errno); ok {
		return -int(e)
	}
	return n
}

func main() {}
"#;

#[test]
fn streams_of_the_host_may_panic_and_lie() {
    let program = program(STREAMS);
    for (what, fault) in FAULTS {
        let stream = || Stream(fault);
        let stdio = [
            Descriptor::Reader(Box::new(stream())),
            Descriptor::Writer(Box::new(stream())),
            Descriptor::Writer(Box::new(stream())),
        ];
        let mut isolate = program.isolate_with(IsolateOptions::default().stdio(stdio)).unwrap();
        let mut call = |name: &str| isolate.enter(|s| s.func::<fn() -> i64>(name)?.call(s)).unwrap();
        let (written, read) = if what == "needs stack" { (4, 100) } else { (-5, -5) };
        assert_eq!(call("main.Write"), written, "a writer that {what}");
        assert_eq!(call("main.Print"), 0, "a writer that {what}");
        assert_eq!(call("main.Read"), read, "a reader that {what}");
    }
}

#[test]
fn an_isolate_whose_initialisation_failed_stays_so() {
    let source = "package main\nvar ready bool\nfunc init() { panic(\"no licence\") }\nfunc Ready() bool { return ready }\nfunc main() {}";
    let mut isolate = program(source).isolate().unwrap();
    for _ in 0..3 {
        let error = isolate.enter(|s| s.func::<fn() -> bool>("Ready")?.call(s)).unwrap_err();
        assert_eq!(error.to_string(), "panic: no licence");
        assert_eq!(isolate.run_main().unwrap_err().to_string(), "panic: no licence");
        assert_eq!(isolate.run_until_idle().unwrap_err().to_string(), "panic: no licence");
    }
}

#[test]
fn text_that_is_not_utf8_is_an_error_and_bytes_keep_it() {
    let program = program("package main\nfunc Text() string { return \"ab\\xff\" }\nfunc main() {}");
    let mut isolate = program.isolate().unwrap();
    isolate
        .enter(|s| {
            let error = s.func::<fn() -> String>("Text")?.call(s).unwrap_err();
            assert!(matches!(error, Error::Utf8 { valid: 2 }), "{error}");
            assert_eq!(s.func::<fn() -> Vec<u8>>("Text")?.call(s)?, b"ab\xff");
            let text = s.func::<fn() -> itab::GoStr>("Text")?.call(s)?;
            assert!(matches!(text.get(s), Err(Error::Utf8 { valid: 2 })));
            assert_eq!(text.bytes(s)?, b"ab\xff");
            Ok(())
        })
        .unwrap();
}

/// Types that have no Rust counterpart: how many words each is follows from its leaves, not from its size.
fn strange_types() -> Vec<String> {
    let scalars = ["bool", "int8", "uint16", "int32", "float32", "float64", "string", "[]byte", "any", "complex64"];
    let mut types: Vec<String> = ["complex64", "complex128", "[0]int", "struct{}", "*int", "map[int]int", "chan int"]
        .into_iter()
        .map(String::from)
        .collect();
    for (i, a) in scalars.iter().enumerate() {
        let b = scalars[(i + 3) % scalars.len()];
        for n in 0..4 {
            types.push(format!("[{n}]{a}"));
        }
        for fields in [
            format!("a {a}"),
            format!("a {a}; b {b}"),
            format!("a {a}; _ {b}; c {a}"),
            format!("a [1]{a}; b struct {{ c {b} }}"),
            format!("a, b, c, d {a}"),
            format!("a, b, c, d, e {a}"),
            format!("a {a}; z [0]{b}"),
        ] {
            types.push(format!("struct {{ {fields} }}"));
        }
    }
    types
}

/// A host function `hN(a int, x T, b string, y T, c float64)` per type, and a Go function that calls each.
#[test]
fn arguments_behind_strange_types_are_found() {
    let types = strange_types();
    let seen = Arc::new(Mutex::new(vec![]));
    let mut source = String::from("package main\nfunc main() {}\n");
    let mut calls = String::new();
    for (i, t) in types.iter().enumerate() {
        writeln!(source, "type T{i} = {t}\nfunc h{i}(a int, x T{i}, b string, y T{i}, c float64) (T{i}, int)").unwrap();
        writeln!(calls, "\tif _, n := h{i}({i}, x{i}, \"text\", x{i}, 2.5); n != {i} {{ return {i} }}").unwrap();
        writeln!(source, "var x{i} T{i}").unwrap();
    }
    writeln!(source, "func Call() int {{\n{calls}\treturn -1\n}}").unwrap();
    let mut engine = builder(&source);
    for i in 0..types.len() {
        let seen = seen.clone();
        let host = move |call: &mut Call<'_>| {
            let (a, b, c) = (call.arg::<i64>(0)?, call.arg::<String>(2)?, call.arg::<f64>(4)?);
            seen.lock().unwrap().push((a, b, c));
            call.skip()?;
            call.ret(a)
        };
        engine = engine.func_with(&format!("main.h{i}"), host);
    }
    let mut isolate = load(engine).isolate().unwrap();
    let failed = isolate.enter(|s| s.func::<fn() -> i64>("Call")?.call(s)).unwrap();
    assert_eq!(failed, -1, "{:?}", types.get(failed as usize));
    for (i, got) in seen.lock().unwrap().iter().enumerate() {
        assert_eq!(*got, (i as i64, "text".into(), 2.5), "{}", types[i]);
    }
}
