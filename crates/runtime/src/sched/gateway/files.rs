//! Files that the host makes up: what it implements to be a file system for Go code.
//!
//! Nothing that an implementation says is believed further than it can be checked: the gateway catches its panics and bounds
//! its counts ([`crate::sched::caught`]).

use std::io;
use std::time::SystemTime;

/// A file system. Names are relative to where it is mounted, without `.`, `..` and a slash at the beginning; the empty name
/// is the top folder. There are no symbolic links.
///
/// Go code gets the error number of an [`io::Error`] that has one, and for others that of their kind:
/// [`io::ErrorKind::NotFound`] makes `fs.ErrNotExist`. What an implementation leaves out is a read-only file system.
pub trait Files: Send {
    /// Opens a file, never a folder, or creates it.
    ///
    /// # Errors
    /// What Go gets.
    fn open(&mut self, name: &str, how: Open) -> io::Result<Box<dyn OpenFile>>;

    /// What a name stands for.
    ///
    /// # Errors
    /// [`io::ErrorKind::NotFound`] if for nothing.
    fn info(&mut self, name: &str) -> io::Result<FileInfo>;

    /// What is in a folder, in any order.
    ///
    /// # Errors
    /// [`io::ErrorKind::NotADirectory`] for a file.
    fn entries(&mut self, folder: &str) -> io::Result<Vec<Entry>>;

    /// Makes a folder.
    ///
    /// # Errors
    /// [`io::ErrorKind::AlreadyExists`] if the name stands for something.
    fn create_folder(&mut self, _name: &str, _mode: u32) -> io::Result<()> {
        read_only()
    }

    /// Removes a file, or an empty folder.
    ///
    /// # Errors
    /// [`io::ErrorKind::DirectoryNotEmpty`] for a folder that is not.
    fn remove(&mut self, _name: &str) -> io::Result<()> {
        read_only()
    }

    /// Gives a file or folder another name; a file or empty folder that has it is replaced.
    ///
    /// # Errors
    /// What Go gets.
    fn rename(&mut self, _from: &str, _to: &str) -> io::Result<()> {
        read_only()
    }

    /// Sets permissions and time of change, where they are given.
    ///
    /// # Errors
    /// What Go gets.
    fn set(&mut self, _name: &str, _mode: Option<u32>, _modified: Option<SystemTime>) -> io::Result<()> {
        read_only()
    }
}

/// An open file. It has no position: the isolate keeps that.
pub trait OpenFile: Send {
    /// Reads from a position; 0 bytes are the end.
    ///
    /// # Errors
    /// What Go gets.
    fn read_at(&mut self, into: &mut [u8], at: u64) -> io::Result<usize>;

    /// What is known of the file.
    ///
    /// # Errors
    /// What Go gets.
    fn info(&mut self) -> io::Result<FileInfo>;

    /// Writes at a position, which may lie behind the end.
    ///
    /// # Errors
    /// What Go gets.
    fn write_at(&mut self, _bytes: &[u8], _at: u64) -> io::Result<usize> {
        read_only()
    }

    /// Makes the file as long as this.
    ///
    /// # Errors
    /// What Go gets.
    fn set_len(&mut self, _len: u64) -> io::Result<()> {
        read_only()
    }

    /// Makes what was written last.
    ///
    /// # Errors
    /// What Go gets.
    fn sync(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn read_only<T>() -> io::Result<T> {
    Err(io::Error::from_raw_os_error(libc::EROFS))
}

/// How a file is opened. Appending is the isolate's affair: it writes at the end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Open {
    /// For reading.
    pub read: bool,
    /// For writing.
    pub write: bool,
    /// Made if there is none.
    pub create: bool,
    /// With `create`: an error if there is one.
    pub exclusive: bool,
    /// Emptied.
    pub truncate: bool,
    /// Permissions of a file that is made.
    pub mode: u32,
}

/// What is known of a file or folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileInfo {
    /// Whether it is a folder.
    pub folder: bool,
    /// Bytes of a file.
    pub len: u64,
    /// Permissions.
    pub mode: u32,
    /// When it was last changed.
    pub modified: SystemTime,
    /// Tells files apart, for `os.SameFile`; 0: the name does.
    pub id: u64,
}

impl FileInfo {
    /// A file that anybody may read, as old as the epoch.
    pub fn file(len: u64) -> FileInfo {
        FileInfo { folder: false, len, mode: 0o444, modified: SystemTime::UNIX_EPOCH, id: 0 }
    }

    /// A folder that anybody may read.
    pub fn folder() -> FileInfo {
        FileInfo { folder: true, len: 0, mode: 0o555, modified: SystemTime::UNIX_EPOCH, id: 0 }
    }
}

/// A name in a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The name, without slashes.
    pub name: String,
    /// Whether it is a folder.
    pub folder: bool,
}
