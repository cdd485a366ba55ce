//! The border between host and Go, in both directions, and what happens when something fails on one side of it.

mod common;

use common::{builder, load, program};
use itab::{Any, Error, Func, Scope};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

const ARITHMETIC: &str = r#"
package main

func Double(x int) int { return 2 * x }

func Greet(name string) string { return "hello " + name }

func Counter() func(int) int {
	n := 0
	return func(d int) int { n += d; return n }
}

func Mixed(a int8, b uint16, c float32, d float64, e bool, s string) (string, float64, bool) {
	return s, float64(a) + float64(b) + float64(c) + d, !e
}

type T struct{ n int }

func (t T) String() string { return "T" }

func Box(k int) any {
	switch k {
	case 0:
		return nil
	case 1:
		return 42
	case 2:
		return "text"
	case 3:
		return T{7}
	}
	return 2.5
}

func Name(x interface{ String() string }) string { return x.String() }

func main() {}
"#;

#[test]
fn values_cross() {
    let mut isolate = program(ARITHMETIC).isolate().unwrap();
    let s = &mut isolate.scope().unwrap();
    assert_eq!(s.func::<fn(i64) -> i64>("Double").unwrap().call(s, 2).unwrap(), 4);
    assert_eq!(s.func::<fn(String) -> String>("main.Greet").unwrap().call(s, "Go").unwrap(), "hello Go");
    let counter = s.func::<fn() -> Func<fn(i64) -> i64>>("Counter").unwrap().call(s).unwrap();
    assert_eq!(counter.call(s, 5).unwrap(), 5);
    assert_eq!(counter.call(s, 6).unwrap(), 11);
    type Mixed = fn(i8, u16, f32, f64, bool, String) -> (String, f64, bool);
    let mixed = s.func::<Mixed>("Mixed").unwrap().call(s, -3, 500, 0.5, 0.25, true, "s").unwrap();
    assert_eq!(mixed, ("s".into(), 497.75, false));
}

#[test]
fn interfaces_cross() {
    let mut isolate = program(ARITHMETIC).isolate().unwrap();
    let s = &mut isolate.scope().unwrap();
    let make = s.func::<fn(i64) -> Any>("Box").unwrap();
    let boxed: Vec<Any> = (0..5).map(|k| make.call(s, k).unwrap()).collect();
    assert!(boxed[0].is_nil());
    assert_eq!(boxed[1].get::<i64>(s).unwrap(), 42);
    assert_eq!(boxed[2].get::<String>(s).unwrap(), "text");
    assert_eq!(boxed[2].get::<&str>(s).unwrap(), "text");
    assert_eq!(boxed[3].type_name(), "main.T");
    assert_eq!(boxed[4].get::<f64>(s).unwrap(), 2.5);
    let name = s.func::<fn(Any) -> String>("Name").unwrap();
    assert_eq!(name.call(s, boxed[3].clone()).unwrap(), "T");
    let error = name.call(s, boxed[1].clone()).unwrap_err();
    assert!(error.to_string().contains("missing method String"), "{error}");
}

#[test]
fn misuse_is_a_typed_error() {
    let isolate = program(ARITHMETIC).isolate().unwrap();
    let Err(Error::NoSuchFunc { near, .. }) = isolate.func::<fn()>("Dubble") else { panic!("it exists") };
    assert_eq!(near[0], "main.Double");
    let error = |e: Error| e.to_string();
    let wrong = isolate.func::<fn(String) -> i64>("Double").map(drop).map_err(error).unwrap_err();
    assert_eq!(
        wrong,
        "main.Double is func(int) int, which fn(String) -> i64 does not fit: parameter 1 is int, which String does not fit; use i64 or isize"
    );
    let few = isolate.func::<fn() -> i64>("Double").map(drop).map_err(error).unwrap_err();
    assert_eq!(few, "main.Double is func(int) int, which fn() -> i64 does not fit: it has 1 parameter, not 0");
    let result = isolate.func::<fn(i64) -> String>("Double").map(drop).map_err(error).unwrap_err();
    assert!(result.ends_with("result 1 is int, which String does not fit; use i64 or isize"), "{result}");
}

#[test]
fn values_outlive_scopes_but_not_isolates() {
    let program = program(ARITHMETIC);
    let (mut isolate, mut other) = (program.isolate().unwrap(), program.isolate().unwrap());
    let counter = program.func::<fn() -> Func<fn(i64) -> i64>>("Counter").unwrap().call(&mut isolate).unwrap();
    let value = program.func::<fn(i64) -> Any>("Box").unwrap().call(&mut isolate, 2).unwrap();
    std::thread::scope(|t| {
        t.spawn(|| {
            for i in 1..=3 {
                assert_eq!(counter.call(&mut isolate, 10).unwrap(), 10 * i);
            }
            assert_eq!(value.get::<String>(&isolate.scope().unwrap()).unwrap(), "text");
        });
    });
    assert!(matches!(counter.call(&mut other, 1), Err(Error::Root)));
    drop(isolate);
    assert!(matches!(value.get::<String>(&other.scope().unwrap()), Err(Error::Root)));
}

const HOST: &str = r#"
package main

func visit(f func(int) int, n int) int
func fail(how int)

var log string

func Run(bad int) (result int) {
	defer func() {
		if e := recover(); e != nil {
			if err, ok := e.(error); ok {
				log += "recovered " + err.Error()
			} else {
				log += "recovered " + e.(string)
			}
			result = -1
		}
	}()
	return visit(func(n int) int {
		if n == bad {
			panic("bad number")
		}
		return n * n
	}, 4)
}

func Fail(how int) (text string) {
	defer func() {
		text = recover().(error).Error()
	}()
	fail(how)
	return "returned"
}

func Log() string { return log }

