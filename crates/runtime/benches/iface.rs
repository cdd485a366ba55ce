//! Interfaces: itabs made for the first time, found again, assertions, comparison and hashing. `iface.go` beside it
//! prints the same lines for Go. Each figure is the least of several rounds, in nanoseconds.

use itab_abi::iface::Eface;
use itab_abi::types::Kind;
use itab_abi::value::GoString;
use itab_runtime::persistent::PersistentArena;
use itab_runtime::types::{FieldDesc, IMethodDesc, MethodDesc, NamedDecl, Pkg, TypeRef, Types};
use itab_runtime::{alg, itab};
use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

const TYPES: usize = 512;
const ROUNDS: usize = 15;

const METHODS: [&str; 20] = [
    "M00", "M01", "M02", "M03", "M04", "M05", "M06", "M07", "M08", "M09", "M10", "M11", "M12", "M13", "M14", "M15",
    "M16", "M17", "M18", "M19",
];

fn concrete(types: &Types) -> Vec<TypeRef<'_>> {
    let mut b = types.batch();
    let f = b.func_of(&[], &[], false);
    let u = b.struct_of(&[]);
    let desc = |name| MethodDesc { name, pkg_path: "main", mtyp: f, ifn: 1, tfn: 1 };
    let methods = METHODS.map(desc);
    let all = (0..TYPES)
        .map(|i| {
            let key = format!("main.T[{i}]");
            let t = b.named(&NamedDecl { key: &key, name: &key, pkg_path: "main", kind: Kind::Struct, params: 0 });
            b.complete_named(t, u, &methods, &[]);
            t
        })
        .collect();
    b.commit();
    all
}

