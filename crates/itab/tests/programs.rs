//! Programs and isolates: on several threads, dropped, saved and restored.

mod common;

use common::{builder, program, resident};
use itab::Engine;
use std::process::Command;

const SOURCE: &str = r#"
package main

type Shape interface{ Area() int }

type Square struct{ side int }

func (s Square) Area() int { return s.side * s.side }

type Rect struct{ w, h int }

func (r *Rect) Area() int { return r.w * r.h }

var calls int

var table = []Shape{Square{2}, &Rect{3, 4}}

func Total(n int) (sum int) {
	defer func() {
		if recover() != nil {
			sum = -1
		}
	}()
	shapes := append([]Shape{Square{n}}, table...)
	for _, s := range shapes {
		calls++
		sum += s.Area()
	}
	if n == 13 {
		var s Shape
		return s.Area()
	}
	return sum
}

func Calls() int { return calls }

func main() { println(Total(1), Total(13)) }
"#;

fn total(isolate: &mut itab::Isolate, n: i64) -> i64 {
    isolate.enter(|s| s.func::<fn(i64) -> i64>("Total")?.call(s, n)).unwrap()
}

#[test]
fn isolates_of_one_program_run_at_once() {
    let program = program(SOURCE);
    std::thread::scope(|threads| {
        for t in 0..2i64 {
            let program = &program;
            threads.spawn(move || {
                let mut isolate = program.isolate().unwrap();
                for i in 0..2000 {
                    let n = 20 + t * 2000 + i;
                    assert_eq!(total(&mut isolate, n), n * n + 16);
                }
                assert_eq!(total(&mut isolate, 13), -1);
                let calls: i64 = isolate.enter(|s| s.func::<fn() -> i64>("Calls")?.call(s)).unwrap();
                assert_eq!(calls, 3 * 2001, "package variables are the isolate's own");
            });
        }
    });
}

#[test]
fn a_dropped_program_gives_its_memory_back() {
    let engine = builder(SOURCE).build();
    let mut sizes = vec![];
    let rounds = 10_000;
    let saved = engine.load(&["test.go"]).unwrap().save().unwrap();
    for i in 0..rounds {
        // Every hundredth program is compiled from source, the others are restored: the same memory, less time.
        let program = if i % 100 == 0 { engine.load(&["test.go"]).unwrap() } else { engine.restore(&saved).unwrap() };
        let mut isolate = program.isolate().unwrap();
        assert_eq!(total(&mut isolate, 13), -1);
        if i % (rounds / 10) == rounds / 10 - 1 {
            sizes.push(resident());
        }
    }
    let (first, last) = (sizes[1], sizes[sizes.len() - 1]);
    assert!(last < first + (4 << 20), "resident size grows: {sizes:?}");
}

/// In the child process: restores and runs what the parent saved.
#[test]
fn saved_programs_run_in_another_process() {
    if let Some(path) = std::env::var_os("ITAB_TEST_SAVED") {
        let saved = std::fs::read(path).unwrap();
        let program = Engine::default().restore(&saved).unwrap();
        let mut isolate = program.isolate().unwrap();
        assert_eq!(total(&mut isolate, 3), 25);
        assert_eq!(total(&mut isolate, 13), -1);
        isolate.run_main().unwrap();
        return;
    }
    let saved = program(SOURCE).save().unwrap();
    let path = std::env::temp_dir().join(format!("itab-saved-{}", std::process::id()));
    std::fs::write(&path, &saved).unwrap();
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "saved_programs_run_in_another_process", "--nocapture"])
        .env("ITAB_TEST_SAVED", &path)
        .output()
        .unwrap();
    std::fs::remove_file(&path).unwrap();
    let text = String::from_utf8_lossy(&child.stderr).into_owned();
    assert!(child.status.success(), "{text}{}", String::from_utf8_lossy(&child.stdout));
    assert!(text.contains("17 -1"), "{text}");
}

#[test]
fn damaged_saves_are_refused() {
    let engine = Engine::default();
    assert!(engine.restore(b"nonsense").is_err());
    let saved = program(SOURCE).save().unwrap();
    assert!(engine.restore(&saved[..saved.len() / 2]).is_err());
    let mut other = saved.clone();
    other[9] = b'9';
    let error = engine.restore(&other).err().expect("another version").to_string();
    assert!(error.contains("wrote it, and this is version"), "{error}");
}
