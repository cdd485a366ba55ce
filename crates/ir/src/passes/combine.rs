//! Combines narrow memory accesses: one wide load or store for the bytes of a number.
//!
//! `uint32(b[0]) | uint32(b[1])<<8 | …` is a load of four bytes, and `b[0] = byte(v); b[1] = byte(v >> 8); …` is a
//! store of four. In the other byte order a byte swap is added. Go code reads and writes numbers in this way because it
//! is portable (`encoding/binary`, hashes, compression).
//!
//! *Loads.* A tree of `|`, `+` or `^` is divided into pieces: a byte in memory, and how far it is shifted. If the
//! pieces are adjacent in memory and in the number, one wide load replaces them, where the last narrow one stood. All
//! of them must be in one block without a write in between. Checks may stand in between: the loads may come after them.
//!
//! *Stores.* Bytes of one number that are stored one after the other are stored at once where the last store stood.
//! Nothing in between may read, write or panic.

use super::effects::{Memory, memory};
use super::rewrite::Defs;
use crate::func::{BlockId, Func, Inst, Pos, ValueId};
use crate::op::{BinOp, Const, Conv, Op};
use crate::operands::{operands, term_operands};
use crate::program::Program;
use crate::ty::{Basic, TyId, TypeTable};

/// Most pieces of a number.
const MAX_PIECES: usize = 8;

/// Combines accesses. Whether it did.
pub(crate) fn run(program: &Program, func: &mut Func) -> bool {
    let types = &program.types;
    let is_byte = |v: ValueId| types.as_basic(func.ty(v)) == Some(Basic::Uint8);
    let (mut loads, mut stores) = (0, 0);
    for inst in func.blocks.iter().flat_map(|b| &b.insts) {
        match (&inst.op, inst.result) {
            (Op::Load(_), Some(v)) if is_byte(v) => loads += 1,
            (Op::LoadBytes { .. }, _) => loads += 1,
            (Op::Store { val, .. }, _) if is_byte(*val) => stores += 1,
            _ => {}
        }
    }
    let mut any = false;
    if loads > 1 {
        any |= Loads::new(types, func).run();
    }
    if stores > 1 {
        let mut stores = Stores { types, defs: Defs::new(func), func, block: BlockId(0) };
        for b in 0..stores.func.blocks.len() {
            stores.block = BlockId(b as u32);
            if stores.run() {
                stores.defs = Defs::new(stores.func);
                any = true;
            }
        }
    }
    any
}

/// A place in memory: `base + index + offset`.
#[derive(Clone, Copy, PartialEq, Debug)]
struct Address {
    base: ValueId,
    index: Option<ValueId>,
    offset: i64,
}

/// Where a pointer to an element of an array of bytes points.
fn address(types: &TypeTable, func: &Func, defs: &Defs, ptr: ValueId) -> Option<Address> {
    let Op::ElemAddr { base, index, elem } = *defs.op(func, ptr)? else { return None };
    if types.size_of(elem) != 1 {
        return None;
    }
    if let Some(offset) = defs.int(func, index) {
        return Some(Address { base, index: None, offset });
    }
    if let Some(&Op::Binary(BinOp::Add, x, k)) = defs.op(func, index)
        && func.ty(index) == TypeTable::basic(Basic::Int)
        && let Some(offset) = defs.int(func, k)
    {
        return Some(Address { base, index: Some(x), offset });
    }
    Some(Address { base, index: Some(index), offset: 0 })
}

/// The unsigned type of so many bytes.
fn unsigned(bytes: i64) -> Option<TyId> {
    Some(TypeTable::basic(match bytes {
        2 => Basic::Uint16,
        4 => Basic::Uint32,
        8 => Basic::Uint64,
        _ => return None,
    }))
}

/// Bytes in memory that are part of a number.
#[derive(Clone, Copy)]
struct Piece {
    /// The load.
    at: (BlockId, u32),
    ptr: ValueId,
    address: Address,
    bytes: i64,
    /// How far to the left of the number's end they are, in bits.
    shift: i64,
    /// Of more than one byte: whether the first is the highest.
    big: Option<bool>,
}

/// A tree that is one load.
struct Found {
    root: (BlockId, u32),
    /// The last of the narrow loads.
    last: (BlockId, u32),
    ptr: ValueId,
    ty: TyId,
    big: bool,
    shift: i64,
}

