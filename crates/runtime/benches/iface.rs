//! Interfaces: itabs made for the first time, found again, assertions, comparison and hashing. `iface.go` beside it
//! prints the same lines for Go.

mod measure;

use itab_abi::iface::Eface;
use itab_abi::types::Kind;
use itab_abi::value::GoString;
use itab_runtime::types::assert;
use itab_runtime::types::persistent::PersistentArena;
use itab_runtime::types::{FieldDesc, IMethodDesc, MethodDesc, NamedDecl, Pkg, TypeRef, Types};
use itab_runtime::types::{alg, itab};
use measure::{case, case_with};
use std::hint::black_box;
use std::sync::atomic::{AtomicBool, Ordering};

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

fn first_time() {
    for (i, name) in ["1 method", "5 methods", "20 methods", "missing"].into_iter().enumerate() {
        // Fresh pairs each round; their types are never freed.
        let make = || {
            let types: &'static Types = Box::leak(Box::new(Types::new(Box::new(PersistentArena::new()))));
            (concrete(types), interfaces(types)[i].1)
        };
        case_with(&format!("getitab first {name}"), ROUNDS, TYPES, make, |(all, inter)| {
            all.iter().for_each(|&t| _ = black_box(itab::getitab_ok(*inter, t)));
        });
    }
}

fn again() {
    let types = Types::new(Box::new(PersistentArena::new()));
    let all = concrete(&types);
    for (name, inter) in interfaces(&types) {
        const TIMES: usize = 200;
        case(&format!("getitab again {name}"), ROUNDS, TIMES * TYPES, || {
            (0..TIMES * TYPES).for_each(|_| _ = black_box(itab::getitab_ok(black_box(inter), all[7])));
        });
        case(&format!("assert {name}"), ROUNDS, TIMES * TYPES, || {
            black_box(count_ok(inter, all[7], TIMES * TYPES));
        });
        case(&format!("assert 64 types {name}"), ROUNDS, TIMES * 64, || {
            (0..TIMES).for_each(|_| all[..64].iter().for_each(|&t| _ = black_box(count_ok(inter, t, 1))));
        });
    }
}

/// A loop with the assertion inline, as compiled code has it; a call per loop, as in the Go program.
#[inline(never)]
fn count_ok(inter: TypeRef<'_>, t: TypeRef<'_>, n: usize) -> usize {
    let mut ok = 0;
    for _ in 0..n {
        ok += usize::from(assert::assert(inter, black_box(t)).is_some());
    }
    ok
}

fn two_threads() {
    const TIMES: usize = 400;
    let types = Types::new(Box::new(PersistentArena::new()));
    let all = concrete(&types);
    let (_, inter) = interfaces(&types)[1];
    let round = || {
        (0..TIMES).for_each(|_| all.iter().for_each(|&t| _ = black_box(itab::getitab_ok(inter, t))));
    };
    let done = AtomicBool::new(false);
    case("getitab again 512 types, one thread", ROUNDS, TIMES * TYPES, round);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                round();
            }
        });
        case("getitab again 512 types, two threads", ROUNDS, TIMES * TYPES, round);
        done.store(true, Ordering::Relaxed);
    });
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
    case(&format!("ifaceeq {name}"), ROUNDS, TIMES, equal);
    let hash = || {
        let mut h = 1;
        for _ in 0..TIMES {
            // SAFETY: a value of type `t`.
            h = unsafe { alg::efacehash(black_box(eface(p)), h) }.unwrap_or(0);
        }
        black_box(h);
    };
    case(&format!("interhash {name}"), ROUNDS, TIMES, hash);
}

fn main() {
    first_time();
    again();
    two_threads();
    values();
}
