//! Which [`Alg`] a type has, and the lists of operations of those that need one.

use super::entry::*;
use super::*;
use crate::types::{TypeRef, Types, is_blank};
use itab_abi::types::{Kind, StructField};
use itab_abi::value::FuncVal;

static MEM: [(usize, Alg); 6] = [
    (0, Alg::basic(equal_mem0, AlgKind::Mem, 0)),
    (1, Alg::basic(equal_mem8, AlgKind::Mem, 1)),
    (2, Alg::basic(equal_mem16, AlgKind::Mem, 2)),
    (4, Alg::basic(equal_mem32, AlgKind::Mem, 4)),
    (8, Alg::basic(equal_mem64, AlgKind::Mem, 8)),
    (16, Alg::basic(equal_mem128, AlgKind::Mem, 16)),
];
static STR: Alg = Alg::basic(equal_str, AlgKind::Str, 16);
static INTER: Alg = Alg::basic(equal_any, AlgKind::Inter, 16);
static NIL_INTER: Alg = Alg::basic(equal_any, AlgKind::NilInter, 16);
static F32: Alg = Alg::basic(equal_f32, AlgKind::F32, 4);
static F64: Alg = Alg::basic(equal_f64, AlgKind::F64, 8);
static C64: Alg = Alg::basic(equal_any, AlgKind::C64, 8);
static C128: Alg = Alg::basic(equal_any, AlgKind::C128, 16);

static HASH_MEM32: HashFunc = HashFunc { code: hash_mem32, alg: &MEM[3].1 };
static HASH_MEM64: HashFunc = HashFunc { code: hash_mem64, alg: &MEM[4].1 };
static HASH_STR: HashFunc = HashFunc { code: hash_str, alg: &STR };

/// Loops of at most this many operations are written out.
const UNROLL: usize = 8;

/// The `Equal` of a type whose size and fields are known and whose components are complete; nil if not comparable.
pub fn equal_func(types: &Types, t: TypeRef<'_>) -> *const FuncVal {
    let alg: *const Alg = match t.kind() {
        Kind::Slice | Kind::Map | Kind::Func => std::ptr::null(),
        Kind::String => &STR,
        Kind::Float32 => &F32,
        Kind::Float64 => &F64,
        Kind::Complex64 => &C64,
        Kind::Complex128 => &C128,
        Kind::Interface if t.imethods().is_empty() => &NIL_INTER,
        Kind::Interface => &INTER,
        Kind::Array => array_alg(types, t),
        Kind::Struct => struct_alg(types, t),
        _ => mem_alg(types, t.size()),
    };
    alg.cast()
}

/// Whether equality and hash of the type are those of its memory.
pub fn is_regular_memory(t: TypeRef<'_>) -> bool {
    // SAFETY: `t` is a descriptor of an interner.
    unsafe { alg(t.as_ptr()) }.is_some_and(|a| a.kind == AlgKind::Mem)
}

fn mem_alg(types: &Types, size: usize) -> *const Alg {
    match MEM.iter().find(|(n, _)| *n == size) {
        Some((_, alg)) => alg,
        None => permanent(types, Alg::basic(equal_varlen, AlgKind::Mem, size)),
    }
}

fn permanent(types: &Types, alg: Alg) -> *const Alg {
    let p = types.alloc::<Alg>(1);
    // SAFETY: fresh memory for one.
    unsafe { p.write(alg) };
    p
}

fn array_alg(types: &Types, t: TypeRef<'_>) -> *const Alg {
    let elem = t.elem().expect("an array has elements");
    // SAFETY: a descriptor of an interner.
    let Some(a) = (unsafe { alg(elem.as_ptr()) }) else { return std::ptr::null() };
    match (a.kind, t.len()) {
        (AlgKind::Mem, _) | (_, 0) => mem_alg(types, t.size()),
        (_, 1) => a,
        _ => plan_alg(types, t),
    }
}

fn struct_alg(types: &Types, t: TypeRef<'_>) -> *const Alg {
    let fields = t.fields();
    let algs: Option<Vec<&Alg>> = fields
        .iter()
        // SAFETY: descriptors of an interner.
        .map(|f| unsafe { alg(f.typ) })
        .collect();
    let Some(algs) = algs else { return std::ptr::null() };
    match fields {
        [f] if !is_blank(f) => algs[0],
        _ if is_memory(t, fields, &algs) => mem_alg(types, t.size()),
        _ => plan_alg(types, t),
    }
}

/// Whether all fields are plain memory without blanks or padding between or behind them.
fn is_memory(t: TypeRef<'_>, fields: &[StructField], algs: &[&Alg]) -> bool {
    let mut end = 0;
    for (f, a) in fields.iter().zip(algs) {
        if a.kind != AlgKind::Mem || is_blank(f) || f.offset != end {
            return false;
        }
        // SAFETY: a field's type is a complete descriptor.
        end += unsafe { (*f.typ).size };
    }
    end == t.size()
}

/// A plan in the making.
#[derive(Default)]
struct Plan {
    ops: Vec<Op>,
    /// Whether the last operation is a run of memory that a neighbour may join: not one inside a loop's body.
    open: bool,
}

impl Plan {
    fn push(&mut self, op: Op) {
        self.open = matches!(op, Op::Mem { .. });
        self.ops.push(op);
    }

    fn push_loop(&mut self, off: usize, count: usize, stride: usize, body: Vec<Op>) {
        self.ops.push(Op::Loop { off, count, stride, body: body.len() });
        self.ops.extend(body);
        self.open = false;
    }

    /// A run of memory, joined to the one before it where they touch.
    fn push_mem(&mut self, off: usize, len: usize) {
        match self.ops.last_mut() {
            Some(Op::Mem { off: o, len: l }) if self.open && *o + *l == off => *l += len,
            _ if len == 0 => {}
            _ => self.push(Op::Mem { off, len }),
        }
    }
}