struct Loads<'a> {
    types: &'a TypeTable,
    func: &'a mut Func,
    defs: Defs,
    uses: Vec<u32>,
    /// Values inside trees that were found.
    inside: Vec<bool>,
}

impl<'a> Loads<'a> {
    fn new(types: &'a TypeTable, func: &'a mut Func) -> Loads<'a> {
        let mut uses = vec![0; func.values.len()];
        for b in &func.blocks {
            b.insts.iter().for_each(|i| operands(&i.op, &mut |v| uses[v.index()] += 1));
            term_operands(&b.term, &mut |v| uses[v.index()] += 1);
        }
        let inside = vec![false; func.values.len()];
        Loads { types, defs: Defs::new(func), func, uses, inside }
    }

    fn run(mut self) -> bool {
        let mut all = vec![];
        for b in 0..self.func.blocks.len() {
            // From the last, so that a tree is seen before its branches.
            for i in (0..self.func.blocks[b].insts.len()).rev() {
                let inst = &self.func.blocks[b].insts[i];
                if let (Op::Binary(BinOp::Or | BinOp::Add | BinOp::Xor, ..), Some(v)) = (&inst.op, inst.result)
                    && !self.inside[v.index()]
                {
                    all.extend(self.tree((BlockId(b as u32), i as u32), v));
                }
            }
        }
        let any = !all.is_empty();
        // New instructions, and those that they stand before.
        let mut new: Vec<(BlockId, u32, Inst)> = vec![];
        for f in &all {
            let pos = self.func.block(f.last.0).insts[f.last.1 as usize].pos;
            let v = self.func.new_value(f.ty);
            let op = Op::LoadBytes { ptr: f.ptr, big: f.big };
            new.push((f.last.0, f.last.1 + 1, Inst { op, result: Some(v), pos }));
            self.replace(f, v, &mut new);
        }
        new.sort_by_key(|n| (n.0, n.1));
        for (b, i, inst) in new.into_iter().rev() {
            self.func.blocks[b.index()].insts.insert(i as usize, inst);
        }
        any
    }

    /// The tree's root becomes the loaded number.
    fn replace(&mut self, f: &Found, v: ValueId, new: &mut Vec<(BlockId, u32, Inst)>) {
        let (b, i) = f.root;
        let root = &self.func.blocks[b.index()].insts[i as usize];
        let (pos, result) = (root.pos, root.result);
        let convert = Op::Convert(Conv::Numeric, v);
        let op = match result.map(|r| self.func.ty(r)) {
            Some(ty) if f.shift > 0 => {
                let (wide, k) = (self.func.new_value(ty), self.func.new_value(TypeTable::basic(Basic::Uint64)));
                new.push((b, i, Inst { op: convert, result: Some(wide), pos }));
                new.push((b, i, Inst { op: Op::Const(Const::Int(f.shift)), result: Some(k), pos }));
                Op::Binary(BinOp::Shl, wide, k)
            }
            _ => convert,
        };
        self.func.blocks[b.index()].insts[i as usize].op = op;
    }

    fn size(&self, v: ValueId) -> Option<i64> {
        self.types.as_basic(self.func.ty(v)).filter(|b| b.is_integer()).map(|b| b.size() as i64)
    }

    fn tree(&mut self, root: (BlockId, u32), v: ValueId) -> Option<Found> {
        let bits = self.size(v).filter(|&n| n > 1)? * 8;
        let (mut pieces, mut nodes) = (vec![], vec![]);
        let Op::Binary(_, x, y) = self.func.block(root.0).insts[root.1 as usize].op else { return None };
        for v in [x, y] {
            self.gather(v, 0, bits, &mut pieces, &mut nodes)?;
        }
        let found = self.together(root, &mut pieces)?;
        nodes.into_iter().for_each(|v| self.inside[v.index()] = true);
        Some(found)
    }

    /// The pieces of a value that is shifted by `shift`, of which no bit may be lost above `limit`.
    fn gather(
        &self,
        v: ValueId,
        shift: i64,
        limit: i64,
        pieces: &mut Vec<Piece>,
        nodes: &mut Vec<ValueId>,
    ) -> Option<()> {
        if self.uses[v.index()] != 1 || pieces.len() >= MAX_PIECES {
            return None;
        }
        let limit = limit.min(shift + self.size(v)? * 8);
        nodes.push(v);
        match *self.defs.op(self.func, v)? {
            Op::Binary(BinOp::Or | BinOp::Add | BinOp::Xor, x, y) => {
                self.gather(x, shift, limit, pieces, nodes)?;
                self.gather(y, shift, limit, pieces, nodes)
            }
            Op::Binary(BinOp::Shl, x, k) => {
                let k = self.defs.int(self.func, k).filter(|k| (0..64).contains(k))?;
                self.gather(x, shift + k, limit, pieces, nodes)
            }
            Op::Convert(Conv::Numeric, x) => {
                let signed = self.types.as_basic(self.func.ty(x))?.is_signed();
                if signed && self.size(x)? < self.size(v)? {
                    return None;
                }
                self.gather(x, shift, limit, pieces, nodes)
            }
            Op::Load(ptr) if self.types.as_basic(self.func.ty(v)) == Some(Basic::Uint8) => {
                self.piece(v, ptr, None, shift, limit, pieces)
            }
            Op::LoadBytes { ptr, big } => self.piece(v, ptr, Some(big), shift, limit, pieces),
            _ => None,
        }
    }

    fn piece(
        &self,
        v: ValueId,
        ptr: ValueId,
        big: Option<bool>,
        shift: i64,
        limit: i64,
        pieces: &mut Vec<Piece>,
    ) -> Option<()> {
        let bytes = self.size(v)?;
        let address = address(self.types, self.func, &self.defs, ptr)?;
        let at = self.defs.place(v)?;
        pieces.push(Piece { at, ptr, address, bytes, shift, big });
        (shift + bytes * 8 <= limit).then_some(())
    }

    /// The load that pieces make together.
    fn together(&self, root: (BlockId, u32), pieces: &mut [Piece]) -> Option<Found> {
        pieces.sort_by_key(|p| p.shift);
        let first = pieces.first()?;
        let ty = unsigned(pieces.iter().map(|p| p.bytes).sum())?;
        let near = |p: &Piece| {
            p.at.0 == first.at.0 && p.address.base == first.address.base && p.address.index == first.address.index
        };
        if !pieces.iter().all(near) || pieces.windows(2).any(|w| w[1].shift != w[0].shift + 8 * w[0].bytes) {
            return None;
        }
        let little = pieces.windows(2).all(|w| w[1].address.offset == w[0].address.offset + w[0].bytes);
        let big = pieces.windows(2).all(|w| w[0].address.offset == w[1].address.offset + w[1].bytes);
        if !(little || big) || pieces.iter().any(|p| p.big.is_some_and(|b| b != big)) {
            return None;
        }
        let lowest = if big { pieces.last()? } else { first };
        let (from, to) = (pieces.iter().map(|p| p.at.1).min()?, pieces.iter().map(|p| p.at.1).max()?);
        let between = &self.func.block(first.at.0).insts[from as usize..=to as usize];
        let quiet = between.iter().all(|i| memory(&i.op) < Memory::Write);
        quiet.then_some(Found { root, last: (first.at.0, to), ptr: lowest.ptr, ty, big, shift: first.shift })
    }
}

