//! Escape analysis: objects that nothing keeps after the function's return go to its frame.
//!
//! [`points_to`](super::points_to) says what may be kept outside. What remains is time: an object in the frame is made
//! anew each time its instruction runs, so no pointer to the older one may be in use then. Let `a` be the instruction and
//! `d` the definition of a value that may point to its object, or lead to it. If `d` does not dominate `a`, then no use of
//! the value can come after a later run of `a` without passing `d`: a way from `a` to the use that avoids `d`, behind a
//! way from the entry to `a` that avoids `d`, would contradict that `d` dominates the use. A value that is not a block
//! parameter and holds the pointer is defined after `a`, so only parameters of blocks that dominate `a` matter: the
//! variables of loops around `a`. An object that holds the pointer is made anew itself, before or after `a`, if it is in
//! the innermost loop of `a`.

use super::cfg::{Cfg, Loops};
use super::escape_map;
use super::points_to::{Object, PointsTo, Set, place_mut};
use super::rewrite::Defs;
use crate::func::{BlockId, Func};
use crate::op::{Const, Conv, Op, Place, TMP_BUF};
use crate::program::Program;

/// Largest object that goes to a frame, in bytes.
const MAX_OBJECT: u64 = 4 << 10;
/// Most that a function gets for such objects.
const MAX_FRAME: u64 = 16 << 10;

/// Whether an operation makes an object on the heap.
fn makes(op: &Op) -> bool {
    op.place() == Some(Place::Heap)
}

/// Whether a function makes any object on the heap.
pub(crate) fn has_objects(program: &Program, func: &Func) -> bool {
    func.blocks.iter().flat_map(|b| &b.insts).any(|i| makes(&i.op) || escape_map::makes(program, &i.op))
}

/// Puts what does not escape into the frame.
pub(crate) fn run(program: &mut Program, func: &mut Func, p: &PointsTo) {
    let cfg = Cfg::new(func);
    let loops = Loops::new(func, &cfg);
    let defs = Defs::new(func);
    let mut budget = MAX_FRAME;
    let mut moved = vec![];
    for (o, object) in p.objects.iter().enumerate() {
        let Object::Site(b, i) = *object else { continue };
        let inst = &func.block(b).insts[i as usize];
        let map = escape_map::made(program, func, &defs, &inst.op);
        let size = match &map {
            Some(map) => Some(escape_map::size(program, map)),
            None if makes(&inst.op) => object_size(program, func, &defs, &inst.op, inst.result),
            None => None,
        };
        let Some(size) = size else { continue };
        if p.escapes(o) {
            continue;
        }
        if size > MAX_OBJECT || size > budget || outlives_iteration(func, &cfg, &loops, p, o, b) {
            continue;
        }
        budget -= size;
        moved.push((b, i, map));
    }
    // From the end, because what maps need comes before their instructions.
    moved.sort_unstable_by_key(|m| std::cmp::Reverse((m.0, m.1)));
    for (b, i, map) in moved {
        let op = &mut func.blocks[b.index()].insts[i as usize].op;
        match (map, place_mut(op)) {
            (Some(map), _) => escape_map::to_frame(program, func, &map, b, i as usize),
            (None, Some(place)) => *place = Place::Stack,
            _ => {}
        }
    }
}

/// Lets bytes of strings be the strings' own where nothing writes them and nothing keeps them. Whether there are any.
pub(crate) fn share_bytes(func: &mut Func, p: &PointsTo) -> bool {
    let mut any = false;
    for (o, object) in p.objects.iter().enumerate() {
        let Object::Site(b, i) = *object else { continue };
        let op = &mut func.blocks[b.index()].insts[i as usize].op;
        if let Op::Convert(c @ Conv::StringToBytes(Place::Heap), _) = op
            && !p.escapes(o)
            && !p.written.has(o)
        {
            *c = Conv::StringAsBytes;
            any = true;
        }
    }
    any
}

/// Bytes that an object takes, none when that is not known.
fn object_size(
    program: &Program,
    func: &Func,
    defs: &Defs,
    op: &Op,
    result: Option<crate::func::ValueId>,
) -> Option<u64> {
    let types = &program.types;
    match op {
        Op::Alloc(t, _) => Some(types.size_of(*t)),
        Op::MakeIface(v, _) => Some(types.size_of(func.ty(*v))),
        Op::MakeClosure(_, vs, _) => {
            Some(8 + vs.iter().map(|&v| types.size_of(func.ty(v)).next_multiple_of(8)).sum::<u64>())
        }
        Op::MakeSlice(_, cap, _) => {
            let n = u64::try_from(defs.int(func, *cap)?).ok()?;
            n.checked_mul(types.size_of(types.elem(func.ty(result?))))
        }
        Op::Convert(Conv::StringToBytes(_), s) if let Some(Op::Const(Const::Str(s))) = defs.op(func, *s) => {
            Some(s.len() as u64)
        }
        Op::Convert(Conv::StringToRunes(_), _) => Some(4 * TMP_BUF),
        Op::Convert(..) | Op::Concat(..) => Some(TMP_BUF),
        _ => None,
    }
}

/// Whether a pointer to the object that `site` made may be in use when it makes the next one.
fn outlives_iteration(func: &Func, cfg: &Cfg, loops: &Loops, p: &PointsTo, o: usize, site: BlockId) -> bool {
    let Some(inner) = loops.of(site) else { return loops.irreducible };
    if loops.irreducible {
        return true;
    }
    let kept = |o: usize| {
        let leads_here = |s: &Set| s.has(o) || p.reach(s).has(o);
        p.locals.iter().any(leads_here)
            || cfg.order.iter().any(|&b| {
                let params = || func.block(b).params.iter().any(|v| leads_here(&p.values[v.index()]));
                b.0 != 0 && cfg.dominates(b, site) && params()
            })
    };
    // An object that is made anew in the loop and holds the pointer may itself be held by one from outside.
    let (mut todo, mut seen) = (vec![o], vec![o]);
    while let Some(o) = todo.pop() {
        if kept(o) {
            return true;
        }
        for (m, object) in p.objects.iter().enumerate() {
            if !p.contents[m].has(o) || seen.contains(&m) {
                continue;
            }
            match *object {
                Object::Site(b, _) | Object::Heap(b) if loops.contains(inner, b) => {
                    seen.push(m);
                    todo.push(m);
                }
                _ => return true,
            }
        }
    }
    false
}
