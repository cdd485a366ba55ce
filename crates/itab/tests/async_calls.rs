//! Calls of Go as futures, and host functions that are futures: who runs meanwhile, who is woken by what, and what becomes of
//! calls that are given up.

mod common;

use common::{builder, load, program};
use itab::{Error, Isolate, IsolateOptions, Program};
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::{Duration, Instant};
use tokio::runtime::{Builder, Runtime};

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_time().build().unwrap()
}

/// Options for polls that last until nothing can run, however slow the machine is.
fn long_slices() -> IsolateOptions {
    IsolateOptions::default().time_slice(Duration::from_secs(60))
}

/// Isolates as usual, and with a collection at every allocation.
fn isolates(program: &Program) -> [Isolate; 2] {
    let stressed = long_slices().debug("gcstress=1").unwrap();
    [program.isolate_with(long_slices()).unwrap(), program.isolate_with(stressed).unwrap()]
}

/// A future that is ready when a thread of its own says so.
struct OnThread {
    state: Arc<Mutex<(Option<String>, Option<Waker>)>>,
}

impl OnThread {
    fn new(result: String, after: Duration) -> OnThread {
        let state: Arc<Mutex<(Option<String>, Option<Waker>)>> = Arc::default();
        let shared = state.clone();
        thread::spawn(move || {
            thread::sleep(after);
            let mut state = shared.lock().unwrap();
            state.0 = Some(result);
            let waker = state.1.take();
            drop(state);
            if let Some(waker) = waker {
                waker.wake();
            }
        });
        OnThread { state }
    }
}

impl Future for OnThread {
    type Output = String;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<String> {
        let mut state = self.state.lock().unwrap();
        match state.0.take() {
            Some(result) => Poll::Ready(result),
            None => {
                state.1 = Some(cx.waker().clone());
                Poll::Pending
            }
        }
    }
}

/// Counts those that are alive.
struct Alive(Arc<AtomicUsize>);

impl Alive {
    fn new(count: &Arc<AtomicUsize>) -> Alive {
        count.fetch_add(1, Ordering::SeqCst);
        Alive(count.clone())
    }
}

impl Drop for Alive {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Polls once.
fn poll_once<F: Future>(f: Pin<&mut F>) -> Poll<F::Output> {
    f.poll(&mut Context::from_waker(Waker::noop()))
}

const FETCH: &str = r#"
package main

import ("sync"; "errors")

func fetch(url string) (string, error)
func never() int

var count, exits int

func Get(url string) (string, error) { return fetch(url) }

func All(n int) (string, error) {
	results := make([]string, n)
	errs := make([]error, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { results[i], errs[i] = fetch("u" + string(rune('a'+i%26))) })
	}
	wg.Wait()
	all := ""
	for _, r := range results { all += r }
	return all, errors.Join(errs...)
}

func Never() int {
	defer func() { exits++ }()
	count++
	return never()
}

func Recovered() (text string) {
	defer func() {
		if e, ok := recover().(error); ok { text = e.Error() }
	}()
	s, _ := fetch("panic")
	return s
}

func Exits() int { return exits }

func main() {}
"#;

fn fetching(dropped: &Arc<AtomicUsize>) -> Program {
    let alive = dropped.clone();
    let fetch = |url: String| async move {
        match url.as_str() {
            "panic" => panic!("no such host"),
            "bad" => Err(std::io::Error::other("unreachable")),
            "now" => Ok("<now>".to_string()),
            _ => Ok(OnThread::new(format!("<{url}>"), Duration::from_millis(3)).await),
        }
    };
    let never = move || {
        let alive = Alive::new(&alive);
        async move {
            let _alive = alive;
            std::future::pending::<i64>().await
        }
    };
    load(builder(FETCH).func_async("main.fetch", fetch).func_async("main.never", never))
}

