//! Isolates that come and go leave nothing behind. Alone in its process, because it looks at what the process holds.

mod common;

use common::{program, resident};
use itab::{Closure, Plugin};

const SOURCE: &str = r#"
package main

type Shape interface{ Area() int }

type Square struct{ side int }

func (s *Square) Area() int { return s.side * s.side }

var shapes []Shape

func Sum(n int) int {
	done := make(chan int)
	go func() {
		sum := 0
		for i := range n {
			shapes = append(shapes, &Square{i})
			sum += shapes[i].Area()
		}
		done <- sum
	}()
	return <-done
}

func Quotient(n int) int { return 1 / n }

func New() *Square { return &Square{3} }

func Call(f func(string) string, s []string) string { return f(s[0]) }

"#;

#[itab::interface]
trait Shape {
    fn area(&self) -> itab::Result<i64>;
}

/// More isolates than the system has mappings for: an error, and those that are there go on. In a process of its own, in
/// which nothing else may fail meanwhile.
#[test]
fn more_isolates_than_there_is_room_for_are_refused() {
    if std::env::var_os("CROWD").is_none() {
        let exe = std::env::current_exe().unwrap();
        let test = "more_isolates_than_there_is_room_for_are_refused";
        let crowd = std::process::Command::new(exe).args([test, "--exact"]).env("CROWD", "1").output().unwrap();
        assert!(crowd.status.success(), "{}", String::from_utf8_lossy(&crowd.stdout));
        return;
    }
    let program = program("package p\nfunc One() int { return 1 }");
    let mut all = vec![];
    let refused = loop {
        match program.isolate() {
            Ok(isolate) if all.len() < 100_000 => all.push(isolate),
            Ok(_) => return,
            Err(e) => break e,
        }
    };
    assert!(matches!(refused, itab::Error::Memory(_)), "{refused}");
    let last = all.len() - 1;
    drop(all.drain(..100));
    let one = program.func::<fn() -> i64>("One").unwrap();
    assert_eq!(one.call(&mut all[last - 100]).unwrap(), 1);
    assert!(program.isolate().is_ok());
}

#[test]
fn a_hundred_thousand_isolates_leave_nothing() {
    let program = program(SOURCE);
    let first = program.isolate().unwrap();
    let sum = first.func::<fn(i64) -> i64>("Sum").unwrap();
    let quotient = first.func::<fn(i64) -> i64>("Quotient").unwrap();
    type Call = fn(Closure<fn(String) -> String>, Vec<String>) -> String;
    let call = first.func::<Call>("Call").unwrap();
    let rounds = |n: u32| {
        for i in 0..n {
            let mut isolate = program.isolate().unwrap();
            assert_eq!(quotient.call(&mut isolate, 1).unwrap(), 1);
            if i % 16 == 0 {
                assert_eq!(sum.call(&mut isolate, 4).unwrap(), 14);
                assert!(quotient.call(&mut isolate, 0).is_err());
                let text = call.call(&mut isolate, Closure::new(|s: String| s + "!"), vec!["a".into()]).unwrap();
                assert_eq!(text, "a!");
                let plugin: Plugin<dyn Shape> = program.plugin("New").unwrap();
                assert_eq!(plugin.area().unwrap(), 9);
            }
        }
    };
    rounds(5_000);
    let before = resident();
    rounds(100_000);
    let grown = resident().saturating_sub(before);
    assert!(grown < 1 << 20, "{grown} bytes more after 100,000 isolates");
}
