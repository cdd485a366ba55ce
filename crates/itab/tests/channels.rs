//! Channels with one end in Rust: made by Go and by Rust, with and without waiting, from the host's stack, from host functions
//! and as futures.

mod common;

use common::{builder, load, program};
use itab::{Chan, Error, Isolate, IsolateOptions, Program, Receiver, Scope, Sender};
use std::future::Future;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};
use tokio::runtime::{Builder, Runtime};

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_time().build().unwrap()
}

/// Isolates as usual, and with a collection at every allocation.
fn isolates(program: &Program) -> [Isolate; 2] {
    let stressed = IsolateOptions::default().debug("gcstress=1").unwrap();
    [program.isolate().unwrap(), program.isolate_with(stressed).unwrap()]
}

fn poll_once<F: Future>(f: Pin<&mut F>) -> Poll<F::Output> {
    f.poll(&mut Context::from_waker(Waker::noop()))
}

const SOURCE: &str = r#"
package main

import "time"

type Line struct { Text string; Tags []string; N int32 }

func Make(n int) chan string { return make(chan string, n) }
func MakeEnds() (chan<- int, <-chan int) { c := make(chan int, 1); return c, c }
func Nil() chan int { return nil }

func Upper(in <-chan Line, out chan<- Line) {
	go func() {
		for l := range in {
			b := []byte(l.Text)
			for i := range b { if b[i] >= 'a' && b[i] <= 'z' { b[i] -= 32 } }
			out <- Line{string(b), append(l.Tags, "upper"), l.N + 1}
		}
		close(out)
	}()
}

func Numbers(out chan<- int, n int) { go func() { for i := range n { out <- i }; close(out) }() }
func Slow(out chan<- int, n, ms int) {
	go func() { for i := range n { time.Sleep(time.Duration(ms) * time.Millisecond); out <- i }; close(out) }()
}
func Sum(in chan int, total chan int) { go func() { s := 0; for x := range in { s += x }; total <- s }() }
func After(ms int) <-chan time.Time { return time.After(time.Duration(ms) * time.Millisecond) }
func Empty(c chan struct{}) { go func() { for range 3 { c <- struct{}{} }; close(c) }() }
func Large(c chan [100]int) { go func() { var a [100]int; for i := range a { a[i] = i }; c <- a }() }
func TryFill(c chan int) (n int) { for { select { case c <- n: n++; default: return } } }
func Chans(c chan chan int) { go func() { inner := make(chan int, 1); inner <- 42; c <- inner }() }

type Pair struct { In <-chan int; Out chan<- int }
func Pipe(p Pair) { go func() { for x := range p.In { p.Out <- -x }; close(p.Out) }() }

func main() {}
"#;

#[derive(itab::Go, Debug, Clone, PartialEq)]
struct Line {
    text: String,
    tags: Vec<String>,
    n: i32,
}

fn line(i: i32) -> Line {
    Line { text: format!("line {i}"), tags: vec![format!("t{i}"); 2], n: i }
}

fn uppered(i: i32) -> Line {
    let l = line(i);
    Line { text: l.text.to_uppercase(), tags: [l.tags, vec!["upper".into()]].concat(), n: i + 1 }
}

#[test]
fn values_pass_through_channels_that_rust_has_made() {
    let program = program(SOURCE);
    for mut isolate in isolates(&program) {
        for (to, from) in [(0, 0), (1, 0), (0, 3), (5, 5)] {
            let upper = isolate.func::<fn(Receiver<Line>, Sender<Line>)>("Upper").unwrap();
            let (input, output) = (Chan::<Line>::new(to), Chan::<Line>::new(from));
            upper.call(&mut isolate, input.receiver(), output.sender()).unwrap();
            for i in 0..10 {
                input.send(&mut isolate, line(i)).unwrap();
                assert_eq!(output.recv(&mut isolate).unwrap(), Some(uppered(i)));
            }
            input.close(&mut isolate).unwrap();
            assert_eq!(output.recv(&mut isolate).unwrap(), None);
            assert_eq!(output.recv(&mut isolate).unwrap(), None);
            assert_eq!(output.try_recv(&mut isolate).unwrap(), Poll::Ready(None));
            let closed = input.send(&mut isolate, line(0)).unwrap_err();
            assert_eq!(closed.to_string(), "panic: send on closed channel");
            let closed = input.close(&mut isolate).unwrap_err();
            assert_eq!(closed.to_string(), "panic: close of closed channel");
        }
    }
}