#[test]
fn futures_of_the_host_are_awaited_by_blocking_calls_and_by_futures() {
    let program = fetching(&Arc::default());
    for mut isolate in isolates(&program) {
        let get = isolate.func::<fn(String) -> itab::Result<String>>("Get").unwrap();
        let recovered = isolate.func::<fn() -> String>("Recovered").unwrap();
        for url in ["now", "go.dev"] {
            assert_eq!(get.call(&mut isolate, url).unwrap(), format!("<{url}>"));
            assert_eq!(runtime().block_on(get.call_async(&mut isolate, url)).unwrap(), format!("<{url}>"));
        }
        let error = get.call(&mut isolate, "bad").unwrap_err().into_go().unwrap();
        assert_eq!(error.downcast_ref::<std::io::Error>().unwrap().to_string(), "unreachable");
        let error = runtime().block_on(get.call_async(&mut isolate, "bad")).unwrap_err();
        assert_eq!(error.to_string(), "unreachable");
        assert_eq!(recovered.call(&mut isolate).unwrap(), "no such host");
        let panic = runtime().block_on(get.call_async(&mut isolate, "panic")).unwrap_err();
        assert_eq!(panic.to_string(), "panic: no such host");
        assert_eq!(runtime().block_on(recovered.call_async(&mut isolate)).unwrap(), "no such host");
    }
}

#[test]
fn many_futures_are_awaited_at_once() {
    let program = fetching(&Arc::default());
    for (mut isolate, n) in isolates(&program).into_iter().zip([300, 30]) {
        let all = isolate.func::<fn(i64) -> itab::Result<String>>("All").unwrap();
        let begin = Instant::now();
        let blocking = all.call(&mut isolate, n).unwrap();
        let future = runtime().block_on(all.call_async(&mut isolate, n)).unwrap();
        assert_eq!(blocking, future);
        assert_eq!(blocking.len(), 4 * n as usize);
        assert!(begin.elapsed() < Duration::from_millis(2 * 3 * n as u64), "one after the other");
    }
}

#[test]
fn a_future_is_send_and_moves_between_threads() {
    fn sent<T: Send>(t: T) -> T {
        t
    }
    let mut isolate = fetching(&Arc::default()).isolate().unwrap();
    let get = isolate.func::<fn(String) -> itab::Result<String>>("Get").unwrap();
    let runtime = Builder::new_multi_thread().worker_threads(2).enable_time().build().unwrap();
    let task = runtime.spawn(async move {
        let mut all = String::new();
        for i in 0..20 {
            all += &sent(get.call_async(&mut isolate, i.to_string())).await?;
            tokio::task::yield_now().await;
        }
        Ok::<_, Error>(all)
    });
    let expected: String = (0..20).map(|i| format!("<{i}>")).collect();
    assert_eq!(runtime.block_on(task).unwrap().unwrap(), expected);
}

#[test]
fn a_call_that_is_given_up_drops_its_future_and_runs_its_deferred_calls() {
    let alive = Arc::default();
    let program = fetching(&alive);
    for mut isolate in isolates(&program) {
        let never = isolate.func::<fn() -> i64>("Never").unwrap();
        let exits = isolate.func::<fn() -> i64>("Exits").unwrap();
        for i in 1..=20 {
            let mut call = Box::pin(never.call_async(&mut isolate));
            assert!(poll_once(call.as_mut()).is_pending());
            assert_eq!(alive.load(Ordering::SeqCst), 1);
            drop(call);
            assert_eq!(alive.load(Ordering::SeqCst), 0);
            isolate.run_until_idle().unwrap();
            assert_eq!(exits.call(&mut isolate).unwrap(), i);
        }
        // One that was never polled has never run.
        drop(never.call_async(&mut isolate));
        isolate.run_until_idle().unwrap();
        assert_eq!(exits.call(&mut isolate).unwrap(), 20);
        // One that is forgotten is a goroutine that waits.
        std::mem::forget(never.call_async(&mut isolate));
        isolate.run_until_idle().unwrap();
        assert_eq!(alive.load(Ordering::SeqCst), 1);
        assert_eq!(exits.call(&mut isolate).unwrap(), 20);
        drop(isolate);
        assert_eq!(alive.load(Ordering::SeqCst), 0, "with the isolate");
    }
}

