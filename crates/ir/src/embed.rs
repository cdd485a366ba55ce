//! `//go:embed`: package variables that hold files.
//!
//! A string or byte slice holds one file. An `embed.FS` points to a list of (name, contents, hash) for the files and
//! for all their parent folders, whose names end in a slash, sorted by folder and then by name. The hashes are zero:
//! nothing reads them.

use crate::program::{StaticInit, StaticReloc};
use crate::ty::{Basic, Ty, TyId, TypeTable};
use crate::world::{Res, World, fail};
use itab_syntax::SpecKind;
use itab_types::{ObjId, PkgId};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Finds a file's contents by its name relative to the package's folder.
pub type ReadFile<'r> = &'r mut dyn FnMut(&str) -> Option<Vec<u8>>;

/// A variable with its patterns.
struct EmbedVar {
    obj: ObjId,
    pos: u32,
    patterns: Vec<String>,
}

impl World {
    /// Gives a package's `//go:embed` variables their contents. `files` are the files of each pattern. To be called
    /// before the package variables are laid out.
    pub fn embed(&mut self, pkg: &str, files: &BTreeMap<String, Vec<String>>, read: ReadFile<'_>) -> Res<()> {
        let Some(p) = self.store.package(pkg) else { return fail(0, format!("no package {pkg}")) };
        for v in self.embed_vars(p) {
            let mut names: Vec<&String> = vec![];
            for pattern in &v.patterns {
                match files.get(pattern) {
                    Some(list) => names.extend(list),
                    None => return fail(v.pos, format!("no files for the pattern {pattern}")),
                }
            }
            names.sort();
            names.dedup();
            let mut contents = vec![];
            for name in names {
                match read(name) {
                    Some(data) => contents.push((name.clone(), data)),
                    None => return fail(v.pos, format!("cannot read {name}")),
                }
            }
            self.embed_var(&v, contents)?;
        }
        Ok(())
    }

    /// An error if a package has a `//go:embed` variable that was given nothing.
    pub(crate) fn check_embeds(&mut self, p: PkgId) -> Res<()> {
        for v in self.embed_vars(p) {
            let g = self.global(v.obj)?;
            if self.program.global(g).init.is_none() {
                return fail(v.pos, "a go:embed variable without its files");
            }
        }
        Ok(())
    }

    fn embed_vars(&self, p: PkgId) -> Vec<EmbedVar> {
        let pkg = self.store.pkg(p);
        let mut out = vec![];
        for f in &pkg.files {
            let tree = &f.file.tree;
            for spec in tree.specs() {
                let SpecKind::VarSpec(v) = spec.kind else { continue };
                let patterns: Vec<String> = tree[v.embeds].iter().flat_map(|e| e.patterns.iter().cloned()).collect();
                if let (false, [name]) = (v.embeds.is_empty(), &tree[v.names])
                    && let Some(obj) = self.store.scope(pkg.scope).lookup(name.name)
                {
                    out.push(EmbedVar { obj, pos: name.pos.0, patterns });
                }
            }
        }
        out
    }

    fn embed_var(&mut self, v: &EmbedVar, files: Vec<(String, Vec<u8>)>) -> Res<()> {
        let g = self.global(v.obj)?;
        let (ty, name) = (self.program.global(g).ty, self.program.global(g).name.clone());
        let mut init = StaticInit { bytes: vec![0; self.types().size_of(ty) as usize], relocs: vec![] };
        match (self.types().under(ty).clone(), &files[..]) {
            (Ty::Basic(Basic::String), [(_, data)]) => put_string(&mut init, 0, data),
            (Ty::Slice(elem), [(_, data)]) if !data.is_empty() => {
                let arr = self.program.types.intern(Ty::Array(elem, data.len() as u64));
                let bytes = StaticInit { bytes: data.clone(), relocs: vec![] };
                let data_at = self.embed_global(&name, arr, bytes);
                init.relocs.push((0, data_at));
                put_word(&mut init, 8, data.len());
                put_word(&mut init, 16, data.len());
            }
            (Ty::Slice(_), [_]) => {}
            (Ty::Struct(fields), _) if fields.len() == 1 => {
                let list = self.file_list(&name, fields[0].ty, files, v.pos)?;
                init.relocs.push((0, list));
            }
            _ => return fail(v.pos, "go:embed of such a variable"),
        }
        self.program.globals[g.0 as usize].init = Some(Arc::new(init));
        Ok(())
    }