#[test]
fn a_buffer_is_filled_and_emptied_without_waiting() {
    let program = program(SOURCE);
    for mut isolate in isolates(&program) {
        let make = isolate.func::<fn(i64) -> Chan<String>>("Make").unwrap();
        let chan = make.call(&mut isolate, 2).unwrap();
        assert_eq!(chan.capacity(&isolate.scope().unwrap()).unwrap(), 2);
        assert!(chan.is_empty(&isolate.scope().unwrap()).unwrap());
        assert_eq!(chan.try_send(&mut isolate, "a".into()).unwrap(), None);
        assert_eq!(chan.try_send(&mut isolate, "b".into()).unwrap(), None);
        assert_eq!(chan.try_send(&mut isolate, "c".into()).unwrap().as_deref(), Some("c"), "it is given back");
        assert_eq!(chan.len(&isolate.scope().unwrap()).unwrap(), 2);
        assert!(matches!(chan.send(&mut isolate, "c".into()), Err(Error::Asleep)));
        assert_eq!(chan.try_recv(&mut isolate).unwrap(), Poll::Ready(Some("a".into())));
        assert_eq!(chan.recv(&mut isolate).unwrap().as_deref(), Some("b"));
        assert_eq!(chan.try_recv(&mut isolate).unwrap(), Poll::Pending);
        assert!(matches!(chan.recv(&mut isolate), Err(Error::Asleep)), "and the isolate goes on");
        chan.send(&mut isolate, "d".into()).unwrap();
        let receiver = chan.receiver();
        assert!(receiver.is_same(&chan) && !receiver.is_same(&make.call(&mut isolate, 2).unwrap()));
        drop(chan);
        assert_eq!(receiver.recv(&mut isolate).unwrap().as_deref(), Some("d"));
    }
}

#[test]
fn the_ends_have_types() {
    let mut isolate = program(SOURCE).isolate().unwrap();
    let wrong = isolate.func::<fn() -> (Chan<i64>, Receiver<i64>)>("MakeEnds").unwrap_err();
    assert!(wrong.to_string().contains("chan<- int, which Chan<i64> does not fit"), "{wrong}");
    assert!(wrong.to_string().contains("use itab::Sender<i64>"), "{wrong}");
    let wrong = isolate.func::<fn() -> (Sender<String>, Receiver<i64>)>("MakeEnds").unwrap_err();
    assert!(wrong.to_string().contains("at <-"), "{wrong}");
    let ends = isolate.func::<fn() -> (Sender<i64>, Receiver<i64>)>("MakeEnds").unwrap();
    let (sender, receiver) = ends.call(&mut isolate).unwrap();
    assert!(sender.is_same(&receiver));
    sender.send(&mut isolate, 7).unwrap();
    assert_eq!(receiver.recv(&mut isolate).unwrap(), Some(7));
    // What Go gave for sending only is not passed on for receiving too.
    let sum = isolate.func::<fn(Sender<i64>, Chan<i64>)>("Sum").unwrap();
    let wrong = sum.call(&mut isolate, &sender, Chan::new(0)).unwrap_err();
    assert!(wrong.to_string().contains("chan int, which Sender of int does not fit"), "{wrong}");
    // A channel has one element type.
    let numbers = isolate.func::<fn(Sender<i64>, i64)>("Numbers").unwrap();
    let chan = Chan::<i64>::new(0);
    assert!(matches!(chan.try_send(&mut isolate, 1), Err(Error::NoType)));
    assert!(matches!(chan.recv(&mut isolate), Err(Error::NoType)));
    numbers.call(&mut isolate, chan.sender(), 3).unwrap();
    let other = program("package main\nfunc Wants(c chan<- int64) {}\nfunc Own(c chan<- int) {}\nfunc main() {}");
    let mut other = other.isolate().unwrap();
    let own = other.func::<fn(Sender<i64>)>("Own").unwrap();
    assert!(matches!(own.call(&mut other, chan.sender()), Err(Error::Root)));
    assert!(matches!(chan.recv(&mut other), Err(Error::Root)));
    let wants = other.func::<fn(Sender<i64>)>("Wants").unwrap();
    let chan = Chan::<i64>::new(0);
    wants.call(&mut other, chan.sender()).unwrap();
    assert!(own.call(&mut other, chan.sender()).unwrap_err().to_string().contains("Sender of int64"));
}

#[test]
fn nil_channels_wait_for_ever() {
    let mut isolate = program(SOURCE).isolate().unwrap();
    let chan = isolate.func::<fn() -> Chan<i64>>("Nil").unwrap().call(&mut isolate).unwrap();
    assert!(chan.is_nil());
    assert_eq!(chan.try_send(&mut isolate, 1).unwrap(), Some(1));
    assert_eq!(chan.try_recv(&mut isolate).unwrap(), Poll::Pending);
    assert!(matches!(chan.recv(&mut isolate), Err(Error::Asleep)));
    assert!(matches!(chan.send(&mut isolate, 1), Err(Error::Asleep)));
    assert_eq!(chan.close(&mut isolate).unwrap_err().to_string(), "panic: close of nil channel");
    assert!(poll_once(pin!(chan.recv_async(&mut isolate))).is_pending());
}

