//! The border between host and Go, in both directions, and what happens when something fails on one side of it.

mod common;

use common::{builder, load, program};
use itab::{Any, Error, Func, IsolateOptions, Root, Scope};
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
    let program = program(ARITHMETIC);
    let mut isolate = program.isolate(IsolateOptions::default()).unwrap();
    isolate
        .enter(|s| {
            let four: i64 = s.func("main.Double")?.call(s, (2i64,))?;
            assert_eq!(four, 4);
            let hello: String = s.func("main.Greet")?.call(s, ("Go",))?;
            assert_eq!(hello, "hello Go");
            let counter: Func = s.func("main.Counter")?.call(s, ())?;
            assert_eq!(counter.call::<_, i64>(s, (5i64,))?, 5);
            assert_eq!(counter.call::<_, i64>(s, (6i64,))?, 11);
            let mixed: (String, f64, bool) =
                s.func("main.Mixed")?.call(s, (-3i8, 500u16, 0.5f32, 0.25f64, true, "s"))?;
            assert_eq!(mixed, ("s".into(), 497.75, false));
            Ok(())
        })
        .unwrap();
}

#[test]
fn interfaces_cross() {
    let program = program(ARITHMETIC);
    let mut isolate = program.isolate(IsolateOptions::default()).unwrap();
    isolate
        .enter(|s| {
            let boxed = |k: i64| s.func("main.Box")?.call::<_, Any>(s, (k,));
            assert!(boxed(0)?.is_nil());
            assert_eq!(boxed(1)?.get::<i64>(s)?, 42);
            assert_eq!(boxed(2)?.get::<String>(s)?, "text");
            assert_eq!(boxed(3)?.type_name(), "main.T");
            assert_eq!(boxed(4)?.get::<f64>(s)?, 2.5);
            let name: String = s.func("main.Name")?.call(s, (boxed(3)?,))?;
            assert_eq!(name, "T");
            let error = s.func("main.Name")?.call::<_, String>(s, (boxed(1)?,)).unwrap_err();
            assert!(error.to_string().contains("missing method String"), "{error}");
            Ok(())
        })
        .unwrap();
}

#[test]
fn misuse_is_a_typed_error() {
    let program = program(ARITHMETIC);
    let mut isolate = program.isolate(IsolateOptions::default()).unwrap();
    isolate
        .enter(|s| {
            let Err(Error::NoSuchFunc { defined, .. }) = s.func("main.Dubble") else { panic!("it exists") };
            assert!(defined.contains(&"main.Double".to_string()), "{defined:?}");
            let double = s.func("main.Double")?;
            let wrong = double.call::<_, i64>(s, ("text",)).unwrap_err();
            assert_eq!(wrong.to_string(), "argument 1 of func(int) int is int, which &str does not fit; use i64");
            let few = double.call::<_, i64>(s, ()).unwrap_err();
            assert_eq!(few.to_string(), "func(int) int has 1 arguments, not 0");
            let result = double.call::<_, String>(s, (1i64,)).unwrap_err();
            assert_eq!(result.to_string(), "result 1 of func(int) int is int, which String does not fit; use i64");
            Ok(())
        })
        .unwrap();
}

