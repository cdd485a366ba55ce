//! Values of the host that Go holds: when they are dropped, and what a destructor may do.

use crate::chans::run;
use crate::code::*;
use itab_abi::block::IsolateBlock;
use itab_runtime::code::arch::CallRegs;
use itab_runtime::sched::enter::enter_with_regs;
use itab_runtime::sched::host_objects::{exclusive, shared};
use itab_runtime::sched::host_values::Refused;
use itab_runtime::sched::isolate::{self, Isolate};
use itab_runtime::sched::proc::gosched;
use itab_runtime::types::TypeRef;
use itab_runtime::types::host::{HostDecl, HostMethods};
use std::sync::{Arc, Mutex};

type Block = *mut IsolateBlock;
type Log = Arc<Mutex<Vec<&'static str>>>;

/// Notes its name when it is dropped.
struct Noted(&'static str, Log);

impl Drop for Noted {
    fn drop(&mut self) {
        self.1.lock().unwrap().push(self.0);
        if self.0 == "panics" {
            panic!("a destructor panics");
        }
    }
}

struct NoMethods;

impl HostMethods for NoMethods {
    fn method(&self, _: &str, _: TypeRef<'_>) -> Option<usize> {
        None
    }
    fn function(&self, _: &str, _: TypeRef<'_>) -> Option<usize> {
        None
    }
}

fn noted_type(code: &Code) -> TypeRef<'_> {
    let mut batch = code.program.types.batch();
    let decl = HostDecl { key: "t", name: "t.T", pkg_path: "t", methods: &[], host: Arc::new(NoMethods) };
    let t = batch.host_type(&decl);
    batch.commit();
    t
}

fn object(isolate: &mut Isolate, typ: TypeRef<'_>, name: &'static str, log: &Log) -> *mut u8 {
    // SAFETY: a type of the host in the isolate's program.
    unsafe { isolate.new_host_object(typ, Box::new(Noted(name, log.clone()))) }.unwrap()
}

/// Collects; captures: nothing.
unsafe extern "C" fn collect(block: Block, _: *const u64, _: *mut u64) {
    // SAFETY: called by a blob.
    unsafe { Isolate::collect_now(block) };
}

fn taken(log: &Log) -> Vec<&'static str> {
    std::mem::take(&mut *log.lock().unwrap())
}

#[test]
fn values_are_dropped_at_the_border() {
    let code = Code::new();
    let typ = noted_type(&code);
    let log = Log::default();
    let (mut isolate, _) = code.isolate();
    let kept = object(&mut isolate, typ, "kept", &log);
    let root = isolate.heap.new_root(kept);
    for name in ["first", "panics", "last"] {
        object(&mut isolate, typ, name, &log);
    }
    let collect = code.native("main.collect", collect, &[]);
    assert_eq!(taken(&log), [""; 0]);
    run(&mut isolate, collect).unwrap();
    assert_eq!(taken(&log), ["first", "panics", "last"]);
    run(&mut isolate, collect).unwrap();
    assert_eq!(taken(&log), [""; 0]);
    isolate.heap.drop_root(root);
    object(&mut isolate, typ, "panics", &log);
    drop(isolate);
    assert_eq!(taken(&log), ["kept", "panics"]);
}

/// Collects and lets others run, until the log that the capture points to has an entry; the number of tries left.
unsafe extern "C" fn wait_for_drop(block: Block, args: *const u64, results: *mut u64) {
    // SAFETY: the capture is the address of a log that lives longer; called by a blob.
    unsafe {
        let log = &*(*args as *const Log);
        *results = 100;
        while log.lock().unwrap().is_empty() && *results > 0 {
            Isolate::collect_now(block);
            gosched(block);
            *results -= 1;
        }
    }
}

#[test]
fn a_long_call_drops_values_too() {
    let code = Code::new();
    let typ = noted_type(&code);
    let log = Log::default();
    let (mut isolate, _) = code.isolate();
    object(&mut isolate, typ, "dropped", &log);
    let wait = code.native("main.wait", wait_for_drop, &[&raw const log as u64]);
    assert!(run(&mut isolate, wait).unwrap() > 0, "dropped before the call has ended");
    assert_eq!(taken(&log), ["dropped"]);
}

