//! Booleans and numbers.

use crate::border::crossing::{Fits, Give, GoType, Place, PlaceMut, Plain, Take, rust_name};
use crate::border::describe::{Described, Describer};
use crate::error::Error;
use itab_abi::types::Kind;
use itab_runtime::types::TypeRef;

macro_rules! same_size {
    ($($t:ty => [$kinds:pat] $go:literal,)*) => { $(
        impl Fits for $t {
            // SAFETY: values of these kinds have the size of the Rust type, of which all bits are values.
            const PLAIN: Option<Plain<Self>> = Some(unsafe { Plain::new() });
            fn accepts(t: GoType<'_>) -> bool {
                matches!(t.kind(), $kinds)
            }
            fn describe(_: &mut Describer) -> Described {
                Ok($go.into())
            }
        }
        impl Give for $t {
            #[inline(always)]
            fn store(self, to: PlaceMut<'_>) -> Result<(), Error> {
                let (.., at) = to.accepted::<Self>()?;
                // SAFETY: a place for a value of that size.
                unsafe { at.cast::<$t>().write(self) };
                Ok(())
            }
        }
        impl<'a> Take<'a> for $t {
            #[inline(always)]
            fn load(from: Place<'a>) -> Result<Self, Error> {
                let (.., at) = from.accepted::<Self>()?;
                // SAFETY: a value of that size.
                Ok(unsafe { at.cast::<$t>().read() })
            }
        }
    )* };
}
same_size! {
    i64 => [Kind::Int | Kind::Int64] "int64",
    i32 => [Kind::Int32] "int32",
    i16 => [Kind::Int16] "int16",
    i8 => [Kind::Int8] "int8",
    u64 => [Kind::Uint | Kind::Uint64 | Kind::Uintptr] "uint64",
    u32 => [Kind::Uint32] "uint32",
    u16 => [Kind::Uint16] "uint16",
    f64 => [Kind::Float64] "float64",
    f32 => [Kind::Float32] "float32",
}

impl Fits for u8 {
    // SAFETY: a byte is a byte.
    const PLAIN: Option<Plain<Self>> = Some(unsafe { Plain::new() });
    fn accepts(t: GoType<'_>) -> bool {
        t.kind() == Kind::Uint8
    }
    fn describe(_: &mut Describer) -> Described {
        Ok("byte".into())
    }
}

impl Give for u8 {
    #[inline(always)]
    fn store(self, to: PlaceMut<'_>) -> Result<(), Error> {
        let (.., at) = to.accepted::<Self>()?;
        // SAFETY: a place for a byte.
        unsafe { at.write(self) };
        Ok(())
    }
}

impl<'a> Take<'a> for u8 {
    #[inline(always)]
    fn load(from: Place<'a>) -> Result<Self, Error> {
        let (.., at) = from.accepted::<Self>()?;
        // SAFETY: a byte.
        Ok(unsafe { at.read() })
    }
}

impl Fits for bool {
    fn accepts(t: GoType<'_>) -> bool {
        t.kind() == Kind::Bool
    }
    fn describe(_: &mut Describer) -> Described {
        Ok("bool".into())
    }
}

impl Give for bool {
    #[inline(always)]
    fn store(self, to: PlaceMut<'_>) -> Result<(), Error> {
        let (.., at) = to.accepted::<Self>()?;
        // SAFETY: a place for a bool.
        unsafe { at.write(u8::from(self)) };
        Ok(())
    }
}

impl<'a> Take<'a> for bool {
    #[inline(always)]
    fn load(from: Place<'a>) -> Result<Self, Error> {
        let (.., at) = from.accepted::<Self>()?;
        // SAFETY: a byte. Another value than 0 and 1 is read as Go's branches read it.
        Ok(unsafe { at.read() } != 0)
    }
}

impl Fits for char {
    fn accepts(t: GoType<'_>) -> bool {
        t.kind() == Kind::Int32
    }
    fn describe(_: &mut Describer) -> Described {
        Ok("rune".into())
    }
}

