//! Saved programs: what is needed to run without the compiler.
//!
//! A saved program holds types, functions and variables by their ids, the objects of functions, the method sets for
//! descriptors, and a table of source lines. An object is decoded when it is linked. A position in a saved program is an
//! index into the table of lines with the highest bit set. No position of a file set has that bit.
//!
//! There are two kinds. [`Saved::complete`] holds every function that may be called. An entry of the
//! [`cache`](crate::cache) holds the functions that were compiled so far. For the others it has a [`Journal`], with which
//! the compiler continues from the same source with the same ids.

use crate::compile::compile;
use crate::error::{Error, LoadError};
use crate::journal::Journal;
use crate::lines::{SourceLine, source_line};
use crate::program::Starts;
use crate::sealed::Seal;
use itab_codegen::compiler::Compiler;
use itab_codegen::object::Object;
use itab_ir::program::{FuncId, Program};
use itab_ir::ty::{QualName, Ty, TyId};
use itab_ir::world::{MethodEntry, World};
use itab_syntax::FileSet;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

const SEAL: Seal<'static> = Seal { magic: b"itab.obj", writer: env!("CARGO_PKG_VERSION") };

/// Marks positions of saved programs.
const SAVED: u32 = 1 << 31;

/// Whether a position is one of a saved program.
pub(crate) fn is_saved(pos: u32) -> bool {
    pos & SAVED != 0
}

/// A saved program in memory.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Saved {
    pub(crate) starts: Starts,
    pub(crate) program: Program,
    objects: Objects,
    methods: FxHashMap<TyId, Vec<Method>>,
    places: Places,
    pub(crate) journal: Journal,
}

/// Encoded objects.
#[derive(Clone, Default, Serialize, Deserialize)]
struct Objects {
    #[serde(with = "bytes")]
    encoded: Vec<u8>,
    /// Start in `encoded`, by function.
    index: FxHashMap<FuncId, u32>,
}

/// Files and lines of positions.
#[derive(Clone, Default, Serialize, Deserialize)]
struct Places {
    files: Vec<Arc<str>>,
    all: Vec<(u32, u32)>,
}

#[derive(Clone, Serialize, Deserialize)]
struct Method {
    name: QualName,
    sig: TyId,
    ifn: FuncId,
    tfn: FuncId,
}

/// Bytes in one piece.
mod bytes {
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(b: &[u8], s: S) -> Result<S::Ok, S::Error> {
        s.serialize_bytes(b)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Vec<u8>, D::Error> {
        <&[u8]>::deserialize(d).map(<[u8]>::to_vec)
    }
}

/// Makes a saved program of a world.
pub(crate) struct Saver<'w> {
    world: &'w mut World,
    files: &'w FileSet,
    saved: Saved,
    names: FxHashMap<String, Arc<str>>,
    /// What positions of the world are in the saved program.
    positions: FxHashMap<u32, u32>,
    file_ids: FxHashMap<Arc<str>, u32>,
}

impl<'w> Saver<'w> {
    /// Goes on from an earlier saved program with the same ids.
    pub(crate) fn new(
        world: &'w mut World,
        files: &'w FileSet,
        starts: Starts,
        journal: Journal,
        earlier: Option<&Saved>,
    ) -> Saver<'w> {
        let mut saved = Saved {
            starts,
            program: Program::default(),
            objects: Objects::default(),
            methods: FxHashMap::default(),
            places: Places::default(),
            journal,
        };
        if let Some(earlier) = earlier {
            saved.objects = earlier.objects.clone();
            saved.places = earlier.places.clone();
        }
        let file_ids = saved.places.files.iter().enumerate().map(|(i, f)| (f.clone(), i as u32)).collect();
        Saver { world, files, saved, names: FxHashMap::default(), positions: FxHashMap::default(), file_ids }
    }

    /// Adds an object, whose positions are the world's.
    pub(crate) fn add(&mut self, mut object: Object) -> Result<(), Error> {
        for f in &mut object.functions {
            f.code.lines.iter_mut().for_each(|l| l.pos = self.position(l.pos));
            f.code.inlined.iter_mut().for_each(|i| i.call_pos = self.position(i.call_pos));
        }
        self.saved.objects.add(&object)
    }

    /// The saved form of a position.
    fn position(&mut self, pos: u32) -> u32 {
        if let Some(&known) = self.positions.get(&pos) {
            return known;
        }
        let at = match source_line(self.files, pos, &mut self.names) {
            None => 0,
            Some(SourceLine { file, line }) => {
                let places = &mut self.saved.places;
                let file = *self.file_ids.entry(file.clone()).or_insert_with(|| {
                    places.files.push(file);
                    places.files.len() as u32 - 1
                });
                places.all.push((file, line));
                (places.all.len() as u32 - 1) | SAVED
            }
        };
        self.positions.insert(pos, at);
        at
    }

    fn method_set(&mut self, ty: TyId) -> Result<(), Error> {
        let entries = if self.world.program.types.is_interface(ty) {
            vec![]
        } else {
            self.world.method_set(ty).map_err(|e| Error::Internal(e.to_string()))?
        };
        let method = |m: MethodEntry| Method { name: m.name, sig: m.sig, ifn: m.ifn, tfn: m.tfn };
        self.saved.methods.insert(ty, entries.into_iter().map(method).collect());
        Ok(())
    }

    /// The saved program, with the method sets of these types.
    pub(crate) fn finish(mut self, types: impl IntoIterator<Item = TyId>) -> Result<Saved, Error> {
        for ty in types {
            self.method_set(ty)?;
        }
        let mut program = self.world.program.clone();
        program.funcs.iter_mut().for_each(|f| f.pos = self.position(f.pos));
        self.saved.program = program;
        Ok(self.saved)
    }
}