fn inter<'t>(types: &'t Types, names: &[&'static str]) -> TypeRef<'t> {
    let f = types.func_of(&[], &[], false);
    let pkg = Pkg { path: "main", name: "main" };
    let methods: Vec<_> = names.iter().map(|&name| IMethodDesc { name, pkg, typ: f }).collect();
    types.interface_of(&methods)
}

/// The interfaces that are asserted to: the first n methods, and one that no type has.
fn interfaces(types: &Types) -> [(&'static str, TypeRef<'_>); 4] {
    let mut missing = METHODS[..5].to_vec();
    missing.push("M99");
    [
        ("1 method", inter(types, &METHODS[..1])),
        ("5 methods", inter(types, &METHODS[..5])),
        ("20 methods", inter(types, &METHODS)),
        ("missing", inter(types, &missing)),
    ]
}

fn report(name: &str, ns: f64) {
    println!("{name:<40} {ns:8.2}");
}

/// The least time of one of `n` operations over the rounds.
fn least(n: usize, mut round: impl FnMut()) -> f64 {
    let times = (0..ROUNDS).map(|_| {
        let start = Instant::now();
        round();
        start.elapsed().as_nanos() as f64 / n as f64
    });
    times.fold(f64::MAX, f64::min)
}

fn first_time() {
    let mut best = [f64::MAX; 4];
    for _ in 0..ROUNDS {
        let types = Types::new(Box::new(PersistentArena::new()));
        let all = concrete(&types);
        for (i, (_, inter)) in interfaces(&types).into_iter().enumerate() {
            let start = Instant::now();
            for &t in &all {
                black_box(itab::getitab_ok(inter, t));
            }
            best[i] = best[i].min(start.elapsed().as_nanos() as f64 / TYPES as f64);
        }
    }
    for (i, name) in ["1 method", "5 methods", "20 methods", "missing"].into_iter().enumerate() {
        report(&format!("getitab first {name}"), best[i]);
    }
}

fn again() {
    let types = Types::new(Box::new(PersistentArena::new()));
    let all = concrete(&types);
    for (name, inter) in interfaces(&types) {
        const TIMES: usize = 200;
        let one = |t| {
            for _ in 0..TIMES * TYPES {
                black_box(itab::getitab_ok(black_box(inter), t));
            }
        };
        report(&format!("getitab again {name}"), least(TIMES * TYPES, || one(all[7])));
        report(
            &format!("assert {name}"),
            least(TIMES * TYPES, || {
                black_box(count_ok(inter, all[7], TIMES * TYPES));
            }),
        );
        let many = || {
            for _ in 0..TIMES {
                all[..64].iter().for_each(|&t| {
                    black_box(count_ok(inter, t, 1));
                });
            }
        };
        report(&format!("assert 64 types {name}"), least(TIMES * 64, many));
    }
}

/// A loop with the assertion inline, as compiled code has it; a call per loop, as in the Go program.
#[inline(never)]
fn count_ok(inter: TypeRef<'_>, t: TypeRef<'_>, n: usize) -> usize {
    let mut ok = 0;
    for _ in 0..n {
        ok += usize::from(itab::assert(inter, black_box(t)).is_some());
    }
    ok
}

fn two_threads() {
    let types = Types::new(Box::new(PersistentArena::new()));
    concrete(&types);
    const TIMES: usize = 400;
    let run = |types: Arc<Types>| {
        let all: Vec<_> = (0..TYPES).map(|i| types.lookup_named(&format!("main.T[{i}]")).expect("made")).collect();
        let (_, inter) = interfaces(&types)[1];
        least(TIMES * TYPES, || {
            for _ in 0..TIMES {
                all.iter().for_each(|&t| {
                    black_box(itab::getitab_ok(inter, t));
                });
            }
        })
    };
    let threads = [0, 1].map(|_| {
        let types = types.clone();
        std::thread::spawn(move || run(types))
    });
    let worst = threads.map(|t| t.join().expect("no panic")).into_iter().fold(0.0, f64::max);
    report("getitab again 512 types, two threads", worst);
}

#[repr(C)]
struct Pair(i64, GoString);

fn values() {
    let types = Types::new(Box::new(PersistentArena::new()));
    let (int, string) = (types.basic(Kind::Int), types.basic(Kind::String));
    let field = |name, typ| FieldDesc { name, pkg_path: "main", tag: "", embedded: false, typ };
    let pair = types.struct_of(&[field("n", int), field("s", string)]);
    let text = |s: &str| {
        let s = s.to_string().leak();
        GoString { ptr: s.as_ptr(), len: s.len() }
    };
    let word = "sixteen bytes ok";
    let ints = [12345i64, 12345];
    let strings = [text(word), text(word)];
    let pairs = [Pair(12345, text(word)), Pair(12345, text(word))];
    measure("int", int, (&raw const ints[0]).cast(), (&raw const ints[1]).cast());
    measure("string", string, (&raw const strings[0]).cast(), (&raw const strings[1]).cast());
    measure("struct", pair, (&raw const pairs[0]).cast(), (&raw const pairs[1]).cast());
}

fn measure(name: &str, t: TypeRef<'_>, p: *const u8, q: *const u8) {
    const TIMES: usize = 100_000;
    let eface = |p: *const u8| Eface { typ: t.as_ptr(), data: p.cast_mut().cast() };
    let equal = || {
        for _ in 0..TIMES {
            let (x, y) = (black_box(eface(p)), black_box(eface(q)));
            // What compiled code does: the type words first.
            // SAFETY: values of type `t`.
            let same = x.typ == y.typ && unsafe { alg::efaceeq(x.typ, x.data.cast(), y.data.cast()) }.unwrap_or(false);
            assert!(black_box(same));
        }
    };
    report(&format!("ifaceeq {name}"), least(TIMES, equal));
    let hash = || {
        let mut h = 1;
        for _ in 0..TIMES {
            // SAFETY: a value of type `t`.
            h = unsafe { alg::efacehash(black_box(eface(p)), h) }.unwrap_or(0);
        }
        black_box(h);
    };
    report(&format!("interhash {name}"), least(TIMES, hash));
}

fn main() {
    first_time();
    again();
    two_threads();
    values();
}
