//! Programs that run away: each ends in Go's own error or in the limit that the host set, and the host, other isolates of
//! the same program and, after a panic, the isolate itself go on.

mod common;

use common::{program, resident};
use itab::{Error, Isolate, IsolateOptions, Program};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

const SOURCE: &str = r#"
package main

import "runtime"

func Add(a, b int) int { return a + b }

// Time

func Spin() {
	for {
	}
}

type Caller interface{ Call(n int) int }

type Callee struct{}

func (Callee) Call(n int) int { return n + 1 }

func SpinCalling() {
	var c Caller = Callee{}
	for n := 0; ; n = c.Call(n) {
	}
}

func SpinCollecting() {
	for {
		runtime.GC()
	}
}

func SpinDeferring() {
	for {
		func() {
			defer func() { recover() }()
			panic("again")
		}()
	}
}

func SpinSpawning() {
	for {
		go func() {}()
	}
}

func SpinInBigCopies() {
	a, b := make([]byte, 256<<20), make([]byte, 256<<20)
	for {
		copy(a, b)
		copy(b, a)
	}
}

// Stacks

func Recurse(n int) int { return Recurse(n+1) + 1 }

func RecurseWithBigFrames(n int) int {
	var a, b [4000]int
	a[n%4000], b[n%3999] = n, n
	return RecurseWithBigFrames(n+1) + a[n*3%4000] + b[n*5%4000]
}

type Deep struct{ self Caller }

func (d *Deep) Call(n int) int { return d.self.Call(n+1) + 1 }

func RecurseThroughInterface() int {
	d := &Deep{}
	d.self = d
	return d.Call(0)
}

func RecurseDeferring(n int) {
	defer func() { recover() }()
	RecurseDeferring(n + 1)
}

func RecursePanicking(n int) {
	defer func() { RecursePanicking(n + 1) }()
	panic(n)
}

func RecurseMain()       { Recurse(0) }
func RecurseBig()        { RecurseWithBigFrames(0) }
func RecurseInterface()  { RecurseThroughInterface() }
func RecurseDefers()     { RecurseDeferring(0) }
func RecursePanics()     { RecursePanicking(0) }

func RecurseElsewhere() {
	done := make(chan int)
	go func() { done <- Recurse(0) }()
	<-done
}

func Depth(n int) int {
	if n == 0 {
		return 0
	}
	return Depth(n-1) + 1
}

// Memory

type node struct {
	next *node
	v    any
}

// What grows is kept in variables that others can see, lest the compiler leave it out.
var (
	all  [][]byte
	list *node
	anys []any
	text = "x"
)

func AllocateBig() {
	for {
		all = append(all, make([]byte, 1<<20))
	}
}

func AllocateSmall() {
	for i := 0; ; i++ {
		list = &node{list, i}
	}
}

func AllocateBySlice() {
	for i := 0; ; i++ {
		anys = append(anys, i)
	}
}

func AllocateByString() {
	for {
		text += text
	}
}

func AllocateGarbage(n int) int {
	sum := 0
	for i := 0; i < n; i++ {
		b := make([]byte, 64<<10)
		b[i%len(b)] = 1
		sum += len(b)
	}
	return sum
}

func Make(n int) int { return len(make([]byte, n)) }

func MakeTerabyte() { Make(1 << 40) }

func MakeError(n int) (text string) {
	defer func() { text = recover().(error).Error() }()
	Make(n)
	return "made"
}

func List(n int) (count int) {
	list = nil
	for i := 0; i < n; i++ {
		list = &node{next: list}
	}
	runtime.GC()
	for l := list; l != nil; l = l.next {
		count++
	}
	return count
}

// Chained through interfaces and closures.
func Chain(n int) (count int) {
	var list any
	for i := 0; i < n; i++ {
		next := list
		list = func() any { return next }
	}
	runtime.GC()
	for list != nil {
		list = list.(func() any)()
		count++
	}
	return count
}

// Goroutines

func SpawnBlocked() {
	c := make(chan int)
	for {
		go func() { <-c }()
	}
}

func SpawnDeep() {
	c := make(chan int)
	var deep func(n int) int
	deep = func(n int) int {
		if n == 0 {
			return <-c
		}
		return deep(n-1) + 1
	}
	for {
		go deep(5000)
		runtime.Gosched()
	}
}

func Blocked(n int) (sum int) {
	in, out := make(chan int), make(chan int)
	for i := 0; i < n; i++ {
		go func() { out <- <-in + 1 }()
	}
	runtime.Gosched()
	for i := 0; i < n; i++ {
		in <- i
		sum += <-out
	}
	return sum
}

func Deadlock() { <-make(chan int) }

func DeadlockOfMany() {
	c := make(chan int)
	for i := 0; i < 10; i++ {
		go func() { c <- <-c }()
	}
	select {}
}

func PanicElsewhere() {
	go func() { panic("elsewhere") }()
	select {}
}

func Goexit() { runtime.Goexit() }

func main() { runtime.Goexit() }
"#;

/// The tests look at the size of the process, so they run one at a time.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