fn plan_alg(types: &Types, t: TypeRef<'_>) -> *const Alg {
    let mut plan = Plan::default();
    match t.kind() {
        Kind::Array => push_array(&mut plan, t, 0),
        _ => push_fields(&mut plan, t, 0),
    }
    let ops = cheap_first(&plan.ops);
    let list = types.alloc::<Op>(ops.len());
    // SAFETY: fresh memory for that many.
    unsafe { list.copy_from_nonoverlapping(ops.as_ptr(), ops.len()) };
    permanent(types, Alg { code: equal_any, kind: AlgKind::Plan, size: t.size(), ops: list, nops: ops.len() })
}

/// As gc has it: what costs little comes before strings, and the lengths of all strings before their contents. Nothing
/// passes an interface, whose comparison may panic; loops stay where they are.
fn cheap_first(ops: &[Op]) -> Vec<Op> {
    let mut out = vec![];
    let mut rest = ops;
    while !rest.is_empty() {
        let fixed = |op: &Op| matches!(op, Op::Inter { .. } | Op::NilInter { .. } | Op::Loop { .. });
        let (some, after) = rest.split_at(rest.iter().position(fixed).unwrap_or(rest.len()));
        let offset = |op: &Op| if let Op::Str { off } = *op { Some(off) } else { None };
        out.extend(some.iter().filter(|op| offset(op).is_none()));
        // The first string's comparison looks at its own length first.
        out.extend(some.iter().filter_map(offset).skip(1).map(|off| Op::StrLen { off }));
        out.extend(some.iter().filter(|op| offset(op).is_some()));
        let taken = match after.first() {
            Some(Op::Loop { body, .. }) => 1 + body,
            first => usize::from(first.is_some()),
        };
        let (fixed, after) = after.split_at(taken);
        out.extend(fixed);
        rest = after;
    }
    out
}

fn push_fields(plan: &mut Plan, t: TypeRef<'_>, base: usize) {
    for f in t.fields().iter().filter(|f| !is_blank(f)) {
        // SAFETY: a field's type is a complete descriptor of the same interner.
        push(plan, unsafe { TypeRef::from_ptr(f.typ) }, base + f.offset);
    }
}

fn push_array(plan: &mut Plan, t: TypeRef<'_>, base: usize) {
    let (elem, count) = (t.elem().expect("an array has elements"), t.len());
    let mut body = Plan::default();
    push(&mut body, elem, 0);
    if body.ops.len() * count <= UNROLL {
        (0..count).for_each(|i| push(plan, elem, base + i * elem.size()));
    } else if !body.ops.is_empty() {
        plan.push_loop(base, count, elem.size(), cheap_first(&body.ops));
    }
}

/// Appends what compares a value of type `t` at offset `off`.
fn push(plan: &mut Plan, t: TypeRef<'_>, off: usize) {
    // SAFETY: a complete descriptor.
    let a = unsafe { alg(t.as_ptr()) }.expect("components of a comparable type are comparable");
    match a.kind {
        AlgKind::Mem => plan.push_mem(off, t.size()),
        AlgKind::Str => plan.push(Op::Str { off }),
        AlgKind::Inter => plan.push(Op::Inter { off }),
        AlgKind::NilInter => plan.push(Op::NilInter { off }),
        AlgKind::F32 => plan.push(Op::F32 { off }),
        AlgKind::F64 => plan.push(Op::F64 { off }),
        AlgKind::C64 => [off, off + 4].map(|off| plan.push(Op::F32 { off })).into_iter().collect(),
        AlgKind::C128 => [off, off + 8].map(|off| plan.push(Op::F64 { off })).into_iter().collect(),
        AlgKind::Plan if t.kind() == Kind::Array => push_array(plan, t, off),
        AlgKind::Plan => push_fields(plan, t, off),
    }
}

/// The `Hasher` of maps with keys of a comparable type.
pub fn hash_func(types: &Types, key: TypeRef<'_>) -> *const FuncVal {
    // SAFETY: a complete descriptor.
    let a = unsafe { alg(key.as_ptr()) }.expect("keys are comparable");
    let f: *const HashFunc = match (a.kind, a.size) {
        (AlgKind::Mem, 4) => &HASH_MEM32,
        (AlgKind::Mem, 8) => &HASH_MEM64,
        (AlgKind::Str, _) => &HASH_STR,
        _ => {
            let p = types.alloc::<HashFunc>(1);
            // SAFETY: fresh memory for one.
            unsafe { p.write(HashFunc { code: hash_any, alg: a }) };
            p
        }
    };
    f.cast()
}

/// Whether an assignment to a map entry must overwrite an equal key: `+0` by `-0`, a string by one that keeps less
/// memory alive.
pub fn need_key_update(t: TypeRef<'_>) -> bool {
    match t.kind() {
        Kind::Float32 | Kind::Float64 | Kind::Complex64 | Kind::Complex128 => true,
        Kind::Interface | Kind::String => true,
        _ => components(t).any(need_key_update),
    }
}

/// Whether hashing may meet an interface that holds something unhashable.
pub fn hash_might_panic(t: TypeRef<'_>) -> bool {
    t.kind() == Kind::Interface || components(t).any(hash_might_panic)
}

/// Element type of an array, field types of a struct.
fn components<'t>(t: TypeRef<'t>) -> impl Iterator<Item = TypeRef<'t>> {
    let elem = if t.kind() == Kind::Array { t.elem() } else { None };
    // SAFETY: a field's type is of the same interner.
    elem.into_iter().chain(t.fields().iter().map(|f| unsafe { TypeRef::from_ptr(f.typ) }))
}