/// A byte of a number that is stored.
struct Byte {
    at: usize,
    ptr: ValueId,
    address: Address,
    number: ValueId,
    /// Which byte of it, from the lowest.
    which: i64,
}

/// The stores of a block.
struct Stores<'a> {
    types: &'a TypeTable,
    func: &'a mut Func,
    block: BlockId,
    /// Of the body as it is now: recomputed when a block has changed.
    defs: Defs,
}

impl Stores<'_> {
    fn run(&mut self) -> bool {
        let mut run: Vec<Byte> = vec![];
        let mut runs = vec![];
        for (i, inst) in self.func.block(self.block).insts.iter().enumerate() {
            if let Op::Store { ptr, val } = inst.op
                && let Some(byte) = self.byte(i, ptr, val)
            {
                let goes_on = run.last().is_some_and(|last| {
                    (last.number, last.address.base, last.address.index)
                        == (byte.number, byte.address.base, byte.address.index)
                });
                if !goes_on {
                    runs.push(std::mem::take(&mut run));
                }
                run.push(byte);
            } else if !is_quiet(&inst.op) {
                runs.push(std::mem::take(&mut run));
            }
        }
        runs.push(run);
        let mut gone = vec![];
        let mut new: Vec<(usize, Vec<Inst>)> = vec![];
        for run in runs.iter_mut().filter(|r| r.len() > 1) {
            if let Some(insts) = self.store(run) {
                gone.extend(run.iter().map(|b| b.at));
                new.extend(run.iter().map(|b| b.at).max().map(|last| (last, insts)));
            }
        }
        if gone.is_empty() {
            return false;
        }
        let insts = std::mem::take(&mut self.func.blocks[self.block.index()].insts);
        let mut out = Vec::with_capacity(insts.len());
        for (i, inst) in insts.into_iter().enumerate() {
            if let Some(k) = new.iter().position(|n| n.0 == i) {
                out.extend(new.swap_remove(k).1);
            } else if !gone.contains(&i) {
                out.push(inst);
            }
        }
        self.func.blocks[self.block.index()].insts = out;
        true
    }

    /// The byte that a store stores, if it is one of a number.
    fn byte(&self, at: usize, ptr: ValueId, val: ValueId) -> Option<Byte> {
        let basic = |v: ValueId| self.types.as_basic(self.func.ty(v)).filter(|b| b.is_integer());
        if basic(val)? != Basic::Uint8 {
            return None;
        }
        let address = address(self.types, self.func, &self.defs, ptr)?;
        let &Op::Convert(Conv::Numeric, x) = self.defs.op(self.func, val)? else { return None };
        let (number, which) = match self.defs.op(self.func, x) {
            Some(&Op::Binary(BinOp::Shr, n, k)) if let Some(k) = self.defs.int(self.func, k) => {
                if k % 8 != 0 || k < 0 || k / 8 >= basic(n)?.size() as i64 {
                    return None;
                }
                (n, k / 8)
            }
            _ => (x, 0),
        };
        (basic(number)?.size() > 1).then_some(Byte { at, ptr, address, number, which })
    }

    /// The instructions that store all bytes of a run at once.
    fn store(&mut self, run: &mut [Byte]) -> Option<Vec<Inst>> {
        let n = run.len() as i64;
        let ty = unsigned(n)?;
        let pos = run.iter().max_by_key(|b| b.at).map(|b| self.func.block(self.block).insts[b.at].pos)?;
        run.sort_by_key(|b| b.address.offset);
        if run.windows(2).any(|w| w[1].address.offset != w[0].address.offset + 1) {
            return None;
        }
        let little = run.windows(2).all(|w| w[1].which == w[0].which + 1);
        let big = run.windows(2).all(|w| w[0].which == w[1].which + 1);
        if !little && !big {
            return None;
        }
        let first = &run[0];
        let low = if big { run[run.len() - 1].which } else { first.which };
        let (ptr, mut val) = (first.ptr, first.number);
        let mut out = vec![];
        if low > 0 {
            let k = self.emit(TypeTable::basic(Basic::Uint64), Op::Const(Const::Int(low * 8)), pos, &mut out);
            val = self.emit(self.func.ty(val), Op::Binary(BinOp::Shr, val, k), pos, &mut out);
        }
        if self.func.ty(val) != ty {
            val = self.emit(ty, Op::Convert(Conv::Numeric, val), pos, &mut out);
        }
        out.push(Inst { op: Op::StoreBytes { ptr, val, big }, result: None, pos });
        Some(out)
    }

    fn emit(&mut self, ty: TyId, op: Op, pos: Pos, out: &mut Vec<Inst>) -> ValueId {
        let v = self.func.new_value(ty);
        out.push(Inst { op, result: Some(v), pos });
        v
    }
}

/// Whether an operation neither panics nor looks at memory.
fn is_quiet(op: &Op) -> bool {
    let panics = matches!(
        op,
        Op::NilCheck(_)
            | Op::BoundsCheck { .. }
            | Op::DivCheck(_)
            | Op::ShiftCheck(_)
            | Op::WrapCheck(..)
            | Op::Slice { .. }
            | Op::TypeAssert(_)
            | Op::Convert(Conv::SliceToArrayPtr, _)
    );
    memory(op) == Memory::None && !panics
}