impl Give for char {
    #[inline(always)]
    fn store(self, to: PlaceMut<'_>) -> Result<(), Error> {
        let (.., at) = to.accepted::<Self>()?;
        // SAFETY: a place for an int32.
        unsafe { at.cast::<u32>().write(u32::from(self)) };
        Ok(())
    }
}

impl<'a> Take<'a> for char {
    #[inline(always)]
    fn load(from: Place<'a>) -> Result<Self, Error> {
        let (_, t, at) = from.accepted::<Self>()?;
        // SAFETY: an int32.
        let rune = unsafe { at.cast::<i32>().read() };
        let c = u32::try_from(rune).ok().and_then(char::from_u32);
        c.ok_or_else(|| range::<char>(i128::from(rune), t))
    }
}

fn range<T>(value: i128, t: TypeRef<'_>) -> Error {
    Error::Range { value: value.to_string(), from: t.string().into(), to: rust_name::<T>() }
}

/// Whether it is an integer type.
fn is_integer(kind: Kind) -> bool {
    use Kind::{Int, Int8, Int16, Int32, Int64, Uint, Uint8, Uint16, Uint32, Uint64, Uintptr};
    matches!(kind, Int | Int8 | Int16 | Int32 | Int64 | Uint | Uint8 | Uint16 | Uint32 | Uint64 | Uintptr)
}

/// # Safety
/// `at` is a value of the kind, an integer.
unsafe fn read_integer(kind: Kind, at: *const u8) -> i128 {
    // SAFETY: as the caller says.
    unsafe {
        match kind {
            Kind::Int8 => i128::from(at.cast::<i8>().read()),
            Kind::Int16 => i128::from(at.cast::<i16>().read()),
            Kind::Int32 => i128::from(at.cast::<i32>().read()),
            Kind::Int | Kind::Int64 => i128::from(at.cast::<i64>().read()),
            Kind::Uint8 => i128::from(at.read()),
            Kind::Uint16 => i128::from(at.cast::<u16>().read()),
            Kind::Uint32 => i128::from(at.cast::<u32>().read()),
            _ => i128::from(at.cast::<u64>().read()),
        }
    }
}

/// Writes an integer if the kind can hold it.
///
/// # Safety
/// `at` is memory for a value of the kind, an integer.
unsafe fn write_integer(kind: Kind, value: i128, at: *mut u8) -> bool {
    macro_rules! write {
        ($t:ty) => {
            // SAFETY: as the caller says.
            <$t>::try_from(value).map(|v| unsafe { at.cast::<$t>().write(v) }).is_ok()
        };
    }
    match kind {
        Kind::Int8 => write!(i8),
        Kind::Int16 => write!(i16),
        Kind::Int32 => write!(i32),
        Kind::Int | Kind::Int64 => write!(i64),
        Kind::Uint8 => write!(u8),
        Kind::Uint16 => write!(u16),
        Kind::Uint32 => write!(u32),
        _ => write!(u64),
    }
}

macro_rules! any_size {
    ($($t:ty $(= $go:literal)?),*) => { $(
        impl Fits for $t {
            fn accepts(t: GoType<'_>) -> bool {
                is_integer(t.kind())
            }
            $(fn describe(_: &mut Describer) -> Described {
                Ok($go.into())
            })?
        }
        impl Give for $t {
            #[inline(always)]
            fn store(self, to: PlaceMut<'_>) -> Result<(), Error> {
                let (_, t, at) = to.accepted::<Self>()?;
                // SAFETY: the kind was looked at.
                let written = i128::try_from(self).is_ok_and(|v| unsafe { write_integer(t.kind(), v, at) });
                let error = || Error::Range { value: self.to_string(), from: rust_name::<$t>(), to: t.string().into() };
                if written { Ok(()) } else { Err(error()) }
            }
        }
        impl<'a> Take<'a> for $t {
            #[inline(always)]
            fn load(from: Place<'a>) -> Result<Self, Error> {
                let (_, t, at) = from.accepted::<Self>()?;
                // SAFETY: the kind was looked at.
                let value = unsafe { read_integer(t.kind(), at) };
                <$t>::try_from(value).map_err(|_| range::<$t>(value, t))
            }
        }
    )* };
}
any_size!(isize = "int", usize = "int", i128, u128);