#[test]
fn elements_of_any_size_pass() {
    let program = program(SOURCE);
    for mut isolate in isolates(&program) {
        #[derive(itab::Go, Debug, PartialEq)]
        struct Nothing {}
        let empty = Chan::<Nothing>::new(0);
        isolate.func::<fn(Chan<Nothing>)>("Empty").unwrap().call(&mut isolate, &empty).unwrap();
        for _ in 0..3 {
            assert_eq!(empty.recv(&mut isolate).unwrap(), Some(Nothing {}));
        }
        assert_eq!(empty.recv(&mut isolate).unwrap(), None);
        let large = Chan::<[i64; 100]>::new(0);
        isolate.func::<fn(Chan<[i64; 100]>)>("Large").unwrap().call(&mut isolate, &large).unwrap();
        let got = large.recv(&mut isolate).unwrap().unwrap();
        assert!(got.iter().copied().eq(0..100));
        let chans = Chan::<Chan<i64>>::new(0);
        isolate.func::<fn(Chan<Chan<i64>>)>("Chans").unwrap().call(&mut isolate, &chans).unwrap();
        let inner = chans.recv(&mut isolate).unwrap().unwrap();
        assert_eq!(inner.recv(&mut isolate).unwrap(), Some(42));
    }
}

#[test]
fn channels_pass_in_structs() {
    #[derive(itab::Go)]
    struct Pair {
        r#in: Receiver<i64>,
        out: Sender<i64>,
    }
    let program = program(SOURCE);
    for mut isolate in isolates(&program) {
        let pipe = isolate.func::<fn(Pair)>("Pipe").unwrap();
        let (to, from) = (Chan::new(0), Chan::new(0));
        pipe.call(&mut isolate, Pair { r#in: to.receiver(), out: from.sender() }).unwrap();
        for i in 1..5 {
            to.send(&mut isolate, i).unwrap();
            assert_eq!(from.recv(&mut isolate).unwrap(), Some(-i));
        }
    }
}

#[test]
fn channels_are_futures_too() {
    let program = program(SOURCE);
    for mut isolate in isolates(&program) {
        let slow = isolate.func::<fn(Sender<i64>, i64, i64)>("Slow").unwrap();
        let chan = Chan::new(0);
        slow.call(&mut isolate, chan.sender(), 5, 2).unwrap();
        let got = runtime().block_on(async {
            let mut got = vec![];
            while let Some(n) = chan.next(&mut isolate).await {
                got.push(n?);
            }
            Ok::<_, Error>(got)
        });
        assert_eq!(got.unwrap(), [0, 1, 2, 3, 4]);
        let upper = isolate.func::<fn(Receiver<Line>, Sender<Line>)>("Upper").unwrap();
        let (input, output) = (Chan::<Line>::new(0), Chan::<Line>::new(0));
        upper.call(&mut isolate, input.receiver(), output.sender()).unwrap();
        runtime().block_on(async {
            for i in 0..20 {
                input.send_async(&mut isolate, line(i)).await.unwrap();
                assert_eq!(output.recv_async(&mut isolate).await.unwrap(), Some(uppered(i)));
            }
        });
        // Many senders, one receiver, on another thread's runtime.
        let numbers = isolate.func::<fn(Sender<i64>, i64)>("Numbers").unwrap();
        let chan = Chan::new(0);
        numbers.call(&mut isolate, chan.sender(), 1000).unwrap();
        let runtime = Builder::new_multi_thread().worker_threads(2).build().unwrap();
        let sum = runtime.block_on(runtime.spawn(async move {
            let mut sum = 0;
            while let Some(n) = chan.recv_async(&mut isolate).await? {
                sum += n;
                if n % 100 == 0 {
                    tokio::task::yield_now().await;
                }
            }
            Ok::<_, Error>(sum)
        }));
        assert_eq!(sum.unwrap().unwrap(), 499_500);
    }
}

/// What a `select!` gives up and takes up again loses nothing, and the isolate may be used in between.
#[test]
fn a_receive_that_is_given_up_loses_no_value() {
    let mut isolate = program(SOURCE).isolate().unwrap();
    let slow = isolate.func::<fn(Sender<i64>, i64, i64)>("Slow").unwrap();
    let chan = Chan::new(0);
    slow.call(&mut isolate, chan.sender(), 20, 1).unwrap();
    let (mut got, mut ticks) = (vec![], 0);
    runtime().block_on(async {
        let mut interval = tokio::time::interval(Duration::from_micros(700));
        loop {
            tokio::select! {
                next = chan.recv_async(&mut isolate) => match next.unwrap() {
                    Some(n) => got.push(n),
                    None => break,
                },
                _ = interval.tick() => ticks += 1,
            }
        }
    });
    assert!(got.iter().copied().eq(0..20), "{got:?}");
    assert!(ticks >= 10, "{ticks}");
    // Values that were received in the poll before the one that is given up.
    let make = isolate.func::<fn(i64) -> Chan<String>>("Make").unwrap();
    let chan = make.call(&mut isolate, 1).unwrap();
    assert!(poll_once(pin!(chan.recv_async(&mut isolate))).is_pending());
    chan.send(&mut isolate, "a".into()).unwrap();
    assert!(poll_once(pin!(chan.send_async(&mut isolate, "b".into()))).is_pending());
    assert_eq!(chan.try_recv(&mut isolate).unwrap(), Poll::Ready(Some("a".into())));
    assert_eq!(chan.try_recv(&mut isolate).unwrap(), Poll::Pending, "b was not sent");
}

#[test]
fn timer_channels_fire_while_the_host_waits() {
    let program = program(SOURCE);
    for mut isolate in isolates(&program) {
        let after = isolate.func::<fn(i64) -> Receiver<std::time::SystemTime>>("After").unwrap();
        let begin = Instant::now();
        let chan = after.call(&mut isolate, 5).unwrap();
        assert!(chan.recv(&mut isolate).unwrap().is_some());
        assert!(begin.elapsed() >= Duration::from_millis(5));
        let chan = after.call(&mut isolate, 5).unwrap();
        assert!(runtime().block_on(chan.recv_async(&mut isolate)).unwrap().is_some());
        assert!(begin.elapsed() >= Duration::from_millis(10));
        let chan = after.call(&mut isolate, 1).unwrap();
        std::thread::sleep(Duration::from_millis(3));
        assert!(chan.try_recv(&mut isolate).unwrap().is_ready());
    }
}

/// In a function that Go has called, the goroutine that called waits in the channel's queue.
#[test]
fn host_functions_use_channels() {
    let source = r#"
package main

func relay(in <-chan int, out chan<- int, n int) int
func Relay(n int) (sum int) {
	in, out := make(chan int), make(chan int)
	go func() { for i := range n { in <- i } }()
	done := make(chan bool)
	go func() { for range n { sum += <-out }; close(done) }()
	relayed := relay(in, out, n)
	<-done
	return sum * 1000 + relayed
}
func Full() int { c := make(chan int); return relay(c, c, 1) }
func main() {}
"#;
    let relay = |scope: &mut Scope<'_>, from: Receiver<i64>, to: Sender<i64>, n: i64| {
        for _ in 0..n {
            let Some(x) = from.recv(scope)? else { break };
            to.send(scope, x * 2)?;
        }
        assert!(from.try_recv(scope)?.is_pending());
        Ok::<i64, Error>(n)
    };
    let program = load(builder(source).func("main.relay", relay));
    for mut isolate in isolates(&program) {
        let relay = isolate.func::<fn(i64) -> i64>("Relay").unwrap();
        assert_eq!(relay.call(&mut isolate, 10).unwrap(), 90_010);
        assert_eq!(runtime().block_on(relay.call_async(&mut isolate, 10)).unwrap(), 90_010);
        let full = isolate.func::<fn() -> i64>("Full").unwrap();
        let error = full.call(&mut isolate).unwrap_err();
        assert!(error.to_string().contains("deadlock!"), "{error}");
    }
}

/// An unbuffered channel meets the host only when the host looks, as the documentation says.
#[test]
fn a_select_with_a_default_does_not_find_the_host() {
    let mut isolate = program(SOURCE).isolate().unwrap();
    let fill = isolate.func::<fn(Chan<i64>) -> i64>("TryFill").unwrap();
    let chan = Chan::new(0);
    assert_eq!(fill.call(&mut isolate, &chan).unwrap(), 0);
    let chan = Chan::new(3);
    assert_eq!(fill.call(&mut isolate, &chan).unwrap(), 3);
    for i in 0..3 {
        assert_eq!(chan.recv(&mut isolate).unwrap(), Some(i));
    }
}

#[test]
fn a_kill_ends_the_wait() {
    let mut isolate = program(SOURCE).isolate().unwrap();
    let slow = isolate.func::<fn(Sender<i64>, i64, i64)>("Slow").unwrap();
    let chan = Chan::new(0);
    slow.call(&mut isolate, chan.sender(), 1, 60_000).unwrap();
    let handle = isolate.handle();
    let killer = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(10));
        handle.kill();
    });
    let error = runtime().block_on(chan.recv_async(&mut isolate)).unwrap_err();
    assert!(matches!(error, Error::Killed), "{error}");
    killer.join().unwrap();
    assert!(matches!(chan.recv(&mut isolate), Err(Error::Killed)));
    assert!(matches!(chan.try_send(&mut isolate, 1), Ok(Some(1)) | Err(Error::Killed)));
}
