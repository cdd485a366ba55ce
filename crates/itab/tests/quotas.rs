//! Limits other than memory and stacks: goroutines, processor time, time for each call. What goes beyond one ends the
//! isolate, with an error that says which limit it was and how to raise it.

mod common;

use common::program;
use itab::{Error, IsolateOptions};
use std::time::{Duration, Instant};

const SOURCE: &str = r#"
package main

import "os"

func main() {
	switch os.Args[1] {
	case "spawn":
		done := make(chan bool)
		for range 9 {
			go func() { done <- true }()
		}
		for range 9 {
			<-done
		}
		for range 10 {
			go func() { done <- true }()
		}
	case "spin":
		for {
		}
	case "wait":
		<-make(chan int)
	case "block":
		var b [1]byte
		os.Stdin.Read(b[:])
	case "work":
		x := 0
		for i := range 50_000_000 {
			x += i
		}
		if x == 1 {
			println(x)
		}
	}
}
"#;

fn options(what: &str) -> IsolateOptions {
    IsolateOptions::default().args(["program", what].map(String::from))
}

#[test]
fn arguments_live_through_a_first_call_at_the_limit() {
    let program = program(
        "package main\nfunc Sum(all []string) (n int) {\n\tfor _, s := range all {\n\t\tfor i := range len(s) {\n\t\t\tn += int(s[i])\n\t\t}\n\t}\n\treturn\n}\n",
    );
    let sum = program.func::<fn(Vec<String>) -> i64>("Sum").unwrap();
    let all = vec!["a".repeat(1000); 64];
    let mut refused = 0;
    for limit in (64 << 10..1 << 20).step_by(2048) {
        let options = IsolateOptions::default().memory_limit(limit).debug("clobberfree=1").unwrap();
        let Ok(mut isolate) = program.isolate_with(options) else { continue };
        match sum.call(&mut isolate, &all) {
            Ok(n) => assert_eq!(n, 64 * 1000 * i64::from(b'a'), "with a limit of {limit} bytes"),
            Err(Error::Memory(_)) => refused += 1,
            Err(other) => panic!("{other}"),
        }
    }
    assert!(refused > 0);
}

#[test]
fn goroutines_are_limited() {
    let program = program(SOURCE);
    let spawn = |most| program.isolate_with(options("spawn").goroutine_limit(most)).unwrap().run_main();
    assert!(spawn(11).is_ok());
    let error = spawn(10).unwrap_err();
    assert!(matches!(error, Error::Goroutines(10)), "{error}");
    assert_eq!(
        error.to_string(),
        "the isolate may have 10 goroutines at a time: IsolateOptions::goroutine_limit sets how many"
    );
}

#[test]
fn processor_time_is_limited_over_all_calls() {
    let program = program(SOURCE);
    let most = Duration::from_millis(200);
    let error = program.isolate_with(options("spin").cpu_limit(most)).unwrap().run_main().unwrap_err();
    assert!(matches!(error, Error::CpuTime(m) if m == most), "{error}");
    assert!(error.to_string().contains("200ms") && error.to_string().contains("cpu_limit"), "{error}");
    // What waits uses none.
    let mut waits = program.isolate_with(options("wait").cpu_limit(most)).unwrap();
    let handle = waits.handle();
    handle.set_deadline(Some(Instant::now() + Duration::from_millis(600)));
    // Nothing can wake it, but a deadlock is not what is tested here.
    assert!(!matches!(waits.run_main(), Err(Error::CpuTime(_))));
    let mut works = program.isolate_with(options("work").cpu_limit(Duration::from_millis(300))).unwrap();
    let began = Instant::now();
    let mut calls = 0;
    let error = loop {
        match works.run_main() {
            Ok(()) => calls += 1,
            Err(e) => break e,
        }
        assert!(began.elapsed() < Duration::from_secs(60));
    };
    assert!(matches!(error, Error::CpuTime(_)), "{error}");
    assert!(calls >= 1, "one call does not use it up");
}

#[test]
fn each_call_has_its_deadline() {
    let program = program(SOURCE);
    let most = Duration::from_millis(100);
    for what in ["spin", "block"] {
        let (reader, _writer) = std::io::pipe().unwrap();
        let input = itab::Descriptor::Process(std::os::fd::AsRawFd::as_raw_fd(&reader));
        let stdio = [input, itab::Descriptor::Process(1), itab::Descriptor::Process(2)];
        let mut isolate = program.isolate_with(options(what).stdio(stdio).call_deadline(most)).unwrap();
        let began = Instant::now();
        let error = isolate.run_main().unwrap_err();
        assert!(matches!(error, Error::Deadline), "{what}: {error}");
        assert!(error.to_string().contains("call_deadline"), "{error}");
        let took = began.elapsed();
        assert!(took >= most && took < most + Duration::from_secs(5), "{what}: {took:?}");
    }
    // A deadline is each call's own.
    let mut isolate = program.isolate_with(options("work")).unwrap();
    isolate.set_call_deadline(Some(Duration::from_secs(30)));
    for _ in 0..3 {
        isolate.run_main().unwrap();
        assert_eq!(isolate.time_left(), None);
    }
    isolate.set_call_deadline(None);
    // The sooner of two counts, and the outer one is back after the inner one.
    let left = isolate.with_deadline(Duration::from_secs(1000), |isolate| {
        isolate.with_deadline(Duration::from_secs(10), |isolate| {
            isolate.with_deadline(Duration::from_secs(100), |isolate| {
                assert!(isolate.time_left().unwrap() <= Duration::from_secs(10));
                isolate.run_main().unwrap();
            });
        });
        isolate.time_left().unwrap()
    });
    assert!(left > Duration::from_secs(900), "{left:?}");
    assert_eq!(isolate.time_left(), None);
    let error = isolate.with_deadline(Duration::ZERO, |isolate| {
        let began = Instant::now();
        loop {
            if let Err(e) = isolate.run_main() {
                break e;
            }
            assert!(began.elapsed() < Duration::from_secs(60));
        }
    });
    assert!(matches!(error, Error::Deadline), "{error}");
}
