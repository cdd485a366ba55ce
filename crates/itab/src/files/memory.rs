//! A file system in memory.

use crate::files::{Entry, FileInfo, Files, Open, OpenFile};
use std::collections::BTreeMap;
use std::io::{self, ErrorKind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

/// The longest file.
const LONGEST: u64 = 1 << 40;

/// A file system in memory. Clones are the same file system, so the host can look at what Go code has written.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use itab::files::MemoryFiles;
/// let files = MemoryFiles::new().with("in.txt", "hello");
/// let source = r#"package main
/// import ("bytes"; "os")
/// func main() {
///     text, _ := os.ReadFile("/data/in.txt")
///     os.WriteFile("/data/out.txt", bytes.ToUpper(text), 0o644)
/// }"#;
/// # let Some(goroot) = std::env::var_os("GOROOT") else { return Ok(()) };
/// # let engine = itab::Engine::builder().goroot(goroot).file("upper.go", source).build();
/// let program = engine.load(&["upper.go"])?;
/// let options = itab::IsolateOptions::default().mount("/data", files.clone());
/// program.isolate_with(options)?.run_main()?;
/// assert_eq!(files.read("out.txt").as_deref(), Some(&b"HELLO"[..]));
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct MemoryFiles(Arc<Mutex<Tree>>);

struct Tree {
    /// By name; the top folder is the empty name.
    nodes: BTreeMap<String, Node>,
    last_id: u64,
    /// Bytes that files may still grow by.
    room: Arc<AtomicU64>,
    clock: Box<dyn FnMut() -> SystemTime + Send>,
}

#[derive(Clone)]
enum Node {
    Folder(FileInfo),
    File(Arc<Mutex<Data>>),
}

struct Data {
    bytes: Vec<u8>,
    info: FileInfo,
    /// What it has taken of the room, which it gives back in the end.
    charged: u64,
    room: Arc<AtomicU64>,
}

impl Data {
    /// Takes room for so many bytes in all.
    fn charge(&mut self, len: u64) -> io::Result<()> {
        let left = |room: u64| room.saturating_add(self.charged).checked_sub(len).filter(|_| len <= LONGEST);
        let taken = self.room.fetch_update(Ordering::Relaxed, Ordering::Relaxed, left);
        taken.map_err(|_| ErrorKind::StorageFull)?;
        self.charged = len;
        Ok(())
    }
}

impl Drop for Data {
    fn drop(&mut self) {
        self.room.fetch_add(self.charged, Ordering::Relaxed);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Node {
    fn info(&self) -> FileInfo {
        match self {
            Node::Folder(info) => *info,
            Node::File(data) => {
                let data = lock(data);
                FileInfo { len: data.bytes.len() as u64, ..data.info }
            }
        }
    }
}

impl Default for MemoryFiles {
    fn default() -> MemoryFiles {
        MemoryFiles::new()
    }
}

impl MemoryFiles {
    /// An empty folder, which takes up to a gigabyte.
    pub fn new() -> MemoryFiles {
        let clock = Box::new(SystemTime::now);
        let mut tree = Tree { nodes: BTreeMap::new(), last_id: 0, room: Arc::new(AtomicU64::new(1 << 30)), clock };
        let top = tree.new_info(true, 0o755);
        tree.nodes.insert(String::new(), Node::Folder(top));
        MemoryFiles(Arc::new(Mutex::new(tree)))
    }

    /// Adds a file, and the folders that it is in.
    pub fn with(self, name: &str, bytes: impl Into<Vec<u8>>) -> MemoryFiles {
        self.write(name, bytes);
        self
    }

    /// Takes no more than so many bytes in all: what Go code writes does not count against the isolate's memory limit.
    pub fn with_room(self, bytes: u64) -> MemoryFiles {
        lock(&self.0).room.store(bytes, Ordering::Relaxed);
        self
    }

    /// Times of change are what this clock says.
    pub fn with_clock(self, clock: impl FnMut() -> SystemTime + Send + 'static) -> MemoryFiles {
        lock(&self.0).clock = Box::new(clock);
        self
    }

    /// Writes a whole file, and makes the folders that it is in.
    pub fn write(&self, name: &str, bytes: impl Into<Vec<u8>>) {
        let mut tree = lock(&self.0);
        let name = name.trim_matches('/');
        for (at, _) in name.match_indices('/') {
            tree.make_folder(&name[..at]);
        }
        let file = tree.new_file(bytes.into(), 0o644);
        tree.nodes.insert(name.into(), file);
    }

    /// The bytes of a file; none if there is no such file.
    pub fn read(&self, name: &str) -> Option<Vec<u8>> {
        match lock(&self.0).nodes.get(name.trim_matches('/'))? {
            Node::File(data) => Some(lock(data).bytes.clone()),
            Node::Folder(_) => None,
        }
    }

    /// Names of all files, in order.
    pub fn names(&self) -> Vec<String> {
        let tree = lock(&self.0);
        tree.nodes.iter().filter(|(_, n)| matches!(n, Node::File(_))).map(|(name, _)| name.clone()).collect()
    }
}

impl Tree {
    fn new_info(&mut self, folder: bool, mode: u32) -> FileInfo {
        self.last_id += 1;
        FileInfo { folder, len: 0, mode: mode & 0o777, modified: (self.clock)(), id: self.last_id }
    }

    fn new_file(&mut self, bytes: Vec<u8>, mode: u32) -> Node {
        let info = self.new_info(false, mode);
        Node::File(Arc::new(Mutex::new(Data { bytes, info, charged: 0, room: self.room.clone() })))
    }

    fn make_folder(&mut self, name: &str) {
        if !self.nodes.contains_key(name) {
            let info = self.new_info(true, 0o755);
            self.nodes.insert(name.into(), Node::Folder(info));
        }
    }

    fn node(&self, name: &str) -> io::Result<&Node> {
        self.nodes.get(name).ok_or_else(|| self.missing(name))
    }

    /// Why there is nothing with this name.
    fn missing(&self, name: &str) -> io::Error {
        let mut above = name;
        while let Some((parent, _)) = above.rsplit_once('/') {
            if let Some(Node::File(_)) = self.nodes.get(parent) {
                return ErrorKind::NotADirectory.into();
            }
            above = parent;
        }
        ErrorKind::NotFound.into()
    }

    /// Whether the name can be added: its folder is there.
    fn check_parent(&self, name: &str) -> io::Result<()> {
        match self.node(name.rsplit_once('/').map_or("", |(parent, _)| parent))? {
            Node::Folder(_) => Ok(()),
            Node::File(_) => Err(ErrorKind::NotADirectory.into()),
        }
    }

    /// The folder that a name is in has changed.
    fn touch_parent(&mut self, name: &str) {
        let now = (self.clock)();
        if let Some(Node::Folder(info)) = self.nodes.get_mut(name.rsplit_once('/').map_or("", |(p, _)| p)) {
            info.modified = now;
        }
    }

    /// Names below a folder, itself excluded.
    fn below(&self, folder: &str) -> Vec<String> {
        let prefix = if folder.is_empty() { String::new() } else { format!("{folder}/") };
        let from = self.nodes.range(prefix.clone()..);
        let names = from.map(|(name, _)| name).take_while(|name| name.starts_with(&prefix));
        names.filter(|name| !name.is_empty()).cloned().collect()
    }
}

impl Files for MemoryFiles {
    fn open(&mut self, name: &str, how: Open) -> io::Result<Box<dyn OpenFile>> {
        let mut tree = lock(&self.0);
        if how.create && !tree.nodes.contains_key(name) {
            tree.check_parent(name)?;
            let file = tree.new_file(vec![], how.mode);
            tree.nodes.insert(name.into(), file);
            tree.touch_parent(name);
        } else if how.create && how.exclusive {
            return Err(ErrorKind::AlreadyExists.into());
        }
        let data = match tree.node(name)? {
            Node::File(data) => data.clone(),
            Node::Folder(_) => return Err(ErrorKind::IsADirectory.into()),
        };
        drop(tree);
        let mut file = Opened { data, files: self.clone() };
        if how.truncate {
            file.set_len(0)?;
        }
        Ok(Box::new(file))
    }

    fn info(&mut self, name: &str) -> io::Result<FileInfo> {
        Ok(lock(&self.0).node(name)?.info())
    }

    fn entries(&mut self, folder: &str) -> io::Result<Vec<Entry>> {
        let tree = lock(&self.0);
        if let Node::File(_) = tree.node(folder)? {
            return Err(ErrorKind::NotADirectory.into());
        }
        let start = if folder.is_empty() { 0 } else { folder.len() + 1 };
        let own = tree.below(folder).into_iter().filter(|name| !name[start..].contains('/'));
        let entry = |name: String| {
            let folder = matches!(tree.nodes[&name], Node::Folder(_));
            Entry { name: name[start..].into(), folder }
        };
        Ok(own.map(entry).collect())
    }

    fn create_folder(&mut self, name: &str, mode: u32) -> io::Result<()> {
        let mut tree = lock(&self.0);
        if tree.nodes.contains_key(name) {
            return Err(ErrorKind::AlreadyExists.into());
        }
        tree.check_parent(name)?;
        let info = tree.new_info(true, mode);
        tree.nodes.insert(name.into(), Node::Folder(info));
        tree.touch_parent(name);
        Ok(())
    }

    fn remove(&mut self, name: &str) -> io::Result<()> {
        let mut tree = lock(&self.0);
        match tree.node(name)? {
            Node::Folder(_) if !tree.below(name).is_empty() => return Err(ErrorKind::DirectoryNotEmpty.into()),
            Node::Folder(_) | Node::File(_) => {}
        }
        tree.nodes.remove(name);
        tree.touch_parent(name);
        Ok(())
    }

    fn rename(&mut self, from: &str, to: &str) -> io::Result<()> {
        let mut tree = lock(&self.0);
        let moved = tree.node(from)?.clone();
        if from == to {
            return Ok(());
        }
        tree.check_parent(to)?;
        match (&moved, tree.nodes.get(to)) {
            (_, None) | (Node::File(_), Some(Node::File(_))) => {}
            (Node::Folder(_), Some(Node::Folder(_))) if tree.below(to).is_empty() => {}
            (Node::Folder(_), Some(Node::Folder(_))) => return Err(ErrorKind::DirectoryNotEmpty.into()),
            (Node::File(_), Some(Node::Folder(_))) => return Err(ErrorKind::IsADirectory.into()),
            (Node::Folder(_), Some(Node::File(_))) => return Err(ErrorKind::NotADirectory.into()),
        }
        for old in tree.below(from) {
            let node = tree.nodes.remove(&old).expect("just listed");
            tree.nodes.insert(format!("{to}{}", &old[from.len()..]), node);
        }
        tree.nodes.remove(from);
        tree.nodes.insert(to.into(), moved);
        tree.touch_parent(from);
        tree.touch_parent(to);
        Ok(())
    }

    fn set(&mut self, name: &str, mode: Option<u32>, modified: Option<SystemTime>) -> io::Result<()> {
        let mut tree = lock(&self.0);
        let change = |info: &mut FileInfo| {
            info.mode = mode.map_or(info.mode, |m| m & 0o777);
            info.modified = modified.unwrap_or(info.modified);
        };
        if !tree.nodes.contains_key(name) {
            return Err(tree.missing(name));
        }
        match tree.nodes.get_mut(name) {
            Some(Node::Folder(info)) => change(info),
            Some(Node::File(data)) => change(&mut lock(data).info),
            None => {}
        }
        Ok(())
    }
}

struct Opened {
    data: Arc<Mutex<Data>>,
    files: MemoryFiles,
}

impl Opened {
    /// Changes the bytes, of which there are `len` afterwards.
    fn change(&mut self, len: impl FnOnce(&Data) -> u64, f: impl FnOnce(&mut Vec<u8>)) -> io::Result<()> {
        let mut tree = lock(&self.files.0);
        let mut data = lock(&self.data);
        let len = len(&data);
        data.charge(len)?;
        data.bytes.resize(len as usize, 0);
        f(&mut data.bytes);
        data.info.modified = (tree.clock)();
        Ok(())
    }
}

impl OpenFile for Opened {
    fn read_at(&mut self, into: &mut [u8], at: u64) -> io::Result<usize> {
        let data = lock(&self.data);
        let rest = usize::try_from(at).ok().and_then(|at| data.bytes.get(at..)).unwrap_or(&[]);
        let n = rest.len().min(into.len());
        into[..n].copy_from_slice(&rest[..n]);
        Ok(n)
    }

    fn info(&mut self) -> io::Result<FileInfo> {
        Ok(Node::File(self.data.clone()).info())
    }

    fn write_at(&mut self, bytes: &[u8], at: u64) -> io::Result<usize> {
        let end = at.saturating_add(bytes.len() as u64);
        let write = |all: &mut Vec<u8>| all[at as usize..][..bytes.len()].copy_from_slice(bytes);
        if !bytes.is_empty() {
            self.change(|data| end.max(data.bytes.len() as u64), write)?;
        }
        Ok(bytes.len())
    }

    fn set_len(&mut self, len: u64) -> io::Result<()> {
        self.change(|_| len, |_| ())
    }
}
