//! Host values that come and go leave no memory behind. Alone in its process, because it looks at what the process holds.

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

struct Counter {
    calls: Box<i64>,
    alive: Arc<AtomicUsize>,
}

impl Drop for Counter {
    fn drop(&mut self) {
        self.alive.fetch_sub(1, Ordering::SeqCst);
    }
}

#[itab::host]
impl Counter {
    fn add(&mut self, n: i64) -> i64 {
        *self.calls += n;
        *self.calls
    }
}

#[test]
fn rounds_of_create_call_drop_leave_nothing() {
    let program = common::program("package main\nfunc Use(c interface{ Add(int) int }) int { return c.Add(2) }");
    let use_ = program.func::<fn(Counter) -> i64>("Use").unwrap();
    let alive = Arc::new(AtomicUsize::new(0));
    let mut isolate = program.isolate().unwrap();
    let mut rounds = |n: usize| {
        for _ in 0..n {
            alive.fetch_add(1, Ordering::SeqCst);
            let counter = Counter { calls: Box::new(40), alive: alive.clone() };
            assert_eq!(use_.call(&mut isolate, counter).unwrap(), 42);
        }
        (common::resident(), alive.load(Ordering::SeqCst))
    };
    let (before, _) = rounds(50_000);
    let (after, left) = rounds(100_000);
    assert!(left < 20_000, "{left} values wait to be dropped");
    assert!(after < before + (2 << 20), "{before} bytes before, {after} after");
    drop(isolate);
    assert_eq!(alive.load(Ordering::SeqCst), 0);
}
