//! Where a program's code comes from: checked source, or a saved program.
//!
//! A program that was found in the cache starts as a saved one. When it needs a function that no earlier run has compiled,
//! its source is loaded and checked. Replaying the journal gives all types and functions the same ids again, and the
//! program continues as one from source. What is compiled then is kept for [`Origin::take_unsaved`].

use crate::artifact::{Saved, Saver, is_saved};
use crate::cache::Slot;
use crate::compile::{build, native, pipeline};
use crate::descriptors::Methods;
use crate::error::{Error, LoadError, nearest};
use crate::journal::{Event, Journal};
use crate::lines::{SourceLine, source_line};
use crate::link::LinkError;
use crate::pipeline::{AHEAD, Pipeline};
use crate::program::Starts;
use itab_codegen::object::Object;
use itab_ir::program::{FuncDecl, FuncId, FuncKind, Program as IrProgram};
use itab_ir::ty::{Sig, Ty, TyId};
use itab_ir::world::{MethodEntry, World};
use itab_syntax::FileSet;
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// Source that was loaded again.
pub(crate) type Again = (World, Arc<FileSet>);

/// Loads the source of a saved program as it was.
pub(crate) struct Resume {
    pub(crate) load: Box<dyn FnOnce() -> Result<Again, LoadError> + Send>,
    /// The saved program's place; it is forgotten when its source cannot be loaded.
    pub(crate) slot: Slot,
}

/// Where bodies come from.
pub(crate) enum Origin {
    /// Checked source.
    World(Box<Live>),
    /// A saved program; one that holds only a part comes with the way to the rest.
    Saved(Box<Saved>, Option<Resume>),
}

/// A checked world, and what was made of it if it is to be saved.
pub(crate) struct Live {
    pub(crate) world: World,
    pub(crate) files: Arc<FileSet>,
    record: Option<Record>,
    /// Ids were given that the record does not know of.
    unsaved: bool,
}

#[derive(Default)]
struct Record {
    journal: Journal,
    objects: Vec<Object>,
    earlier: Option<Box<Saved>>,
}

impl Live {
    fn note(&mut self, event: Event) {
        if let Some(record) = &mut self.record {
            record.journal.events.push(event);
        }
    }
}

impl Live {
    /// Compiles a function, and has those built that will be called next.
    fn compile(
        &mut self,
        pipeline: &mut Pipeline,
        id: FuncId,
        linked: &dyn Fn(FuncId) -> bool,
    ) -> Result<Object, Error> {
        let root = self.world.root(id);
        if !pipeline.has(root) {
            self.translate(pipeline, id)?;
        }
        for _ in 0..AHEAD {
            let known = self.record.as_ref().and_then(|r| r.earlier.as_deref());
            let wanted = |f: FuncId| {
                self.world.program.func(f).kind != FuncKind::Native
                    && !linked(f)
                    && known.is_none_or(|saved| !saved.has_code(f))
            };
            match pipeline.next_of(wanted, &self.world) {
                // What is wrong with it is said when it is called.
                Some(next) => drop(self.translate(pipeline, next)),
                None => break,
            }
        }
        pipeline.take(root)
    }

    /// Builds a function and puts it on its way to machine code.
    fn translate(&mut self, pipeline: &mut Pipeline, id: FuncId) -> Result<(), Error> {
        self.note(Event::Build(id));
        let built = build(&mut self.world, &self.files, id)?;
        let calls = built.funcs.first().map(itab_ir::next_calls).unwrap_or_default();
        let translated = pipeline.codegen.translate(&self.world.program, built.funcs);
        let translated = translated.map_err(|e| Error::Internal(e.to_string()))?;
        pipeline.add(self.world.root(id), calls, translated);
        Ok(())
    }
}

impl Origin {
    /// Checked source; `record` if it is to be saved.
    pub(crate) fn world(world: World, files: Arc<FileSet>, record: bool) -> Origin {
        Origin::World(Box::new(Live { world, files, record: record.then(Record::default), unsaved: false }))
    }

