//! Escape analysis: objects that nothing keeps after the return are allocated in the function's frame.
//!
//! [`points_to`](super::points_to) tells what code outside the function may keep. What remains is lifetime within the
//! function: an object in the frame is made anew each time its instruction runs, so no pointer to the previous one may
//! be in use then.
//!
//! Let `a` be the instruction, and `d` the definition of a value that may point to its object, or lead to it. Suppose
//! that `d` does not dominate `a`. Then no use of the value can follow a later run of `a` without passing `d` again.
//! For otherwise there is a path from the entry to `a` that avoids `d`, and a path from `a` to the use that avoids `d`;
//! together they contradict that `d` dominates the use. A value that holds the pointer and is no block parameter is
//! defined after `a`. So only parameters of blocks that dominate `a` matter: the variables of loops around `a`. An
//! object that holds the pointer is made anew itself, before or after `a`, if it is in the innermost loop of `a`.

use super::cfg::{Cfg, Loops};
use super::effects::{Memory, memory};
use super::escape_map;
use super::points_to::{Object, PointsTo, Set, frame_param};
use super::rewrite::Defs;
use crate::func::{BlockId, Deferred, Func, ValueId};
use crate::op::{Callee, Const, Conv, DEFER_RECORD, Op, Storage, TMP_BUF};
use crate::operands::{operands, term_operands};
use crate::program::{Known, Program};

/// Largest object that goes to a frame, in bytes.
const MAX_OBJECT: u64 = 4 << 10;
/// Most that a function gets for such objects.
const MAX_FRAME: u64 = 16 << 10;
/// Most that goes behind a frame of deferred calls.
const MAX_ROOM: u32 = 2 << 10;

/// Whether an operation makes an object on the heap.
fn makes(op: &Op) -> bool {
    op.place() == Some(Storage::Heap)
}

/// Whether a function makes any object on the heap.
pub(crate) fn has_objects(program: &Program, func: &Func) -> bool {
    let any = |op: &Op| makes(op) || matches!(op, Op::Defer { .. }) || escape_map::makes(program, op);
    func.blocks.iter().flat_map(|b| &b.insts).any(|i| any(&i.op))
}

/// Puts what does not escape into the frame.
pub(crate) fn run(program: &mut Program, func: &mut Func, p: &PointsTo) {
    let cfg = Cfg::new(func);
    let loops = Loops::new(func, &cfg);
    let defs = Defs::new(func);
    let mut room = Room::new(func);
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
        // What `append` gets there is used once.
        let once = matches!(inst.op, Op::Append(..));
        if size > MAX_OBJECT || size > budget || !once && outlives_iteration(func, &cfg, &loops, p, o, b) {
            continue;
        }
        let mut place = Storage::Stack;
        if p.held.has(o) {
            match room.take(&loops, b, size) {
                Some(at) if map.is_none() && !once => place = at,
                _ => continue,
            }
        }
        budget -= size;
        moved.push((b, i, map, place));
    }
    room.records(func, &loops);
    // From the end, because what maps need comes before their instructions.
    moved.sort_unstable_by_key(|m| std::cmp::Reverse((m.0, m.1)));
    for (b, i, map, to) in moved {
        let op = &mut func.blocks[b.index()].insts[i as usize].op;
        match (map, op.place_mut()) {
            (Some(map), _) => escape_map::to_frame(program, func, &map, b, i as usize),
            (None, Some(place)) => *place = to,
            _ => {}
        }
    }
}

/// The room behind a frame of deferred calls, for what they hold: they run when the function has returned. Its
/// instructions run once, or what an earlier run has made would be overwritten.
struct Room {
    frame: Option<ValueId>,
    used: u32,
}

impl Room {
    fn new(func: &Func) -> Room {
        Room { frame: frame_param(func).map(|i| func.blocks[0].params[i]), used: 0 }
    }