    fn embed_global(&mut self, name: &str, ty: TyId, init: StaticInit) -> StaticReloc {
        let n = self.program.globals.len();
        let g = self.program.add_global(format!("{name}..embed_{n}").into(), ty);
        self.program.globals[g.0 as usize].init = Some(Arc::new(init));
        StaticReloc::Global(g, 0)
    }

    /// The `*[]file` of an `embed.FS`.
    fn file_list(&mut self, name: &str, ptr: TyId, files: Vec<(String, Vec<u8>)>, pos: u32) -> Res<StaticReloc> {
        let slice = match self.types().under(ptr) {
            Ty::Pointer(s) => *s,
            _ => return fail(pos, "embed.FS is not as expected"),
        };
        let file = self.types().elem(slice);
        let size = self.types().size_of(file) as usize;
        let list = with_folders(files);
        let mut init = StaticInit { bytes: vec![0; size * list.len()], relocs: vec![] };
        for (i, (name, data)) in list.iter().enumerate() {
            put_string(&mut init, i * size, name.as_bytes());
            put_string(&mut init, i * size + 2 * 8, data);
        }
        let arr = self.program.types.intern(Ty::Array(file, list.len() as u64));
        let array = self.embed_global(name, arr, init);
        let mut header = StaticInit { bytes: vec![0; 24], relocs: vec![(0, array)] };
        put_word(&mut header, 8, list.len());
        put_word(&mut header, 16, list.len());
        debug_assert_eq!(TypeTable::basic(Basic::String).0, 24);
        Ok(self.embed_global(name, slice, header))
    }
}

fn put_word(init: &mut StaticInit, off: usize, n: usize) {
    init.bytes[off..off + 8].copy_from_slice(&(n as u64).to_le_bytes());
}

fn put_string(init: &mut StaticInit, off: usize, text: &[u8]) {
    if !text.is_empty() {
        init.relocs.push((off as u64, StaticReloc::Str(text.into())));
        put_word(init, off + 8, text.len());
    }
}

/// Files and the folders they are in, as `embed.FS` wants them sorted.
fn with_folders(files: Vec<(String, Vec<u8>)>) -> Vec<(String, Vec<u8>)> {
    let mut all: BTreeMap<(String, String), (String, Vec<u8>)> = BTreeMap::new();
    let split = |name: &str| match name.rsplit_once('/') {
        Some((dir, elem)) => (dir.to_string(), elem.to_string()),
        None => (".".to_string(), name.to_string()),
    };
    for (name, data) in files {
        let mut dir = name.as_str();
        while let Some((parent, _)) = dir.rsplit_once('/') {
            all.entry(split(parent)).or_insert_with(|| (format!("{parent}/"), vec![]));
            dir = parent;
        }
        all.insert(split(&name), (name, data));
    }
    all.into_values().collect()
}

#[cfg(test)]
mod tests {
    use super::with_folders;

    #[test]
    fn folders_are_listed_once_and_sorted_with_their_parent() {
        let files = ["b.txt", "d/x/1", "a/2", "d/1"].map(|n| (n.to_string(), vec![]));
        let names: Vec<String> = with_folders(files.into()).into_iter().map(|f| f.0).collect();
        assert_eq!(names, ["a/", "b.txt", "d/", "a/2", "d/1", "d/x/", "d/x/1"]);
    }
}