    /// Types, functions and variables.
    pub(crate) fn ir(&self) -> &IrProgram {
        match self {
            Origin::World(live) => &live.world.program,
            Origin::Saved(saved, _) => &saved.program,
        }
    }

    /// The world, for whoever asks what is not in a journal: what is compiled from now on is not saved.
    pub(crate) fn world_for_good(&mut self) -> Result<(&mut World, &FileSet), Error> {
        let live = self.live()?;
        live.unsaved = true;
        Ok((&mut live.world, &live.files))
    }

    /// The checked source, loaded now if the program was saved.
    fn live(&mut self) -> Result<&mut Live, Error> {
        if let Origin::Saved(saved, resume) = self {
            let resume = resume.take().ok_or_else(|| Error::Internal("the saved program is not complete".into()))?;
            let (world, files) = again(saved, resume.load).map_err(|e| {
                resume.slot.remove();
                Error::Internal(format!("a program from the cache cannot go on, and is forgotten: {e}"))
            })?;
            let journal = std::mem::take(&mut saved.journal);
            let record = Record { journal, objects: vec![], earlier: Some(saved.clone()) };
            *self = Origin::World(Box::new(Live { world, files, record: Some(record), unsaved: false }));
        }
        match self {
            Origin::World(live) => Ok(live),
            Origin::Saved(..) => unreachable!("it was replaced"),
        }
    }

    /// The object that has a function, and those that are compiled with it. `linked` says which functions have code.
    pub(crate) fn object(
        &mut self,
        codegen: &mut Option<Pipeline>,
        id: FuncId,
        linked: &dyn Fn(FuncId) -> bool,
    ) -> Result<Object, Error> {
        if let Some(object) = self.earlier().map(|s| s.object(id)).transpose()?.flatten() {
            return Ok(object);
        }
        let live = self.live()?;
        let pipeline = pipeline(codegen)?;
        let object = match live.world.program.func(id).kind {
            FuncKind::Native => native(&live.world, &mut pipeline.codegen, id)?,
            _ => live.compile(pipeline, id, linked)?,
        };
        if let Some(record) = &mut live.record {
            record.objects.push(object.clone());
        }
        Ok(object)
    }

    /// What earlier runs compiled.
    fn earlier(&self) -> Option<&Saved> {
        match self {
            Origin::Saved(saved, _) => Some(saved),
            Origin::World(live) => live.record.as_ref().and_then(|r| r.earlier.as_deref()),
        }
    }

    /// What to save: none when nothing was compiled that was not saved.
    pub(crate) fn take_unsaved(&mut self, starts: Starts) -> Result<Option<Saved>, Error> {
        let Origin::World(live) = self else { return Ok(None) };
        let Some(record) = &mut live.record else { return Ok(None) };
        if record.objects.is_empty() || live.unsaved {
            return Ok(None);
        }
        let journal = record.journal.clone();
        let typed: Vec<TyId> = journal.typed().collect();
        let mut saver = Saver::new(&mut live.world, &live.files, starts, journal, record.earlier.as_deref());
        for object in &record.objects {
            saver.add(object.clone())?;
        }
        let saved = saver.finish(typed)?;
        record.objects.clear();
        Ok(Some(saved))
    }

    /// Names of the functions of a package, for errors.
    pub(crate) fn functions_of(&self, pkg: &str) -> Vec<String> {
        match self {
            Origin::World(live) => live.world.function_names(pkg),
            Origin::Saved(saved, _) => {
                let own = |f: &&FuncDecl| f.name.rsplit_once('.').is_some_and(|(p, _)| p == pkg);
                saved.program.funcs.iter().filter(own).map(|f| f.name.to_string()).collect()
            }
        }
    }

    /// A declared function by its full name, if there is one; source is not loaded again for it.
    pub(crate) fn declared(&mut self, name: &str) -> Option<FuncId> {
        match self {
            Origin::Saved(saved, _) => saved.func_by_name(name),
            Origin::World(_) => self.func_by_name(name).ok(),
        }
    }