/// Borrows the object that the first capture points to, forgets the pointer, and calls the func value in the second, which
/// collects. The third is the log.
unsafe extern "C" fn method(block: Block, args: *const u64, results: *mut u64) {
    // SAFETY: the captures are as above; called by a blob.
    unsafe {
        let (cell, collect, log) = (*args as *mut *mut u8, *args.add(1), &*(*args.add(2) as *const Log));
        let noted = shared::<Noted>(isolate::of(block), *cell, true).ok().unwrap();
        *cell = std::ptr::null_mut();
        for _ in 0..2 {
            let mut regs = CallRegs::with_ints(&[collect + 8]);
            enter_with_regs(block, *(collect as *const usize), &mut regs).unwrap();
            gosched(block);
        }
        *results = u64::from(noted.0 == "borrowed" && log.lock().unwrap().is_empty());
    }
}

#[test]
fn a_borrowed_value_outlives_its_object() {
    let code = Code::new();
    let typ = noted_type(&code);
    let log = Log::default();
    let (mut isolate, _) = code.isolate();
    let cell = Box::into_raw(Box::new(object(&mut isolate, typ, "borrowed", &log)));
    let collect = code.native("main.collect", collect, &[]);
    let method = code.native("main.method", method, &[cell as u64, collect, &raw const log as u64]);
    assert_eq!(run(&mut isolate, method).unwrap(), 1);
    run(&mut isolate, collect).unwrap();
    assert_eq!(taken(&log), ["borrowed"]);
    // SAFETY: nobody else has the cell.
    drop(unsafe { Box::from_raw(cell) });
}

#[test]
fn lent_values_expire_and_are_not_dropped() {
    let code = Code::new();
    let typ = noted_type(&code);
    let log = Log::default();
    let (mut isolate, _) = code.isolate();
    let mut value = Noted("lent", log.clone());
    let rt: *mut Isolate = &mut *isolate;
    // SAFETY: the value and the isolate outlive the loan, and no Go code runs; the object is rooted.
    unsafe {
        let (object, loan) = (*rt).lend(typ, &raw mut value, true).unwrap();
        let root = (*rt).heap.new_root(object);
        exclusive::<Noted>(rt, object).ok().unwrap().0 = "changed";
        assert_eq!(shared::<Noted>(rt, object, true).err(), Some(Refused::Lent));
        assert_eq!(shared::<Noted>(rt, object, false).ok().unwrap().0, "changed");
        drop(loan);
        assert_eq!(shared::<Noted>(rt, object, false).err(), Some(Refused::Expired));
        (*rt).heap.drop_root(root);
    }
    drop(isolate);
    assert_eq!(taken(&log), [""; 0]);
    drop(value);
    assert_eq!(taken(&log), ["changed"]);
}

#[test]
fn a_closed_value_is_the_hosts_again() {
    let code = Code::new();
    let typ = noted_type(&code);
    let log = Log::default();
    let (mut isolate, _) = code.isolate();
    let at = object(&mut isolate, typ, "closed", &log);
    let root = isolate.heap.new_root(at);
    let rt: *mut Isolate = &mut *isolate;
    // SAFETY: a live object; no Go code runs.
    unsafe {
        let borrowed = shared::<Noted>(rt, at, false).ok().unwrap();
        assert_eq!((*rt).close_host_object::<Noted>(at).err(), Some(Refused::InUse));
        drop(borrowed);
        assert_eq!((*rt).close_host_object::<u64>(at).err(), Some(Refused::Unknown));
        assert_eq!((*rt).close_host_object::<Noted>(at).ok().unwrap().0, "closed");
        assert_eq!((*rt).close_host_object::<Noted>(at).err(), Some(Refused::Closed));
    }
    assert_eq!(taken(&log), ["closed"]);
    isolate.heap.drop_root(root);
    drop(isolate);
    assert_eq!(taken(&log), [""; 0]);
}