impl Objects {
    fn add(&mut self, object: &Object) -> Result<(), Error> {
        let start = self.encoded.len() as u32;
        let encoded = std::mem::take(&mut self.encoded);
        self.encoded = postcard::to_extend(object, encoded).map_err(|e| Error::Internal(e.to_string()))?;
        self.index.extend(object.functions.iter().map(|f| (f.id, start)));
        Ok(())
    }
}

impl Saved {
    /// Compiles every function that the program may call.
    pub(crate) fn complete(
        world: &mut World,
        files: &FileSet,
        codegen: &mut Compiler,
        starts: Starts,
    ) -> Result<Saved, Error> {
        let mut saver = Saver::new(world, files, starts, Journal::default(), None);
        let mut next = 0;
        let mut typed = 0;
        loop {
            if next < saver.world.program.funcs.len() as u32 {
                let id = FuncId(next);
                if !saver.saved.objects.index.contains_key(&id) {
                    let object = compile(saver.world, files, codegen, id)?;
                    saver.add(object)?;
                }
                next += 1;
            } else if typed < saver.world.program.types.len() as u32 {
                let ty = TyId(typed);
                if !matches!(saver.world.program.types.get(ty), Ty::Tuple(_)) {
                    saver.method_set(ty)?;
                }
                typed += 1;
            } else {
                return saver.finish([]);
            }
        }
    }

    /// The saved form.
    pub(crate) fn write(&self, out: &mut Vec<u8>) -> Result<(), Error> {
        let body = postcard::to_extend(self, vec![]).map_err(|e| Error::Internal(e.to_string()))?;
        SEAL.write(out, &body);
        Ok(())
    }

    /// Reads the saved form.
    pub(crate) fn read(bytes: &[u8]) -> Result<Saved, LoadError> {
        let (body, _) = SEAL.read(bytes)?;
        let mut saved: Saved = postcard::from_bytes(body).map_err(|e| LoadError::Saved(e.to_string()))?;
        saved.program.types.rebuild_index();
        Ok(saved)
    }

    /// The object that has a function, if it was saved.
    pub(crate) fn object(&self, id: FuncId) -> Result<Option<Object>, Error> {
        let Some(&start) = self.objects.index.get(&id) else { return Ok(None) };
        let rest = self.objects.encoded.get(start as usize..).unwrap_or_default();
        let (object, _) = postcard::take_from_bytes(rest).map_err(|e| Error::Internal(e.to_string()))?;
        Ok(Some(object))
    }

    /// Whether [`Saved::object`] has a function.
    pub(crate) fn has_code(&self, id: FuncId) -> bool {
        self.objects.index.contains_key(&id)
    }

    /// The method set of a type, if it was saved.
    pub(crate) fn method_set(&self, ty: TyId) -> Option<Vec<MethodEntry>> {
        let entry = |m: &Method| MethodEntry { name: m.name.clone(), sig: m.sig, ifn: m.ifn, tfn: m.tfn };
        Some(self.methods.get(&ty)?.iter().map(entry).collect())
    }

    /// A declared function by its full name, if it has an id.
    pub(crate) fn func_by_name(&self, name: &str) -> Option<FuncId> {
        use itab_ir::program::{Context, FuncKind};
        let named = |f: &itab_ir::program::FuncDecl| {
            &*f.name == name && f.context == Context::None && matches!(f.kind, FuncKind::Declared | FuncKind::Native)
        };
        self.program.funcs.iter().position(named).map(|i| FuncId(i as u32))
    }

    /// Where a position is.
    pub(crate) fn source_line(&self, pos: u32) -> Option<SourceLine> {
        let &(file, line) = self.places.all.get((pos & !SAVED) as usize).filter(|_| is_saved(pos))?;
        Some(SourceLine { file: self.places.files.get(file as usize)?.clone(), line })
    }

    /// What a world must agree with for its ids to be those of this program.
    pub(crate) fn same_ids(&self, world: &World) -> bool {
        let ids = |program: &Program| {
            let mut program = program.clone();
            program.funcs.iter_mut().for_each(|f| f.pos = 0);
            postcard::to_allocvec(&program).ok()
        };
        ids(&self.program) == ids(&world.program)
    }
}