    fn take(&mut self, loops: &Loops, b: BlockId, size: u64) -> Option<Storage> {
        let size = size.next_multiple_of(8) as u32;
        if self.frame.is_none() || loops.irreducible || loops.of(b).is_some() || self.used + size > MAX_ROOM {
            return None;
        }
        self.used += size;
        Some(Storage::Deferred(self.used - size))
    }

    /// Puts the records of deferred calls there, too.
    fn records(mut self, func: &mut Func, loops: &Loops) {
        let Some(frame) = self.frame else { return };
        for (b, block) in func.blocks.iter_mut().enumerate() {
            for inst in &mut block.insts {
                if let Op::Defer { frame: f, place, .. } = &mut inst.op
                    && *f == frame
                    && let Some(at) = self.take(loops, BlockId(b as u32), DEFER_RECORD)
                {
                    *place = at;
                }
            }
        }
        func.deferred = Some(Deferred { frame, size: self.used });
    }
}

/// Lets bytes of strings be the strings' own where nothing writes them and nothing keeps them. Whether there are any.
pub(crate) fn share_bytes(func: &mut Func, p: &PointsTo) -> bool {
    let mut any = false;
    for (o, object) in p.objects.iter().enumerate() {
        let Object::Site(b, i) = *object else { continue };
        let op = &mut func.blocks[b.index()].insts[i as usize].op;
        if let Op::Convert(c @ Conv::StringToBytes(Storage::Heap), _) = op
            && !p.escapes(o)
            && !p.written.has(o)
        {
            *c = Conv::StringAsBytes;
            any = true;
        }
    }
    any
}

/// Lets strings of bytes be the very bytes where they are used up, in their block, before anything is written: compared,
/// or looked up in maps.
pub(crate) fn borrow_bytes(program: &Program, func: &mut Func) {
    let mut found = vec![];
    for (b, block) in func.blocks.iter().enumerate() {
        for (i, inst) in block.insts.iter().enumerate() {
            if let (Op::Convert(Conv::BytesToString(Storage::Heap), _), Some(v)) = (&inst.op, inst.result)
                && is_used_up(program, func, b, i + 1, v)
            {
                found.push((b, i));
            }
        }
    }
    for (b, i) in found {
        if let Op::Convert(c, _) = &mut func.blocks[b].insts[i].op {
            *c = Conv::BytesAsString;
        }
    }
}

/// Whether all uses of a string are looks at it that follow in its block, before anything is written.
fn is_used_up(program: &Program, func: &Func, b: usize, from: usize, v: ValueId) -> bool {
    let mut names = vec![v];
    let mut uses = 0;
    for inst in &func.blocks[b].insts[from..] {
        let mut here = 0;
        operands(&inst.op, &mut |u| here += usize::from(names.contains(&u)));
        let looks = match &inst.op {
            Op::Equal(..) | Op::Compare(..) | Op::Len(_) => true,
            Op::Call(Callee::Static(f), _) => program.func(*f).known == Known::MapAccess,
            Op::Convert(Conv::Same, _) => {
                names.extend(inst.result.filter(|_| here > 0));
                true
            }
            op => here == 0 && memory(op) < Memory::Write,
        };
        if !looks {
            break;
        }
        uses += here;
    }
    let mut all = 0;
    for block in &func.blocks {
        let mut count = |u: ValueId| all += usize::from(names.contains(&u));
        block.insts.iter().for_each(|i| operands(&i.op, &mut count));
        term_operands(&block.term, &mut count);
    }
    uses == all
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
            let elem = types.size_of(types.elem(func.ty(result?)));
            match defs.int(func, *cap) {
                Some(n) => u64::try_from(n).ok()?.checked_mul(elem),
                None => (1..=TMP_BUF).contains(&elem).then_some(TMP_BUF),
            }
        }
        Op::Append(s, ..) => {
            let elem = types.size_of(types.elem(func.ty(*s)));
            (1..=TMP_BUF).contains(&elem).then_some(8 + TMP_BUF)
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
    // An object that is allocated again in the loop and holds the pointer may itself be held by one from outside.
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
