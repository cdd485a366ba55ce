//! Saved programs: everything that is needed to run without the compiler.
//!
//! A saved program holds the types, functions and variables by id, the objects of all functions, method sets for the
//! descriptors, and where positions are. It starts with a magic number and the version of the engine that wrote it; no
//! other version reads it.

use crate::descriptors::Methods;
use crate::error::{Error, LoadError};
use crate::link::{LinkError, Place};
use crate::program::{Starts, compile, place, positions};
use itab_codegen::compiler::Compiler;
use itab_codegen::object::Object;
use itab_ir::program::{FuncId, Program};
use itab_ir::ty::{QualName, Ty, TyId};
use itab_ir::world::{MethodEntry, World};
use itab_syntax::FileSet;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

const MAGIC: &[u8; 8] = b"itab.obj";

/// A saved program in memory.
#[derive(Serialize, Deserialize)]
pub(crate) struct Saved {
    pub(crate) starts: Starts,
    pub(crate) program: Program,
    objects: Vec<Object>,
    /// Object by function.
    index: FxHashMap<FuncId, u32>,
    methods: FxHashMap<TyId, Vec<Method>>,
    files: Vec<Arc<str>>,
    places: FxHashMap<u32, (u32, u32)>,
}

#[derive(Serialize, Deserialize)]
struct Method {
    name: QualName,
    sig: TyId,
    ifn: FuncId,
    tfn: FuncId,
}

impl Saved {
    /// Compiles every function that the program may call and collects what running it needs.
    pub(crate) fn of(
        world: &mut World,
        files: &FileSet,
        codegen: &mut Compiler,
        starts: Starts,
    ) -> Result<Saved, Error> {
        let mut saved = Saved {
            starts,
            program: Program::default(),
            objects: vec![],
            index: FxHashMap::default(),
            methods: FxHashMap::default(),
            files: vec![],
            places: FxHashMap::default(),
        };
        let mut names = FxHashMap::default();
        loop {
            let next = (0..world.program.funcs.len() as u32).map(FuncId).find(|f| !saved.index.contains_key(f));
            match next {
                Some(id) => saved.add(world, files, codegen, id, &mut names)?,
                None if saved.add_methods(world)? => {}
                None => break,
            }
        }
        saved.program = world.program.clone();
        Ok(saved)
    }

    fn add(
        &mut self,
        world: &mut World,
        files: &FileSet,
        codegen: &mut Compiler,
        id: FuncId,
        names: &mut FxHashMap<String, Arc<str>>,
    ) -> Result<(), Error> {
        let object = compile(world, files, codegen, id)?;
        for pos in positions(&object, &world.program) {
            if let Some(Place { file, line }) = place(files, pos, names) {
                let known = self.files.iter().position(|f| *f == file);
                let i = known.unwrap_or_else(|| {
                    self.files.push(file);
                    self.files.len() - 1
                });
                self.places.insert(pos, (i as u32, line));
            }
        }
        for f in &object.functions {
            self.index.insert(f.id, self.objects.len() as u32);
        }
        self.objects.push(object);
        Ok(())
    }

    /// Adds the method sets of types that have none here yet; whether there were any.
    fn add_methods(&mut self, world: &mut World) -> Result<bool, Error> {
        let types = (0..world.program.types.len() as u32).map(TyId);
        let missing: Vec<_> = types
            .filter(|t| !self.methods.contains_key(t))
            .filter(|t| !matches!(world.program.types.get(*t), Ty::Tuple(_)))
            .collect();
        for &ty in &missing {
            let entries = if world.program.types.is_interface(ty) {
                vec![]
            } else {
                Methods::method_set(world, ty).map_err(|e| Error::Internal(e.to_string()))?
            };
            let method = |m: MethodEntry| Method { name: m.name, sig: m.sig, ifn: m.ifn, tfn: m.tfn };
            self.methods.insert(ty, entries.into_iter().map(method).collect());
        }
        Ok(!missing.is_empty())
    }

    /// The saved form.
    pub(crate) fn write(&self) -> Result<Vec<u8>, Error> {
        let mut out = MAGIC.to_vec();
        let version = env!("CARGO_PKG_VERSION");
        out.push(version.len() as u8);
        out.extend(version.as_bytes());
        postcard::to_extend(self, out).map_err(|e| Error::Internal(e.to_string()))
    }

    /// Reads the saved form.
    pub(crate) fn read(bytes: &[u8]) -> Result<Saved, LoadError> {
        let damaged = |what: &str| LoadError::Saved(what.into());
        let rest = bytes.strip_prefix(MAGIC).ok_or_else(|| damaged("these bytes are none"))?;
        let (&n, rest) = rest.split_first().ok_or_else(|| damaged("it is cut off"))?;
        let (version, rest) = rest.split_at_checked(n as usize).ok_or_else(|| damaged("it is cut off"))?;
        if version != env!("CARGO_PKG_VERSION").as_bytes() {
            let version = String::from_utf8_lossy(version);
            return Err(LoadError::Saved(format!(
                "version {version} wrote it, and this is version {}",
                env!("CARGO_PKG_VERSION")
            )));
        }
        let mut saved: Saved = postcard::from_bytes(rest).map_err(|e| LoadError::Saved(e.to_string()))?;
        saved.program.types.rebuild_index();
        Ok(saved)
    }

    /// The object that has a function.
    pub(crate) fn object(&self, id: FuncId) -> Result<Object, Error> {
        let i = self.index.get(&id).ok_or_else(|| Error::Internal(format!("{id:?} was not saved")))?;
        Ok(self.objects[*i as usize].clone())
    }

    /// Where a position is.
    pub(crate) fn place(&self, pos: u32) -> Option<Place> {
        let &(file, line) = self.places.get(&pos)?;
        Some(Place { file: self.files.get(file as usize)?.clone(), line })
    }
}

impl Methods for Saved {
    fn method_set(&mut self, ty: TyId) -> Result<Vec<MethodEntry>, LinkError> {
        let methods = self.methods.get(&ty).into_iter().flatten();
        let entry = |m: &Method| MethodEntry { name: m.name.clone(), sig: m.sig, ifn: m.ifn, tfn: m.tfn };
        Ok(methods.map(entry).collect())
    }

    fn pointer_method_set(&mut self, elem: TyId) -> Result<Vec<MethodEntry>, LinkError> {
        let pointer = self.program.types.pointer(elem);
        self.method_set(pointer)
    }

    fn program(&self) -> &Program {
        &self.program
    }
}
