//! Marks: instructions that are found again in finished code.
//!
//! A marked instruction has a source position that no source has. Cranelift keeps the positions of instructions, so the
//! machine code with that position is the instruction's. Its real position is given by [`Marks::place`].

use crate::finish::Rewritten;
use cranelift_codegen::CompiledCode;
use cranelift_codegen::ir::{Function, Inst, SourceLoc};
use std::ops::Range;

/// Source positions from here on are marks.
const FIRST: u32 = 0xffff_0000;
/// More are not given.
const MOST: usize = 0xfff0;

/// A mark's number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark(usize);

/// The marks of a function: the positions that they hide.
#[derive(Default)]
pub struct Marks(Vec<SourceLoc>);

impl Marks {
    /// Gives instructions that follow each other one mark, and the position of the first; none if there are too many.
    pub fn add(&mut self, func: &mut Function, insts: &[Inst]) -> Option<Mark> {
        let number = self.0.len();
        let &first = insts.first().filter(|_| number < MOST)?;
        let place = func.srcloc(first);
        debug_assert!(place.is_default() || place.bits() < FIRST, "source has no position {place:?}");
        self.0.push(place);
        for &inst in insts {
            func.set_srcloc(inst, SourceLoc::new(FIRST + number as u32));
        }
        Some(Mark(number))
    }

    /// The position that a position in finished code means.
    pub fn place(&self, loc: SourceLoc) -> SourceLoc {
        let mark = loc.bits().checked_sub(FIRST).and_then(|i| self.0.get(i as usize));
        mark.copied().unwrap_or(loc)
    }

    /// Where the marks are in finished code.
    pub fn spans(&self, compiled: &CompiledCode, count: &mut Rewritten) -> Spans {
        let mut spans = vec![Span::Nowhere; self.0.len()];
        for l in compiled.buffer.get_srclocs_sorted() {
            let Some(i) = l.loc.bits().checked_sub(FIRST).filter(|&i| (i as usize) < spans.len()) else { continue };
            let span = &mut spans[i as usize];
            *span = match span {
                Span::Nowhere => Span::At(l.start as usize..l.end as usize),
                _ => Span::Scattered,
            };
        }
        count.marks += spans.iter().filter(|s| matches!(s, Span::At(_))).count();
        count.scattered_marks += spans.iter().filter(|s| matches!(s, Span::Scattered)).count();
        Spans(spans)
    }
}

#[derive(Clone)]
enum Span {
    Nowhere,
    At(Range<usize>),
    Scattered,
}

/// Where marks are.
pub struct Spans(Vec<Span>);

impl Spans {
    /// The machine code of what has a mark; none if there is none, or if other code lies between.
    pub fn get(&self, mark: Mark) -> Option<Range<usize>> {
        match self.0.get(mark.0)? {
            Span::At(r) => Some(r.clone()),
            _ => None,
        }
    }
}