func main() {}
"#;

struct Guard(Arc<AtomicUsize>);

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

/// `visit` sums f(0) to f(n); when f panics, it sees `Err` and either gives up with a number or passes the panic on.
fn visiting(pass_on: bool) -> (itab::Program, Arc<AtomicUsize>, Arc<AtomicUsize>) {
    let (dropped, failed) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (d, f) = (dropped.clone(), failed.clone());
    let builder = builder(HOST)
        .func("main.visit", move |scope: &mut Scope<'_>, func: Func<fn(i64) -> i64>, n: i64| {
            let _guard = Guard(d.clone());
            let mut sum = 0i64;
            for i in 0..=n {
                match func.call(scope, i) {
                    Ok(v) => sum += v,
                    Err(e) => {
                        assert!(matches!(&e, Error::Panic(p) if p.message() == "\"bad number\"" || p.message() == "bad number"), "{e}");
                        f.fetch_add(1, Ordering::SeqCst);
                        if pass_on {
                            return Err(e);
                        }
                        sum = 1000;
                    }
                }
            }
            Ok(sum)
        })
        .func("main.fail", |how: i64| match how {
            0 => Err(Error::Host("the host said no".into())),
            _ if how > 0 => panic!("the host panicked"),
            _ => Ok(()),
        });
    (load(builder), dropped, failed)
}

#[test]
fn the_host_calls_back_into_go_and_sees_its_panic() {
    let (program, dropped, failed) = visiting(false);
    let mut isolate = program.isolate().unwrap();
    let run = |s: &mut Scope<'_>, bad: i64| s.func::<fn(i64) -> i64>("Run")?.call(s, bad);
    assert_eq!(isolate.enter(|s| run(s, -1)).unwrap(), 30);
    assert_eq!(isolate.enter(|s| run(s, 2)).unwrap(), 1000 + 9 + 16);
    assert_eq!(isolate.enter(|s| s.func::<fn() -> String>("Log")?.call(s)).unwrap(), "");
    assert_eq!((dropped.load(Ordering::SeqCst), failed.load(Ordering::SeqCst)), (2, 1));
}

#[test]
fn a_panic_passed_on_by_the_host_keeps_its_value() {
    let (program, dropped, failed) = visiting(true);
    let mut isolate = program.isolate().unwrap();
    assert_eq!(isolate.enter(|s| s.func::<fn(i64) -> i64>("Run")?.call(s, 2)).unwrap(), -1);
    let log = isolate.enter(|s| s.func::<fn() -> String>("Log")?.call(s)).unwrap();
    assert_eq!(log, "recovered bad number");
    assert_eq!((dropped.load(Ordering::SeqCst), failed.load(Ordering::SeqCst)), (1, 1));
}

#[test]
fn errors_and_panics_of_the_host_become_go_panics() {
    let (program, _, _) = visiting(false);
    let mut isolate = program.isolate().unwrap();
    let fail = |s: &mut Scope<'_>, how: i64| s.func::<fn(i64) -> String>("Fail")?.call(s, how);
    assert_eq!(isolate.enter(|s| fail(s, 0)).unwrap(), "the host said no");
    assert_eq!(isolate.enter(|s| fail(s, 1)).unwrap(), "the host panicked");
}

#[test]
fn an_uncaught_panic_is_an_error_and_the_isolate_goes_on() {
    let program = program(
        "package main\nfunc Div(a, b int) int { return a / b }\nfunc Boom() { panic(\"boom\") }\nfunc main() {}\n",
    );
    let mut isolate = program.isolate().unwrap();
    let error = isolate.enter(|s| s.func::<fn(i64, i64) -> i64>("Div")?.call(s, 1, 0)).unwrap_err();
    assert_eq!(error.to_string(), "panic: runtime error: integer divide by zero");
    let error = isolate.enter(|s| s.func::<fn()>("Boom")?.call(s)).unwrap_err();
    let Error::Panic(panic) = error else { panic!("{error}") };
    assert!(panic.report().contains("main.Boom"), "{}", panic.report());
    let seven = isolate.enter(|s| s.func::<fn(i64, i64) -> i64>("Div")?.call(s, 21, 3)).unwrap();
    assert_eq!(seven, 7);
}

const SPIN: &str = r#"
package main

func call(f func())

func Spin() {
	n := 0
	for {
		n++
	}
}

func SpinBelowHost() { call(Spin) }

func Others() {
	for i := 0; i < 3; i++ {
		go Spin()
	}
	Spin()
}

func main() {}
"#;

#[test]
fn a_kill_from_another_thread_skips_no_host_frame() {
    let dropped = Arc::new(AtomicUsize::new(0));
    let d = dropped.clone();
    let program = load(builder(SPIN).func("main.call", move |scope: &mut Scope<'_>, f: Func<fn()>| {
        let _guard = Guard(d.clone());
        let error = f.call(scope).unwrap_err();
        assert!(matches!(error, Error::Killed), "{error}");
        let again = f.call(scope).unwrap_err();
        assert!(matches!(again, Error::Killed), "{again}");
    }));
    for name in ["main.Spin", "main.SpinBelowHost", "main.Others"] {
        let mut isolate = program.isolate().unwrap();
        let handle = isolate.handle();
        let killer = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(30));
            handle.kill();
        });
        let error = isolate.enter(|s| s.func::<fn()>(name)?.call(s)).unwrap_err();
        assert!(matches!(error, Error::Killed), "{name}: {error}");
        killer.join().unwrap();
        let after = isolate.enter(|s| s.func::<fn()>("main.Spin")?.call(s)).unwrap_err();
        assert!(matches!(after, Error::Killed), "{after}");
    }
    assert_eq!(dropped.load(Ordering::SeqCst), 1);
}
