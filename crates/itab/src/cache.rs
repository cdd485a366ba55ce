//! The cache of compiled programs on disk.
//!
//! An entry is one file. Its name is a hash of what a load depends on besides source: patterns, folder, environment,
//! options, the version of itab and the processor. It contains the manifest of the source, which tells whether the source
//! has changed, and a saved program with the functions that runs have needed so far.
//!
//! An entry is written to a temporary file and renamed, so a reader never sees half of one. An entry that is damaged, from
//! another version or of other source counts as absent. Failure to write is no error: the next run compiles again. When
//! the entries exceed the limit together, the least recently used are removed.

use crate::artifact::Saved;
use crate::sealed::Seal;
use itab_loader::{Manifest, Source};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, SystemTime};
use xxhash_rust::xxh3::xxh3_128;

const MAGIC: &[u8; 8] = b"itab.run";
const SUFFIX: &str = "itab";

/// Bytes of all entries together, unless the host says otherwise.
pub(crate) const DEFAULT_LIMIT: u64 = 256 << 20;

/// A folder of entries.
#[derive(Clone, Debug)]
pub(crate) struct Cache {
    pub(crate) dir: PathBuf,
    pub(crate) limit: u64,
}

/// The place of one program.
#[derive(Clone)]
pub(crate) struct Slot {
    cache: Cache,
    key: String,
}

impl Cache {
    /// The place for what is described by these words.
    pub(crate) fn slot(&self, words: &[Vec<u8>]) -> Slot {
        let mut all = vec![];
        for w in words {
            all.extend((w.len() as u64).to_le_bytes());
            all.extend(w);
        }
        Slot { cache: self.clone(), key: format!("{}-{:032x}", writer(), xxh3_128(&all)) }
    }

    /// Removes the entries that were not used for the longest time, and what writers that crashed left behind.
    fn evict(&self) {
        let Ok(entries) = fs::read_dir(&self.dir) else { return };
        let mut files = vec![];
        for path in entries.flatten().map(|e| e.path()) {
            let Some(suffix) = path.extension() else { continue };
            let Ok(meta) = fs::metadata(&path) else { continue };
            let used = meta.modified().unwrap_or(SystemTime::UNIX_EPOCH);
            if suffix == SUFFIX {
                files.push((used, meta.len(), path));
            } else if suffix == "part" && used.elapsed().is_ok_and(|a| a > Duration::from_secs(3600)) {
                let _ = fs::remove_file(path);
            }
        }
        files.sort();
        let mut size: u64 = files.iter().map(|f| f.1).sum();
        for (_, len, path) in files {
            if size <= self.limit {
                break;
            }
            let _ = fs::remove_file(path);
            size -= len;
        }
    }
}

impl Slot {
    fn path(&self) -> PathBuf {
        let hash = xxh3_128(self.key.as_bytes());
        self.cache.dir.join(format!("{hash:032x}.{SUFFIX}"))
    }

    fn seal(&self) -> Seal<'_> {
        Seal { magic: MAGIC, writer: &self.key }
    }

    /// The program, if it is there and its source is the same.
    pub(crate) fn find(&self, source: &dyn Source) -> Option<(Manifest, Saved)> {
        let path = self.path();
        let bytes = fs::read(&path).ok()?;
        let (manifest, rest) = self.seal().read(&bytes).ok()?;
        let manifest: Manifest = postcard::from_bytes(manifest).ok()?;
        if !manifest.holds(source) {
            return None;
        }
        let saved = Saved::read(rest).ok()?;
        touch(&path);
        Some((manifest, saved))
    }

    /// Writes the program.
    pub(crate) fn store(&self, manifest: &Manifest, saved: &Saved) -> std::io::Result<()> {
        static PARTS: AtomicU32 = AtomicU32::new(0);
        let mut bytes = vec![];
        let manifest = postcard::to_allocvec(manifest).map_err(std::io::Error::other)?;
        self.seal().write(&mut bytes, &manifest);
        saved.write(&mut bytes).map_err(std::io::Error::other)?;
        fs::create_dir_all(&self.cache.dir)?;
        let part = PARTS.fetch_add(1, Ordering::Relaxed);
        let part = self.path().with_extension(format!("{}-{part}.part", std::process::id()));
        let written = fs::write(&part, bytes).and_then(|()| fs::rename(&part, self.path()));
        if written.is_err() {
            let _ = fs::remove_file(&part);
        }
        self.cache.evict();
        written
    }

    /// Forgets the program.
    pub(crate) fn remove(&self) {
        let _ = fs::remove_file(self.path());
    }
}

/// Notes that an entry was used; once an hour is enough.
fn touch(path: &Path) {
    let used = fs::metadata(path).and_then(|m| m.modified());
    if used.is_ok_and(|t| t.elapsed().is_ok_and(|a| a > Duration::from_secs(3600)))
        && let Ok(file) = fs::File::options().append(true).open(path)
    {
        let _ = file.set_modified(SystemTime::now());
    }
}

/// Which engine made the code, and for which processor: its version, the file that it is in, and what the processor can.
fn writer() -> String {
    let exe = std::env::current_exe().and_then(fs::metadata);
    let exe = exe.map(|m| (m.len(), m.modified().ok())).ok();
    format!("{} {exe:?} {}", env!("CARGO_PKG_VERSION"), processor())
}

#[cfg(target_arch = "x86_64")]
fn processor() -> String {
    use std::arch::x86_64::__cpuid_count;
    // What changes from core to core is left out.
    let (one, seven, ext) = (__cpuid_count(1, 0), __cpuid_count(7, 0), __cpuid_count(0x8000_0001, 0));
    let words = [one.eax, one.ecx, one.edx, seven.ebx, seven.ecx, ext.ecx, ext.edx];
    format!("{words:x?}")
}

#[cfg(not(target_arch = "x86_64"))]
fn processor() -> String {
    // SAFETY: reads what the kernel told the process.
    let words = unsafe { [libc::getauxval(libc::AT_HWCAP), libc::getauxval(libc::AT_HWCAP2)] };
    format!("{words:x?}")
}