#[test]
fn a_kill_and_a_deadline_end_what_waits_for_a_future() {
    let alive = Arc::default();
    let program = fetching(&alive);
    for ends_by_kill in [true, false] {
        for blocking in [true, false] {
            let mut isolate = program.isolate().unwrap();
            let never = isolate.func::<fn() -> i64>("Never").unwrap();
            let handle = isolate.handle();
            let killer = thread::spawn(move || {
                thread::sleep(Duration::from_millis(20));
                if ends_by_kill {
                    handle.kill();
                } else {
                    handle.set_deadline(Some(Instant::now()));
                }
            });
            let error = match blocking {
                true => never.call(&mut isolate).unwrap_err(),
                false => runtime().block_on(never.call_async(&mut isolate)).unwrap_err(),
            };
            killer.join().unwrap();
            assert!(
                matches!(error, Error::Killed if ends_by_kill) || matches!(error, Error::Deadline if !ends_by_kill)
            );
            assert_eq!(alive.load(Ordering::SeqCst), 0, "the future is dropped");
            assert!(never.call(&mut isolate).is_err());
        }
    }
}

const WAITS: &str = r#"
package main

import ("time"; "sync")

var ended = make(chan string, 100)
var ch = make(chan int)
var mu sync.Mutex

// With it no wait is a deadlock.
func init() { go time.Sleep(time.Hour) }

func started()
func end(s string) { ended <- s }

func Sleep(ms int) int { defer end("sleep"); started(); time.Sleep(time.Duration(ms) * time.Millisecond); return ms }
func Recv() int { defer end("recv"); started(); return <-ch }
func Send() { defer end("send"); started(); ch <- 1 }
func NilRecv() { defer end("nil recv"); var c chan int; started(); <-c }
func NilSend() { defer end("nil send"); var c chan int; started(); c <- 1 }
func Block() { defer end("block"); started(); select {} }
func Select() int {
	defer end("select")
	var other chan int
	started()
	select {
	case x := <-ch: return x
	case other <- 1: return 0
	case <-time.After(time.Hour): return -1
	}
}
func Spin() {
	defer end("spin")
	started()
	for i := 0; ; i++ { if i < 0 { return } }
}
func Defers() {
	defer end("defers")
	defer func() { time.Sleep(time.Millisecond); end("slept") }()
	defer func() { recover(); end("recovered") }()
	started()
	<-ch
}
func PanicsInDefer() {
	defer end("panics")
	defer panic("lost")
	started()
	<-ch
}
func Lock() { defer end("lock"); mu.Lock(); defer mu.Unlock(); started(); <-ch }
func Locked() bool { if mu.TryLock() { mu.Unlock(); return false }; return true }

func WaitsForLock() { defer end("waits for lock"); started(); mu.Lock(); mu.Unlock(); <-ch }
func Take() { mu.Lock() }
func Give() { mu.Unlock() }

func Ended() string {
	all := ""
	for {
		select {
		case s := <-ended: all += s + ";"
		default: return all
		}
	}
}
func TrySend() bool { select { case ch <- 7: return true; default: return false } }
func TryRecv() bool { select { case <-ch: return true; default: return false } }

func main() {}
"#;

/// The program of waits; and whether a function has come to its wait.
fn waits(source: &str) -> (Program, Arc<AtomicUsize>) {
    let started: Arc<AtomicUsize> = Arc::default();
    let count = started.clone();
    (load(builder(source).func("main.started", move || count.store(1, Ordering::SeqCst))), started)
}

/// Polls until the function has come to its wait.
fn poll_until<F: Future>(mut f: Pin<&mut F>, started: &AtomicUsize) {
    started.store(0, Ordering::SeqCst);
    while started.load(Ordering::SeqCst) == 0 {
        assert!(poll_once(f.as_mut()).is_pending());
    }
}