#[test]
fn roots_outlive_scopes_but_not_isolates() {
    let program = program(ARITHMETIC);
    let mut isolate = program.isolate(IsolateOptions::default()).unwrap();
    let mut other = program.isolate(IsolateOptions::default()).unwrap();
    let root: Root<Func<'static>> = isolate.enter(|s| s.func("main.Counter")?.call::<_, Func>(s, ())?.root(s)).unwrap();
    let value: Root<Any<'static>> = isolate.enter(|s| s.func("main.Box")?.call::<_, Any>(s, (2i64,))?.root(s)).unwrap();
    std::thread::scope(|t| {
        t.spawn(|| {
            for i in 1..=3 {
                let n: i64 = isolate.enter(|s| root.open(s)?.call(s, (10i64,))).unwrap();
                assert_eq!(n, 10 * i);
            }
            assert_eq!(isolate.enter(|s| value.open(s)?.get::<String>(s)).unwrap(), "text");
        });
    });
    assert!(matches!(other.enter(|s| root.open(s).map(drop)), Err(Error::Root)));
    drop(isolate);
    assert!(matches!(other.enter(|s| value.open(s).map(drop)), Err(Error::Root)));
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
        .host_func("main.visit", move |call| {
            let _guard = Guard(d.clone());
            let (func, n): (Func, i64) = (call.arg(0)?, call.arg(1)?);
            let mut sum = 0i64;
            for i in 0..=n {
                match func.call::<_, i64>(call.scope(), (i,)) {
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
            call.ret(sum)
        })
        .host_func("main.fail", |call| match call.arg::<i64>(0)? {
            0 => Err(Error::Host("the host said no".into())),
            _ => panic!("the host panicked"),
        });
    (load(builder), dropped, failed)
}

#[test]
fn the_host_calls_back_into_go_and_sees_its_panic() {
    let (program, dropped, failed) = visiting(false);
    let mut isolate = program.isolate(IsolateOptions::default()).unwrap();
    let run = |s: &Scope<'_>, bad: i64| s.func("main.Run")?.call::<_, i64>(s, (bad,));
    assert_eq!(isolate.enter(|s| run(s, -1)).unwrap(), 30);
    assert_eq!(isolate.enter(|s| run(s, 2)).unwrap(), 1000 + 9 + 16);
    assert_eq!(isolate.enter(|s| s.func("main.Log")?.call::<_, String>(s, ())).unwrap(), "");
    assert_eq!((dropped.load(Ordering::SeqCst), failed.load(Ordering::SeqCst)), (2, 1));
}

#[test]
fn a_panic_passed_on_by_the_host_keeps_its_value() {
    let (program, dropped, failed) = visiting(true);
    let mut isolate = program.isolate(IsolateOptions::default()).unwrap();
    assert_eq!(isolate.enter(|s| s.func("main.Run")?.call::<_, i64>(s, (2i64,))).unwrap(), -1);
    let log = isolate.enter(|s| s.func("main.Log")?.call::<_, String>(s, ())).unwrap();
    assert_eq!(log, "recovered bad number");
    assert_eq!((dropped.load(Ordering::SeqCst), failed.load(Ordering::SeqCst)), (1, 1));
}

#[test]
fn errors_and_panics_of_the_host_become_go_panics() {
    let (program, _, _) = visiting(false);
    let mut isolate = program.isolate(IsolateOptions::default()).unwrap();
    let fail = |s: &Scope<'_>, how: i64| s.func("main.Fail")?.call::<_, String>(s, (how,));
    assert_eq!(isolate.enter(|s| fail(s, 0)).unwrap(), "the host said no");
    assert_eq!(isolate.enter(|s| fail(s, 1)).unwrap(), "the host panicked");
}

#[test]
fn an_uncaught_panic_is_an_error_and_the_isolate_goes_on() {
    let program = program(
        "package main\nfunc Div(a, b int) int { return a / b }\nfunc Boom() { panic(\"boom\") }\nfunc main() {}\n",
    );
    let mut isolate = program.isolate(IsolateOptions::default()).unwrap();
    let error = isolate.enter(|s| s.func("main.Div")?.call::<_, i64>(s, (1i64, 0i64))).unwrap_err();
    assert_eq!(error.to_string(), "panic: runtime error: integer divide by zero");
    let error = isolate.enter(|s| s.func("main.Boom")?.call::<_, ()>(s, ())).unwrap_err();
    let Error::Panic(panic) = error else { panic!("{error}") };
    assert!(panic.report().contains("main.Boom"), "{}", panic.report());
    let seven = isolate.enter(|s| s.func("main.Div")?.call::<_, i64>(s, (21i64, 3i64))).unwrap();
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
    let program = load(builder(SPIN).host_func("main.call", move |call| {
        let _guard = Guard(d.clone());
        let f: Func = call.arg(0)?;
        let error = f.call::<_, ()>(call.scope(), ()).unwrap_err();
        assert!(matches!(error, Error::Killed), "{error}");
        let again = f.call::<_, ()>(call.scope(), ()).unwrap_err();
        assert!(matches!(again, Error::Killed), "{again}");
        Ok(())
    }));
    for name in ["main.Spin", "main.SpinBelowHost", "main.Others"] {
        let mut isolate = program.isolate(IsolateOptions::default()).unwrap();
        let handle = isolate.handle();
        let killer = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(30));
            handle.kill();
        });
        let error = isolate.enter(|s| s.func(name)?.call::<_, ()>(s, ())).unwrap_err();
        assert!(matches!(error, Error::Killed), "{name}: {error}");
        killer.join().unwrap();
        let after = isolate.enter(|s| s.func("main.Spin")?.call::<_, ()>(s, ())).unwrap_err();
        assert!(matches!(after, Error::Killed), "{after}");
    }
    assert_eq!(dropped.load(Ordering::SeqCst), 1);
}
