//! Timing a case of a benchmark: the least of several rounds, in nanoseconds an operation.
//!
//! With `ITAB_BENCH_ONLY=case` one round of that case alone runs and the number of its operations is printed, for a
//! profiler that counts instructions in [`measured`].

use std::time::Instant;

/// Runs `rounds` rounds of `n` operations and prints the least time of one.
pub fn case(name: &str, rounds: usize, n: usize, mut round: impl FnMut()) {
    case_with(name, rounds, n, || (), |()| round());
}

/// The same with something made before each round, which is not measured.
pub fn case_with<T>(name: &str, rounds: usize, n: usize, mut make: impl FnMut() -> T, mut round: impl FnMut(&T)) {
    let only = std::env::var("ITAB_BENCH_ONLY").ok();
    if only.as_ref().is_some_and(|only| only != name) {
        return;
    }
    let rounds = if only.is_some() { 1 } else { rounds };
    let mut best = f64::MAX;
    for _ in 0..rounds {
        let made = make();
        let start = Instant::now();
        measured(&mut || round(&made));
        best = best.min(start.elapsed().as_nanos() as f64 / n as f64);
    }
    match only {
        Some(_) => println!("{name}: {n} operations"),
        None => println!("{name}: {best:.2} ns"),
    }
}

/// What is measured, and nothing else.
#[inline(never)]
fn measured(round: &mut dyn FnMut()) {
    round();
}