#[test]
fn every_wait_that_is_given_up_leaves_its_queue() {
    let (program, started) = waits(WAITS);
    for mut isolate in isolates(&program) {
        let ended = isolate.func::<fn() -> String>("Ended").unwrap();
        let probes = ["TrySend", "TryRecv", "Locked"].map(|f| isolate.func::<fn() -> bool>(f).unwrap());
        for (name, said) in [
            ("NilRecv", "nil recv;"),
            ("NilSend", "nil send;"),
            ("Block", "block;"),
            ("Lock", "lock;"),
            ("Send", "send;"),
            ("Defers", "recovered;slept;defers;"),
            ("PanicsInDefer", "panics;"),
        ] {
            let f = isolate.func::<fn()>(name).unwrap();
            let mut call = Box::pin(f.call_async(&mut isolate));
            poll_until(call.as_mut(), &started);
            drop(call);
            // Nobody may meet it any more, although it has not run since.
            assert!(!probes[0].call(&mut isolate).unwrap() && !probes[1].call(&mut isolate).unwrap(), "{name}");
            let idle = poll_fn(|cx| isolate.poll_idle(cx));
            let ends = runtime().block_on(async { tokio::time::timeout(Duration::from_millis(20), idle).await });
            assert!(ends.is_err(), "a timer is pending");
            assert_eq!(ended.call(&mut isolate).unwrap(), said, "{name}");
            assert!(!probes[2].call(&mut isolate).unwrap(), "{name} holds its lock");
        }
        for name in ["Recv", "Select"] {
            let f = isolate.func::<fn() -> i64>(name).unwrap();
            let mut call = Box::pin(f.call_async(&mut isolate));
            poll_until(call.as_mut(), &started);
            drop(call);
            assert!(!probes[0].call(&mut isolate).unwrap(), "{name} was given up and takes no value");
            isolate.run_until_idle().unwrap();
            assert_eq!(ended.call(&mut isolate).unwrap(), format!("{};", name.to_lowercase()));
        }
    }
}

#[test]
fn a_loop_that_is_given_up_ends() {
    let (program, started) = waits(WAITS);
    let mut isolate = program.isolate_with(IsolateOptions::default().time_slice(Duration::from_millis(1))).unwrap();
    let spin = isolate.func::<fn()>("Spin").unwrap();
    let ended = isolate.func::<fn() -> String>("Ended").unwrap();
    for _ in 0..5 {
        let mut call = Box::pin(spin.call_async(&mut isolate));
        poll_until(call.as_mut(), &started);
        drop(call);
        isolate.run_until_idle().unwrap();
        assert_eq!(ended.call(&mut isolate).unwrap(), "spin;");
    }
}

#[test]
fn a_wait_for_a_lock_ends_when_it_has_it() {
    let (program, started) = waits(WAITS);
    let mut isolate = program.isolate_with(long_slices()).unwrap();
    let funcs = ["Take", "WaitsForLock", "Give"].map(|f| isolate.func::<fn()>(f).unwrap());
    let ended = isolate.func::<fn() -> String>("Ended").unwrap();
    funcs[0].call(&mut isolate).unwrap();
    let mut call = Box::pin(funcs[1].call_async(&mut isolate));
    poll_until(call.as_mut(), &started);
    drop(call);
    isolate.run_until_idle().unwrap();
    assert_eq!(ended.call(&mut isolate).unwrap(), "");
    funcs[2].call(&mut isolate).unwrap();
    isolate.run_until_idle().unwrap();
    assert_eq!(ended.call(&mut isolate).unwrap(), "waits for lock;");
    // The lock's own count of waiters is right: it can be had again.
    funcs[0].call(&mut isolate).unwrap();
    funcs[2].call(&mut isolate).unwrap();
}

