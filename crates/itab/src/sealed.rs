//! The header of data that is kept outside the process: a magic number, the version that wrote it, and a checksum.
//!
//! Data that is damaged, truncated or from another version is never decoded.

use crate::error::LoadError;
use xxhash_rust::xxh3::xxh3_128;

const HEADER: usize = 8 + 16 + 16 + 8;

/// What the bytes are.
#[derive(Clone, Copy)]
pub(crate) struct Seal<'a> {
    pub(crate) magic: &'a [u8; 8],
    /// Who may read them; anything that differs when they mean something else.
    pub(crate) writer: &'a str,
}

impl Seal<'_> {
    fn writer_hash(&self) -> [u8; 16] {
        xxh3_128(self.writer.as_bytes()).to_le_bytes()
    }

    /// Appends `body` with its header.
    pub(crate) fn write(&self, out: &mut Vec<u8>, body: &[u8]) {
        out.extend(self.magic);
        out.extend(self.writer_hash());
        out.extend(xxh3_128(body).to_le_bytes());
        out.extend((body.len() as u64).to_le_bytes());
        out.extend(body);
    }

    /// The body at the start of `bytes`, and what follows it.
    pub(crate) fn read<'b>(&self, bytes: &'b [u8]) -> Result<(&'b [u8], &'b [u8]), LoadError> {
        let damaged = |what: &str| LoadError::Saved(what.into());
        let (header, rest) = bytes.split_at_checked(HEADER).ok_or_else(|| damaged("it is cut off"))?;
        if &header[..8] != self.magic {
            return Err(damaged("these bytes are none"));
        }
        if header[8..24] != self.writer_hash() {
            return Err(LoadError::Saved(format!("another version wrote it, and this is version {}", self.writer)));
        }
        let len = u64::from_le_bytes(header[40..].try_into().expect("8 bytes"));
        let len = usize::try_from(len).map_err(|_| damaged("it is cut off"))?;
        let (body, rest) = rest.split_at_checked(len).ok_or_else(|| damaged("it is cut off"))?;
        if xxh3_128(body).to_le_bytes() != header[24..40] {
            return Err(damaged("its checksum is wrong"));
        }
        Ok((body, rest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn damage_is_seen() {
        let seal = Seal { magic: b"itabtest", writer: "1" };
        let mut bytes = vec![];
        seal.write(&mut bytes, b"some bytes");
        assert_eq!(seal.read(&bytes).unwrap().0, b"some bytes");
        for i in 0..bytes.len() {
            assert!(seal.read(&bytes[..i]).is_err(), "cut off at {i}");
            bytes[i] ^= 1;
            assert!(seal.read(&bytes).is_err(), "bit {i}");
            bytes[i] ^= 1;
        }
        assert!(Seal { writer: "2", ..seal }.read(&bytes).is_err());
    }
}