fn goes_on(isolate: &mut Isolate) {
    assert_eq!(isolate.enter(|s| s.func::<fn(i64, i64) -> i64>("Add")?.call(s, 2, 3)).unwrap(), 5);
}

/// How a function without results ends in an isolate of its own. Another isolate, which ran before, goes on, and so do new ones.
fn ends(program: &Program, options: IsolateOptions, limit: Option<Duration>, name: &str) -> Error {
    let mut other = program.isolate().unwrap();
    goes_on(&mut other);
    let mut isolate = program.isolate_with(options).unwrap();
    goes_on(&mut isolate);
    isolate.handle().set_deadline(Some(Instant::now() + limit.unwrap_or(Duration::from_secs(120))));
    let ended = isolate.enter(|s| s.func::<fn()>(name)?.call(s));
    let error = ended.expect_err(name);
    let again = isolate.enter(|s| s.func::<fn(i64, i64) -> i64>("Add")?.call(s, 2, 3));
    match (&error, again) {
        (Error::Panic(_), again) => assert_eq!(again.unwrap(), 5, "{name}: a panic does not end the isolate"),
        (_, Ok(_)) => panic!("{name}: the isolate has ended with {error}"),
        (_, Err(again)) => assert_eq!(again.to_string(), error.to_string(), "{name}"),
    }
    drop(isolate);
    goes_on(&mut other);
    goes_on(&mut program.isolate().unwrap());
    error
}

fn limited(bytes: usize) -> IsolateOptions {
    IsolateOptions::default().memory_limit(bytes)
}

#[test]
fn endless_loops_meet_the_deadline() {
    let _alone = alone();
    let program = program(SOURCE);
    for name in ["Spin", "SpinCalling", "SpinCollecting", "SpinDeferring", "SpinSpawning", "SpinInBigCopies"] {
        let limit = Some(Duration::from_millis(100));
        let error = ends(&program, IsolateOptions::default(), limit, &format!("main.{name}"));
        assert!(matches!(error, Error::Deadline), "{name}: {error}");
    }
}

fn overflows(program: &Program, options: IsolateOptions, name: &str, limit: usize) {
    let error = ends(program, options, None, name);
    let Error::Fatal(text) = error else { panic!("{name}: {error}") };
    let want = format!("runtime: goroutine stack exceeds {limit}-byte limit\nfatal error: stack overflow\n\n");
    assert!(text.starts_with(&want), "{name}: {}", &text[..text.len().min(400)]);
    assert!(text.len() < 32 << 10, "{name}: a traceback of {} bytes", text.len());
}

#[test]
fn endless_recursion_is_a_stack_overflow() {
    let _alone = alone();
    let program = program(SOURCE);
    let options = || IsolateOptions::default().main_stack(8 << 20).goroutine_stack(1 << 20);
    for name in ["Main", "Big", "Interface", "Defers", "Panics"] {
        overflows(&program, options(), &format!("main.Recurse{name}"), 8 << 20);
    }
    overflows(&program, options(), "main.RecurseElsewhere", 1 << 20);
}

/// The limit is no round number of pages, or less than the runtime itself needs.
#[test]
fn odd_stack_sizes_work() {
    let _alone = alone();
    let program = program(SOURCE);
    for bytes in [0, 1, 70_000, 1_000_001] {
        let mut isolate =
            program.isolate_with(IsolateOptions::default().main_stack(bytes).goroutine_stack(bytes)).unwrap();
        goes_on(&mut isolate);
        assert_eq!(isolate.enter(|s| s.func::<fn(i64) -> i64>("Blocked")?.call(s, 10)).unwrap(), 55);
        let error = isolate.enter(|s| s.func::<fn(i64) -> i64>("Recurse")?.call(s, 0)).unwrap_err();
        assert!(error.to_string().contains("stack overflow"), "{bytes}: {error}");
    }
}

#[test]
fn endless_allocation_meets_the_memory_limit() {
    let _alone = alone();
    let program = program(SOURCE);
    for name in ["AllocateBig", "AllocateSmall", "AllocateBySlice", "AllocateByString"] {
        let before = resident();
        let error = ends(&program, limited(64 << 20), None, &format!("main.{name}"));
        assert!(matches!(error, Error::Memory(_)), "{name}: {error}");
        assert!(error.to_string().starts_with("out of memory: "), "{error}");
        assert_eq!(error.to_string().matches("out of memory").count(), 1, "{error}");
        assert!(resident() < before + (64 << 20), "{name}: the isolate's memory is given back");
    }
}

#[test]
fn garbage_does_not_count_against_the_memory_limit() {
    let _alone = alone();
    let program = program(SOURCE);
    let mut isolate = program.isolate_with(limited(16 << 20)).unwrap();
    let sum: i64 = isolate.enter(|s| s.func::<fn(i64) -> i64>("AllocateGarbage")?.call(s, 10_000)).unwrap();
    assert_eq!(sum, 10_000 * (64 << 10));
}