#[test]
fn timers_wake_the_task() {
    let mut isolate = waits(WAITS).0.isolate().unwrap();
    let sleep = isolate.func::<fn(i64) -> i64>("Sleep").unwrap();
    let begin = Instant::now();
    runtime().block_on(async {
        for _ in 0..10 {
            assert_eq!(sleep.call_async(&mut isolate, 2).await.unwrap(), 2);
        }
    });
    let took = begin.elapsed();
    assert!(took >= Duration::from_millis(20), "{took:?}");
    assert!(took < Duration::from_millis(500), "{took:?}");
    // A timeout of the host's runtime gives a call up.
    let timeout = runtime().block_on(async {
        tokio::time::timeout(Duration::from_millis(10), sleep.call_async(&mut isolate, 60_000)).await
    });
    assert!(timeout.is_err(), "{timeout:?}");
    isolate.run_until_idle().unwrap();
    let ended = isolate.func::<fn() -> String>("Ended").unwrap();
    assert_eq!(ended.call(&mut isolate).unwrap(), "sleep;".repeat(11));
}

#[test]
fn polls_are_time_sliced() {
    let options = || IsolateOptions::default().time_slice(Duration::from_millis(2));
    let (program, _) = waits(WAITS);
    let mut isolate = program.isolate_with(options()).unwrap();
    let spin = isolate.func::<fn()>("Spin").unwrap();
    let mut call = Box::pin(spin.call_async(&mut isolate));
    // The first compiles.
    assert!(poll_once(call.as_mut()).is_pending());
    let mut longest = vec![];
    for _ in 0..20 {
        let begin = Instant::now();
        assert!(poll_once(call.as_mut()).is_pending());
        longest.push(begin.elapsed());
    }
    longest.sort();
    assert!(longest[10] < Duration::from_millis(20), "{longest:?}");
    assert!(longest[0] >= Duration::from_millis(1), "{longest:?}");
    drop(call);
    // Two tasks of one thread take turns.
    let spinning = async {
        let mut isolate = program.isolate_with(options()).unwrap();
        let spin = isolate.func::<fn()>("Spin").unwrap();
        let _ = spin.call_async(&mut isolate).await;
    };
    let sleeping = async {
        let mut isolate = program.isolate_with(options()).unwrap();
        let sleep = isolate.func::<fn(i64) -> i64>("Sleep").unwrap();
        for _ in 0..5 {
            sleep.call_async(&mut isolate, 1).await.unwrap();
        }
    };
    runtime().block_on(async {
        let (mut spinning, mut sleeping) = (pin!(spinning), pin!(sleeping));
        tokio::select! {
            () = &mut spinning => panic!("it never ends"),
            () = &mut sleeping => {}
        }
    });
}

#[test]
fn a_deadlock_ends_the_isolate_unless_a_future_is_pending() {
    let mut isolate = waits(&WAITS.replace("func init()", "func pending()")).0.isolate().unwrap();
    let recv = isolate.func::<fn() -> i64>("Recv").unwrap();
    let error = runtime().block_on(recv.call_async(&mut isolate)).unwrap_err();
    assert!(error.to_string().contains("all goroutines are asleep - deadlock!"), "{error}");
    assert!(error.to_string().contains("[chan receive]"), "{error}");
    assert!(matches!(recv.call(&mut isolate), Err(Error::Fatal(_))));
    let mut isolate = fetching(&Arc::default()).isolate_with(long_slices()).unwrap();
    let never = isolate.func::<fn() -> i64>("Never").unwrap();
    let mut call = Box::pin(never.call_async(&mut isolate));
    assert!(poll_once(call.as_mut()).is_pending());
    drop(call);
    runtime().block_on(poll_fn(|cx| isolate.poll_idle(cx))).unwrap();
}

/// A host function that calls Go, which waits, keeps the thread: its frame is never left on a goroutine when a poll ends.
#[test]
fn a_host_frame_is_never_left_between_polls() {
    let source = r#"
package main

import "time"

func host(n int) int
func Outer(n int) int { return host(n) + 1 }
func Inner(n int) int { time.Sleep(5 * time.Millisecond); return n * 2 }
func main() {}
"#;
    let host = |scope: &mut itab::Scope<'_>, n: i64| scope.func::<fn(i64) -> i64>("Inner")?.call(scope, n);
    let mut isolate = load(builder(source).func("main.host", host)).isolate_with(long_slices()).unwrap();
    let outer = isolate.func::<fn(i64) -> i64>("Outer").unwrap();
    let mut call = Box::pin(outer.call_async(&mut isolate, 20));
    match poll_once(call.as_mut()) {
        Poll::Ready(n) => assert_eq!(n.unwrap(), 41),
        Poll::Pending => panic!("a poll has ended with a frame of the host on a goroutine"),
    }
}

