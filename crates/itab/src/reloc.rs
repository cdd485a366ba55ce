//! Relocations: the bytes that a place in code gets.
//!
//! `S + A` is the value, P the address of the place. On AArch64 an address is the instruction's operand, split over bit
//! fields, so the instruction that stands there is read and its operand replaced.

use itab_codegen::object::RelocKind;

/// Patches the first bytes of `place`, which is at address `at`. False if the value is out of reach.
///
/// # Panics
/// When `place` has not the 8 bytes, of `Abs8`, or 4 that are patched.
pub(crate) fn patch(kind: RelocKind, place: &mut [u8], at: usize, value: i64) -> bool {
    if kind == RelocKind::Abs8 {
        place[..8].copy_from_slice(&value.to_le_bytes());
        return true;
    }
    let old = u32::from_le_bytes(place[..4].try_into().expect("four bytes"));
    let new = match kind {
        RelocKind::Abs8 => unreachable!("done above"),
        RelocKind::PcRel4 => i32::try_from(value - at as i64).ok().map(|d| d as u32),
        RelocKind::Arm64Call => branch(old, value - at as i64),
        RelocKind::Arm64AdrPage => adrp(old, (value >> 12) - (at >> 12) as i64),
        RelocKind::Arm64AddLo12 => Some(old & !(0xfff << 10) | (value as u32 & 0xfff) << 10),
    };
    if let Some(new) = new {
        place[..4].copy_from_slice(&new.to_le_bytes());
    }
    new.is_some()
}

/// `b` or `bl` over a distance of at most 128 MB.
fn branch(instruction: u32, distance: i64) -> Option<u32> {
    let words = distance >> 2;
    let fits = distance & 3 == 0 && (-(1 << 25)..1 << 25).contains(&words);
    fits.then_some(instruction & !0x3ff_ffff | words as u32 & 0x3ff_ffff)
}

/// `adrp` over at most 2^20 pages, 4 GB.
fn adrp(instruction: u32, pages: i64) -> Option<u32> {
    let fits = (-(1 << 20)..1 << 20).contains(&pages);
    let (low, high) = (pages as u32 & 3, (pages >> 2) as u32 & 0x7_ffff);
    fits.then_some(instruction & !(3 << 29 | 0x7_ffff << 5) | low << 29 | high << 5)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(kind: RelocKind, instruction: u32, at: usize, value: i64) -> Option<u32> {
        let mut place = instruction.to_le_bytes();
        patch(kind, &mut place, at, value).then(|| u32::from_le_bytes(place))
    }

    #[test]
    fn words() {
        let mut place = [0; 8];
        assert!(patch(RelocKind::Abs8, &mut place, 0, 0x0102_0304_0506_0708));
        assert_eq!(place, [8, 7, 6, 5, 4, 3, 2, 1]);
        assert_eq!(word(RelocKind::PcRel4, 0, 0x1000, 0xffc), Some(-4i32 as u32));
        assert_eq!(word(RelocKind::PcRel4, 0, 0, 1 << 31), None);
    }

    /// The instructions are those that GNU as gives for the same distances.
    #[test]
    fn aarch64_branches() {
        let bl = |distance: i64| word(RelocKind::Arm64Call, 0x9400_0000, 1 << 30, (1 << 30) + distance);
        assert_eq!(bl(0x20), Some(0x9400_0008));
        assert_eq!(bl(-4), Some(0x97ff_ffff));
        assert_eq!(bl((1 << 27) - 4), Some(0x95ff_ffff));
        assert_eq!(bl(-(1 << 27)), Some(0x9600_0000));
        assert_eq!((bl(1 << 27), bl(-(1 << 27) - 4), bl(2)), (None, None, None));
        assert_eq!(word(RelocKind::Arm64Call, 0x1400_0000, 8, 0), Some(0x17ff_fffe), "a tail call");
    }

    #[test]
    fn aarch64_addresses() {
        let adrp = |at: usize, value: i64| word(RelocKind::Arm64AdrPage, 0x9000_0003, at, value);
        assert_eq!(adrp(0x5ffc, 0x5000), Some(0x9000_0003), "the same page");
        assert_eq!(adrp(0x5ffc, 0x6000), Some(0xb000_0003), "the next");
        assert_eq!(adrp(0x5000, 0x4fff), Some(0xf0ff_ffe3), "the one before");
        assert_eq!(adrp(0, 1 << 32), None);
        assert_eq!(word(RelocKind::Arm64AddLo12, 0x9100_0063, 0, 0x7abc), Some(0x912a_f063));
        assert_eq!(word(RelocKind::Arm64AddLo12, 0x912a_f063, 0, 0), Some(0x9100_0063), "whatever stood there");
    }
}
