//! `time.Duration` and `time.Time`.
//!
//! A `time.Time` is three words, `wall`, `ext` and `loc`. Without a monotonic reading, `wall` has the nanoseconds and `ext`
//! the seconds since the first of January of the year 1; with one (its top bit), `wall` has the seconds since 1885 in the
//! 33 bits above the nanoseconds. What goes to Go has no monotonic reading and is in UTC.

use crate::border::crossing::{Checker, Fits, Give, GoType, Misfit, Place, PlaceMut, Take, rust_name};
use crate::border::describe::{Described, Describer};
use crate::error::Error;
use itab_abi::types::Kind;
use std::time::{Duration, SystemTime};

const HAS_MONOTONIC: u64 = 1 << 63;
const NSEC_MASK: u64 = (1 << 30) - 1;
/// Seconds from the year 1 to 1970, and to 1885.
const YEAR_1_TO_UNIX: i64 = 62_135_596_800;
const YEAR_1_TO_1885: i64 = 59_453_308_800;

macro_rules! named {
    ($t:ty, $package:literal, $name:literal, $kind:expr, $size:literal) => {
        impl Fits for $t {
            fn accepts(t: GoType<'_>) -> bool {
                // A package of the program may have the path of the library's.
                let named = || t.0.link_string() == concat!($package, ".", $name);
                t.kind() == $kind && t.0.size() == $size && named()
            }
            fn check(t: GoType<'_>, _: &mut Checker) -> Result<(), Misfit> {
                let wanted = || Misfit { wanted: t.wanted(), ..Misfit::of::<$t>(t) };
                if Self::accepts(t) { Ok(()) } else { Err(wanted()) }
            }
            fn describe(d: &mut Describer) -> Described {
                d.standard($package, $name)
            }
        }
    };
}
named!(Duration, "time", "Duration", Kind::Int64, 8);
named!(SystemTime, "time", "Time", Kind::Struct, 24);

impl Give for Duration {
    fn store(self, to: PlaceMut<'_>) -> Result<(), Error> {
        let (_, t, at) = to.accepted::<Self>()?;
        let range = || Error::Range { value: format!("{self:?}"), from: "Duration".into(), to: t.string().into() };
        let nanos = i64::try_from(self.as_nanos()).map_err(|_| range())?;
        // SAFETY: a place for an int64.
        unsafe { at.cast::<i64>().write(nanos) };
        Ok(())
    }
}

impl<'a> Take<'a> for Duration {
    fn load(from: Place<'a>) -> Result<Self, Error> {
        let (_, t, at) = from.accepted::<Self>()?;
        // SAFETY: an int64.
        let nanos = unsafe { at.cast::<i64>().read() };
        let range = || Error::Range { value: nanos.to_string(), from: t.string().into(), to: "Duration".into() };
        u64::try_from(nanos).map(Duration::from_nanos).map_err(|_| range())
    }
}

/// Seconds since 1970, rounded down, and nanoseconds.
fn unix(time: SystemTime) -> Option<(i64, u32)> {
    match time.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(d) => Some((i64::try_from(d.as_secs()).ok()?, d.subsec_nanos())),
        Err(e) => {
            let d = e.duration();
            let secs = -i64::try_from(d.as_secs()).ok()?;
            Some(if d.subsec_nanos() == 0 { (secs, 0) } else { (secs - 1, 1_000_000_000 - d.subsec_nanos()) })
        }
    }
}

fn system_time(secs: i64, nanos: u32) -> Option<SystemTime> {
    let whole = Duration::from_secs(secs.unsigned_abs());
    let at = if secs < 0 {
        SystemTime::UNIX_EPOCH.checked_sub(whole)?
    } else {
        SystemTime::UNIX_EPOCH.checked_add(whole)?
    };
    at.checked_add(Duration::from_nanos(u64::from(nanos)))
}

impl Give for SystemTime {
    fn store(self, to: PlaceMut<'_>) -> Result<(), Error> {
        let (_, t, at) = to.accepted::<Self>()?;
        let range = || Error::Range { value: format!("{self:?}"), from: "SystemTime".into(), to: t.string().into() };
        let (secs, nanos) = unix(self).ok_or_else(range)?;
        let ext = secs.checked_add(YEAR_1_TO_UNIX).ok_or_else(range)?;
        // SAFETY: a place for three words; a nil location is UTC.
        unsafe { at.cast::<[u64; 3]>().write([u64::from(nanos), ext as u64, 0]) };
        Ok(())
    }
}

impl<'a> Take<'a> for SystemTime {
    fn load(from: Place<'a>) -> Result<Self, Error> {
        let (_, t, at) = from.accepted::<Self>()?;
        // SAFETY: three words.
        let [wall, ext, _] = unsafe { at.cast::<[u64; 3]>().read() };
        let since_year_1 = match wall & HAS_MONOTONIC {
            0 => ext as i64,
            _ => YEAR_1_TO_1885 + (wall << 1 >> 31) as i64,
        };
        let time =
            since_year_1.checked_sub(YEAR_1_TO_UNIX).and_then(|secs| system_time(secs, (wall & NSEC_MASK) as u32));
        time.ok_or_else(|| Error::Range {
            value: format!("{since_year_1} s"),
            from: t.string().into(),
            to: rust_name::<SystemTime>(),
        })
    }
}