#[test]
fn errors_of_a_call_come_with_the_first_poll() {
    let mut isolate = program("package main\nimport \"os\"\nfunc F(s string) { os.Exit(len(s)) }\nfunc main() {}")
        .isolate_with(long_slices())
        .unwrap();
    let mut other = program("package main\nfunc G() {}\nfunc main() {}").isolate().unwrap();
    let f = isolate.func::<fn(String)>("F").unwrap();
    assert!(matches!(poll_once(pin!(f.call_async(&mut other, "x"))), Poll::Ready(Err(Error::Root))));
    assert!(matches!(poll_once(pin!(f.call_async(&mut isolate, "four"))), Poll::Ready(Err(Error::Exit(4)))));
    assert!(matches!(poll_once(pin!(f.call_async(&mut isolate, "four"))), Poll::Ready(Err(Error::Exit(4)))));
}

/// A waker that is called again and again, also after its call, and futures that wake themselves.
#[test]
fn wakers_may_be_called_at_any_time() {
    let source = "package main\nfunc step(n int) int\nfunc Sum(n int) (sum int) { for i := range n { sum += step(i) }; return }\nfunc main() {}";
    let (send, wakers) = mpsc::channel::<Waker>();
    let step = move |n: i64| {
        let mut left = 3;
        let send = send.clone();
        poll_fn(move |cx| {
            cx.waker().wake_by_ref();
            let _ = send.send(cx.waker().clone());
            left -= 1;
            if left == 0 { Poll::Ready(n) } else { Poll::Pending }
        })
    };
    let mut isolate = load(builder(source).func_async("main.step", step)).isolate().unwrap();
    let waking = thread::spawn(move || {
        let mut all: Vec<Waker> = vec![];
        for waker in wakers {
            waker.wake_by_ref();
            all.push(waker);
            all.iter().rev().take(5).for_each(Waker::wake_by_ref);
        }
        all.into_iter().for_each(Waker::wake);
    });
    let sum = isolate.func::<fn(i64) -> i64>("Sum").unwrap();
    assert_eq!(sum.call(&mut isolate, 1000).unwrap(), 499_500);
    assert_eq!(runtime().block_on(sum.call_async(&mut isolate, 1000)).unwrap(), 499_500);
    drop(sum);
    drop(isolate);
    waking.join().unwrap();
}

/// What a call waits counts: the deadline passes while nothing runs.
#[test]
fn the_deadline_of_calls_holds_for_futures() {
    let program = fetching(&Arc::default());
    for in_options in [true, false] {
        let most = Duration::from_millis(500);
        let options = if in_options { long_slices().call_deadline(most) } else { long_slices() };
        let mut isolate = program.isolate_with(options).unwrap();
        let get = isolate.func::<fn(String) -> itab::Result<String>>("Get").unwrap();
        let never = isolate.func::<fn() -> i64>("Never").unwrap();
        if in_options {
            for _ in 0..20 {
                assert_eq!(runtime().block_on(get.call_async(&mut isolate, "x")).unwrap(), "<x>");
            }
        }
        // One that was given up leaves no deadline behind.
        let mut call = Box::pin(never.call_async(&mut isolate));
        assert!(poll_once(call.as_mut()).is_pending());
        drop(call);
        thread::sleep(2 * most);
        isolate.run_until_idle().unwrap();
        let wait = |isolate: &mut Isolate| runtime().block_on(never.call_async(isolate));
        let error = if in_options { wait(&mut isolate) } else { isolate.with_deadline(most, wait) };
        assert!(matches!(error, Err(Error::Deadline)), "{error:?}");
    }
}