    /// A declared function by its full name.
    pub(crate) fn func_by_name(&mut self, name: &str) -> Result<FuncId, Error> {
        let mut found = None;
        if let Origin::Saved(saved, _) = self {
            found = saved.func_by_name(name);
        }
        if let (None, false, Some((pkg, f))) = (found, self.is_complete(), name.rsplit_once('.')) {
            let live = self.live()?;
            live.note(Event::Func(pkg.into(), f.into()));
            found = live.world.func_by_name(pkg, f).ok();
        }
        found.ok_or_else(|| {
            let prefix = name.rsplit_once('.').map_or("main", |(pkg, _)| pkg);
            Error::NoSuchFunc { name: name.into(), near: nearest(name, self.functions_of(prefix)) }
        })
    }

    /// Whether there is nothing beyond what was saved.
    fn is_complete(&self) -> bool {
        matches!(self, Origin::Saved(_, None))
    }

    /// A declared type by package and name.
    pub(crate) fn type_by_name(&mut self, pkg: &str, name: &str) -> Result<TyId, Error> {
        let none = || Error::Internal(format!("there is no type {pkg}.{name}"));
        if let Origin::Saved(saved, resume) = self {
            match saved.program.types.find_named(&format!("{pkg}.{name}")) {
                Some(ty) => return Ok(ty),
                None if resume.is_none() => return Err(none()),
                None => {}
            }
        }
        let live = self.live()?;
        live.note(Event::Type(pkg.into(), name.into()));
        live.world.type_by_name(pkg, name).map_err(|_| none())
    }

    /// A func type.
    pub(crate) fn func_type(&mut self, sig: Sig) -> TyId {
        let (types, journal) = self.types();
        if let Some(journal) = journal {
            journal.events.push(Event::FuncType(sig.clone()));
        }
        types.intern(Ty::Func(sig))
    }

    fn types(&mut self) -> (&mut itab_ir::ty::TypeTable, Option<&mut Journal>) {
        match self {
            Origin::World(live) => {
                (&mut live.world.program.types, live.record.as_mut().map(|record| &mut record.journal))
            }
            Origin::Saved(saved, None) => (&mut saved.program.types, None),
            Origin::Saved(saved, Some(_)) => (&mut saved.program.types, Some(&mut saved.journal)),
        }
    }

    /// The line of a position, of the world or saved.
    pub(crate) fn source_line(&self, pos: u32, names: &mut FxHashMap<String, Arc<str>>) -> Option<SourceLine> {
        match self {
            Origin::World(live) if !is_saved(pos) => source_line(&live.files, pos, names),
            _ => self.earlier()?.source_line(pos),
        }
    }
}

/// The world that a saved program is of.
fn again(saved: &Saved, load: impl FnOnce() -> Result<Again, LoadError>) -> Result<Again, String> {
    let (mut world, files) = load().map_err(|e| e.to_string())?;
    saved.journal.replay(&mut world);
    if saved.same_ids(&world) { Ok((world, files)) } else { Err("its source is another".into()) }
}

impl Methods for Origin {
    fn method_set(&mut self, ty: TyId) -> Result<Vec<MethodEntry>, LinkError> {
        if let Origin::Saved(saved, resume) = self {
            match saved.method_set(ty) {
                Some(methods) => return Ok(methods),
                None if resume.is_none() => return Ok(vec![]),
                None => {}
            }
        }
        let live = self.live().map_err(|e| LinkError(e.to_string()))?;
        live.note(Event::MethodSet(ty));
        live.world.method_set(ty).map_err(|e| LinkError(e.to_string()))
    }

    fn pointer_method_set(&mut self, elem: TyId) -> Result<Vec<MethodEntry>, LinkError> {
        let (types, _) = self.types();
        let before = types.len();
        let pointer = types.pointer(elem);
        if types.len() > before
            && let (_, Some(journal)) = self.types()
        {
            // The element, since the pointer has no id before.
            journal.events.push(Event::Pointer(elem));
        }
        self.method_set(pointer)
    }

    fn program(&self) -> &IrProgram {
        self.ir()
    }
}