#[test]
fn huge_slices() {
    let _alone = alone();
    let program = program(SOURCE);
    let error = ends(&program, limited(64 << 20), None, "main.MakeTerabyte");
    assert!(matches!(error, Error::Memory(_)), "{error}");
    let error = ends(&program, IsolateOptions::default(), None, "main.MakeTerabyte");
    assert!(matches!(error, Error::Memory(_)), "{error}");
    let mut isolate = program.isolate().unwrap();
    for n in [1 << 62, -1, i64::MAX] {
        let text: String = isolate.enter(|s| s.func::<fn(i64) -> String>("MakeError")?.call(s, n)).unwrap();
        assert_eq!(text, "runtime error: makeslice: len out of range");
    }
}

#[test]
fn a_list_of_ten_million_is_collected() {
    let _alone = alone();
    let program = program(SOURCE);
    let mut isolate = program.isolate().unwrap();
    let n = 10_000_000i64;
    assert_eq!(isolate.enter(|s| s.func::<fn(i64) -> i64>("List")?.call(s, n)).unwrap(), n);
    let n = 1_000_000i64;
    assert_eq!(isolate.enter(|s| s.func::<fn(i64) -> i64>("Chain")?.call(s, n)).unwrap(), n);
}

#[test]
fn a_hundred_thousand_blocked_goroutines_finish() {
    let _alone = alone();
    let program = program(SOURCE);
    let mut isolate = program.isolate().unwrap();
    let n = 100_000i64;
    let before = resident();
    let sum: i64 = isolate.enter(|s| s.func::<fn(i64) -> i64>("Blocked")?.call(s, n)).unwrap();
    assert_eq!(sum, n * (n + 1) / 2);
    let grown = resident() - before;
    assert!(grown < 1_500_000_000, "{} bytes a goroutine", grown / n as usize);
    drop(isolate);
    assert!(resident() < before + (64 << 20), "stacks are given back: {}", resident() - before);
}

#[test]
fn goroutines_count_against_the_memory_limit() {
    let _alone = alone();
    let program = program(SOURCE);
    for name in ["SpawnBlocked", "SpawnDeep"] {
        let before = resident();
        let error = ends(&program, limited(128 << 20), Some(Duration::from_secs(60)), &format!("main.{name}"));
        assert!(matches!(error, Error::Memory(_)), "{name}: {error}");
        assert!(resident() < before + (128 << 20), "{name}: stacks are given back");
    }
}

/// What the first line of a fatal error is.
fn fatal(program: &Program, name: &str) -> String {
    let error = ends(program, IsolateOptions::default(), None, name);
    let Error::Fatal(text) = error else { panic!("{name}: {error}") };
    assert!(text.contains("\n\ngoroutine ") || name == "main.Goexit", "{name}: {text}");
    text.lines().next().unwrap_or_default().into()
}

#[test]
fn deadlocks_and_panics_of_goroutines_end_the_isolate() {
    let _alone = alone();
    let program = program(SOURCE);
    let deadlock = "fatal error: all goroutines are asleep - deadlock!";
    assert_eq!(fatal(&program, "main.Deadlock"), deadlock);
    assert_eq!(fatal(&program, "main.DeadlockOfMany"), deadlock);
    assert_eq!(fatal(&program, "main.PanicElsewhere"), "panic: elsewhere");
    let goexit = "fatal error: no goroutines (main called runtime.Goexit) - deadlock!";
    assert_eq!(fatal(&program, "main.Goexit"), goexit);
    let mut isolate = program.isolate().unwrap();
    let error = isolate.run_main().unwrap_err().to_string();
    assert!(error.starts_with(goexit), "{error}");
}

/// Several isolates of one program run into their limits on several threads at once.
#[test]
fn limits_are_each_isolates_own() {
    let _alone = alone();
    let program = program(SOURCE);
    std::thread::scope(|threads| {
        for name in ["RecurseMain", "AllocateSmall", "Spin", "Deadlock"] {
            let program = &program;
            threads.spawn(move || {
                for _ in 0..3 {
                    let options = limited(32 << 20).main_stack(1 << 20);
                    let error = ends(program, options, Some(Duration::from_secs(2)), &format!("main.{name}"));
                    let expected = match name {
                        "AllocateSmall" => matches!(error, Error::Memory(_)),
                        "Spin" => matches!(error, Error::Deadline),
                        _ => matches!(error, Error::Fatal(_)),
                    };
                    assert!(expected, "{name}: {error}");
                }
            });
        }
    });
    let mut isolate = program.isolate().unwrap();
    assert_eq!(isolate.enter(|s| s.func::<fn(i64) -> i64>("Depth")?.call(s, 100_000)).unwrap(), 100_000);
}

#[test]
fn functions_of_the_program_are_looked_up_without_end() {
    let _alone = alone();
    let program = program("package main\nfunc F() {}\nfunc main() {}");
    let mut isolate = program.isolate().unwrap();
    isolate
        .enter(|s| {
            s.func::<fn()>("F")?;
            let before = resident();
            for _ in 0..200_000 {
                s.func::<fn()>("F")?;
            }
            assert!(resident() < before + (1 << 20), "{} bytes more", resident() - before);
            Ok(())
        })
        .unwrap();
}
