//! Alignment: where a function begins, for the sake of its loops and of calls through a register.
//!
//! A processor fetches code in lines of 64 bytes, from a branch's target to the next taken branch. A stretch of a loop that
//! crosses the end of a line takes one fetch more in each iteration: a loop around a call takes five cycles instead of
//! four. Cranelift does not align blocks. So the whole function is shifted to where its loops need the fewest lines; inner
//! loops count more.
//!
//! A loop is what lies between a backward edge's target and the end of its source. Calls divide it into stretches. An edge
//! back from a cold block at the function's end is not a loop's; such blocks are recognised by a call of a slow entry
//! point.
//!
//! The sources of edges are not exact: Cranelift 0.135 takes them from a list in the order of emission by indices in the
//! order of lowering, in which cold blocks are not last. Behind a cold block an edge seems to come from a later block, so a
//! loop may seem longer than it is, and the edge back from a stack check's slow path may seem to be one.
//!
//! A function without loops begins at any byte, which a hash of its name decides. A processor predicts the target of an
//! indirect call by the branches that led to it, of which it remembers low bits of addresses. If all methods began at
//! multiples of 32, many branches would look the same. A switch over a thousand values in random order that ends in such a
//! call takes half of the time this way.

use crate::finish::Rewritten;
use crate::object::{CodeAlign, LinkSymbol, Reloc};
use cranelift_codegen::CompiledCode;
use itab_abi::runtime_fns::EntryKind;
use rustc_hash::FxBuildHasher;
use std::hash::BuildHasher;

/// Bytes of a fetch line.
const LINE: u32 = 64;
/// Starts that are tried are multiples of this.
const STEP: u32 = 8;
/// Loops longer than this do not wait for the fetcher alone.
const MAX_LOOP: u32 = 512;
/// The parts of lines in which functions without loops begin.
const PART: u32 = LINE / 2;
/// How much more often an inner loop turns than the one around it.
const TURNS: u64 = 8;

/// The place for code that begins `cut` bytes into what was compiled.
pub fn place(name: &str, compiled: &CompiledCode, cut: u32, relocs: &[Reloc], count: &mut Rewritten) -> CodeAlign {
    let least = compiled.buffer.alignment;
    let starts = &compiled.bb_starts;
    debug_assert!(!starts.is_empty() && starts.is_sorted(), "Cranelift tells where blocks begin");
    let loops = loops(compiled, cut, relocs);
    if loops.is_empty() {
        count.hashed_starts += 1;
        let len = compiled.buffer.data().len() as u32 - cut;
        return CodeAlign { align: PART.max(least), skew: anywhere(name, len, least) };
    }
    count.aligned_loops += 1;
    let returns: Vec<u32> = compiled.buffer.call_sites().map(|c| c.ret_addr - cut).collect();
    let step = STEP.max(compiled.buffer.alignment);
    let skew = (0..LINE).step_by(step as usize).min_by_key(|&skew| cost(&loops, &returns, skew));
    CodeAlign { align: LINE.max(least), skew: skew.unwrap_or(0) }
}

/// A start for code of `len` bytes in a part of a line, a multiple of `step`. It does not leave the part if it fits in.
fn anywhere(name: &str, len: u32, step: u32) -> u32 {
    let room = if len < PART { PART - len.max(1) } else { PART - 1 };
    let starts = room / step + 1;
    let hash = FxBuildHasher.hash_one(name);
    ((u128::from(hash) * u128::from(starts)) >> 64) as u32 * step
}

/// Start and end of each short loop.
fn loops(compiled: &CompiledCode, cut: u32, relocs: &[Reloc]) -> Vec<(u32, u32)> {
    let end_of = |from: u32| {
        let next = compiled.bb_starts.partition_point(|&b| b <= from);
        compiled.bb_starts.get(next).copied().unwrap_or(compiled.buffer.data().len() as u32)
    };
    let edges = compiled.bb_edges.iter().filter(|&&(from, to)| to <= from && to >= cut);
    let spans = edges.map(|&(from, to)| (to - cut, end_of(from) - cut, from - cut));
    let warm = spans.filter(|&(start, end, from)| end - start <= MAX_LOOP && !calls_slowly(relocs, from, end));
    let mut loops: Vec<(u32, u32)> = warm.map(|(start, end, _)| (start, end)).collect();
    loops.sort_unstable();
    loops.dedup();
    loops
}

fn calls_slowly(relocs: &[Reloc], start: u32, end: u32) -> bool {
    relocs.iter().any(|r| {
        (start..end).contains(&r.offset) && matches!(r.target, LinkSymbol::Runtime(f) if f.entry() == EntryKind::Slow)
    })
}

/// Lines that all loops touch, inner ones counted oftener.
fn cost(loops: &[(u32, u32)], returns: &[u32], skew: u32) -> u64 {
    let sum = loops.iter().map(|&(start, end)| {
        let depth = loops.iter().filter(|l| l.0 <= start && end <= l.1).count() as u32;
        lines(start, end, returns, skew) * TURNS.saturating_pow(depth.min(8))
    });
    sum.sum()
}

/// Lines that the stretches of a loop touch.
fn lines(start: u32, end: u32, returns: &[u32], skew: u32) -> u64 {
    let inside = returns.iter().copied().filter(|&r| start < r && r < end);
    let mut from = start;
    let mut sum = 0;
    for to in inside.chain([end]) {
        sum += u64::from((to - 1 + skew) / LINE - (from + skew) / LINE + 1);
        from = to;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_loop_goes_where_it_needs_the_fewest_lines() {
        // Bytes 40 to 85 with a call that ends at 63.
        let at = |skew| lines(40, 85, &[63], skew);
        assert_eq!([at(0), at(8), at(24), at(32), at(48)], [3, 3, 2, 2, 3]);
        assert_eq!(lines(40, 85, &[], 24), 1);
    }

    #[test]
    fn code_begins_anywhere_but_small_code_lies_in_one_part() {
        let names: Vec<String> = (0..1000).map(|i| format!("main.f{i}")).collect();
        for len in [1, 4, 20, 31, 32, 100] {
            let starts: std::collections::HashSet<u32> = names.iter().map(|n| anywhere(n, len, 1)).collect();
            assert!(starts.iter().all(|s| *s < PART && (len >= PART || s + len <= PART)));
            assert_eq!(starts.len() as u32, if len < PART { PART - len + 1 } else { PART });
            assert!(names.iter().all(|n| anywhere(n, len, 8).is_multiple_of(8)));
        }
    }

    #[test]
    fn inner_loops_count_more() {
        // The inner loop fits into a line at 40 alone; the outer one needs two lines at 0 and three there.
        let loops = [(0, 120), (30, 86)];
        let best = (0..LINE).step_by(8).min_by_key(|&s| cost(&loops, &[], s));
        assert_eq!(best, Some(40));
    }
}
