//! The linker: places objects into a program's arena and resolves their symbols.
//!
//! Objects hold no addresses, only symbols. What a symbol names is made when it is first named: descriptors and itabs (by
//! the runtime's interner), static func values, allocation cells, stubs. A function's slot is set last, when its code and
//! data are complete, so no thread runs half a function.

use crate::descriptors::{Descriptors, Methods};
use crate::func_stubs::Stubs;
use crate::lines::SourceLine;
use crate::reloc;
use itab_abi::block::{GLOBALS, cell_offset};
use itab_abi::types::{SwitchCases, Type};
use itab_abi::value::FuncVal;
use itab_codegen::object::{Code, DataItem, LinkSymbol, Object};
use itab_ir::program::{FuncDecl, FuncId, Program as IrProgram};
use itab_ir::ty::TyId;
use itab_runtime::code::symtab::{FuncInfo, InlinedCall, LineEntry};
use itab_runtime::heap::malloc_shape::ShapeTable;
use itab_runtime::sched::program::Program as RtProgram;
use itab_runtime::types::{TypeRef, Types};
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// Why an object cannot be linked: a native that nobody provides, or no room. The text names it.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{0}")]
pub(crate) struct LinkError(pub(crate) String);

/// What the linker asks of the rest of the program.
pub(crate) trait Symbols {
    /// Address of the code of a native function, by name.
    fn native(&self, name: &str) -> Option<usize>;
    /// The line of a position.
    fn source_line(&self, pos: u32) -> Option<SourceLine>;
}

/// The linker of one program.
pub(crate) struct Linker {
    pub(crate) runtime: Arc<RtProgram>,
    pub(crate) types: Arc<Types>,
    pub(crate) shapes: Arc<ShapeTable>,
    pub(crate) stubs: Stubs,
    pub(crate) descriptors: Descriptors,
    func_vals: FxHashMap<FuncId, usize>,
    constants: FxHashMap<(Arc<[u8]>, u32), usize>,
}

struct Placed<'o> {
    code: &'o Code,
    id: Option<FuncId>,
    at: usize,
}

/// Where the parts of the object that is being linked are.
struct Scope {
    funcs: FxHashMap<FuncId, usize>,
    data: Vec<usize>,
}

impl Linker {
    pub(crate) fn new(runtime: Arc<RtProgram>) -> Linker {
        Linker {
            stubs: Stubs::new(runtime.clone()),
            types: runtime.types.clone(),
            shapes: runtime.shapes.clone(),
            runtime,
            descriptors: Descriptors::default(),
            func_vals: FxHashMap::default(),
            constants: FxHashMap::default(),
        }
    }

    /// Places an object. Its functions are callable when this returns.
    pub(crate) fn link(
        &mut self,
        object: &Object,
        methods: &mut dyn Methods,
        symbols: &dyn Symbols,
    ) -> Result<(), LinkError> {
        let mut placed = vec![];
        for f in &object.functions {
            placed.push(self.place(Some(f.id), &f.code)?);
        }
        let data = self.place_data(&object.data)?;
        let funcs = placed.iter().filter_map(|p| Some((p.id?, p.at))).collect();
        let scope = Scope { funcs, data };
        self.patch_data(&object.data, &scope, methods, symbols)?;
        for p in &placed {
            self.write_patched(p, &scope, methods, symbols)?;
            self.runtime.arena.publish(p.at, Box::new(func_info(p, methods.program(), symbols)));
        }
        for p in &placed {
            if let Some(id) = p.id {
                self.stubs.stub(id);
                // SAFETY: the code is complete and published.
                unsafe { self.runtime.set_func_code(id.0, p.at) };
            }
        }
        Ok(())
    }

    /// Whether a function has been linked.
    pub(crate) fn has_code(&self, f: FuncId) -> bool {
        f.0 < self.runtime.arena.func_count() && self.runtime.arena.func_code(f.0).is_some()
    }

    /// Places code that is no Go function: an entry shim.
    pub(crate) fn link_shim(
        &mut self,
        code: &Code,
        methods: &mut dyn Methods,
        symbols: &dyn Symbols,
    ) -> Result<usize, LinkError> {
        let placed = self.place(None, code)?;
        let scope = Scope { funcs: FxHashMap::default(), data: vec![] };
        self.write_patched(&placed, &scope, methods, symbols)?;
        // Frames of shims are passed over.
        let info = FuncInfo { wrapper: true, ..func_info(&placed, methods.program(), symbols) };
        self.runtime.arena.publish(placed.at, Box::new(info));
        Ok(placed.at)
    }

    fn place<'o>(&self, id: Option<FuncId>, code: &'o Code) -> Result<Placed<'o>, LinkError> {
        let (align, skew) = (code.place.align as usize, code.place.skew as usize);
        let at = self.runtime.arena.alloc_code(code.bytes.len(), align, skew).map_err(full)?;
        Ok(Placed { code, id, at })
    }

    /// Constants without relocations are shared by all objects of the program.
    fn place_data(&mut self, items: &[DataItem]) -> Result<Vec<usize>, LinkError> {
        let mut at = vec![];
        for item in items {
            let key = (item.bytes.clone(), item.align);
            let known = if item.relocs.is_empty() { self.constants.get(&key).copied() } else { None };
            at.push(match known {
                Some(at) => at,
                None => {
                    let p = self.alloc_bytes(&item.bytes, item.align as usize)?;
                    if item.relocs.is_empty() {
                        self.constants.insert(key, p);
                    }
                    p
                }
            });
        }
        Ok(at)
    }

    fn alloc_bytes(&self, bytes: &[u8], align: usize) -> Result<usize, LinkError> {
        let p = self.runtime.arena.alloc_data(bytes.len(), align.max(1)).map_err(full)?;
        // SAFETY: fresh memory of that size.
        unsafe { p.copy_from_nonoverlapping(bytes.as_ptr(), bytes.len()) };
        Ok(p as usize)
    }

    fn patch_data(
        &mut self,
        items: &[DataItem],
        scope: &Scope,
        methods: &mut dyn Methods,
        symbols: &dyn Symbols,
    ) -> Result<(), LinkError> {
        for (i, item) in items.iter().enumerate() {
            for r in &item.relocs {
                let value = self.resolve(&r.target, scope, methods, symbols)?;
                assert!(r.offset as usize + 8 <= item.bytes.len(), "a relocation lies in its data");
                let at = (scope.data[i] + r.offset as usize) as *mut usize;
                // SAFETY: inside the item just placed, which nobody else sees yet; any value there is an addend.
                unsafe { at.write_unaligned(at.read_unaligned().wrapping_add(value)) };
            }
        }
        Ok(())
    }

    /// Writes a function's code, patched.
    fn write_patched(
        &mut self,
        p: &Placed<'_>,
        scope: &Scope,
        methods: &mut dyn Methods,
        symbols: &dyn Symbols,
    ) -> Result<(), LinkError> {
        let mut bytes = p.code.bytes.clone();
        for r in &p.code.relocs {
            let value = (self.resolve(&r.target, scope, methods, symbols)? as i64).wrapping_add(r.addend);
            let place = &mut bytes[r.offset as usize..];
            if !reloc::patch(r.kind, place, p.at + r.offset as usize, value) {
                return Err(LinkError(format!("{:?} is out of reach", r.target)));
            }
        }
        self.runtime.arena.write_code(p.at, &bytes);
        Ok(())
    }

    fn resolve(
        &mut self,
        target: &LinkSymbol,
        scope: &Scope,
        methods: &mut dyn Methods,
        symbols: &dyn Symbols,
    ) -> Result<usize, LinkError> {
        Ok(match target {
            LinkSymbol::Func(id) => {
                *scope.funcs.get(id).ok_or_else(|| LinkError(format!("{id:?} is not in its object")))?
            }
            LinkSymbol::Stub(id) => self.stubs.stub(*id),
            LinkSymbol::Slot(id) => self.stubs.slot(*id),
            LinkSymbol::FuncVal(id) => self.func_val(*id)?,
            LinkSymbol::Type(ty) => self.descriptor(*ty, methods)? as usize,
            LinkSymbol::Itab(inter, typ) => self.itab(*inter, *typ, methods)?,
            LinkSymbol::Probe(inter) => {
                let inter = self.descriptor(*inter, methods)?;
                // SAFETY: made by this program's interner.
                itab_runtime::types::assert::probe_offset(unsafe { TypeRef::from_ptr(inter) }) as usize
            }
            // SAFETY: complete, and permanent.
            LinkSymbol::CasesProbe(cases) => unsafe { (*self.cases(cases, methods)?).probe as usize },
            LinkSymbol::Cases(cases) => self.cases(cases, methods)? as usize,
            LinkSymbol::Global(id) => GLOBALS + methods.program().global(*id).offset as usize,
            LinkSymbol::Cell(ty) => self.type_cell(methods.program(), *ty),
            LinkSymbol::RecordCell { size, mask } => cell_offset(self.shapes.cell(*size as usize, *mask)),
            LinkSymbol::Runtime(f) => self.runtime.arena.runtime_thunk(*f),
            LinkSymbol::Data(i) => scope.data[*i as usize],
            LinkSymbol::ZeroVal => itab_runtime::heap::boxing::zero_val() as usize,
            LinkSymbol::ZeroBase => itab_runtime::heap::malloc::zerobase() as usize,
            LinkSymbol::SmallInts => itab_runtime::heap::boxing::static_uint64(0) as usize,
            LinkSymbol::Native(name) => {
                let native = symbols.native(name);
                let native =
                    native.ok_or_else(|| LinkError(format!("function {name} has no body and is not provided")))?;
                self.runtime.arena.native_thunk(native).map_err(full)?
            }
        })
    }

    /// The descriptor of a type.
    pub(crate) fn descriptor(&mut self, ty: TyId, methods: &mut dyn Methods) -> Result<*const Type, LinkError> {
        self.descriptors.get(&self.types, methods, &self.stubs, ty)
    }

    /// The itab of a pair of types.
    pub(crate) fn itab(&mut self, inter: TyId, typ: TyId, methods: &mut dyn Methods) -> Result<usize, LinkError> {
        let (inter, typ) = (self.descriptor(inter, methods)?, self.descriptor(typ, methods)?);
        // SAFETY: both were made by this program's interner.
        let (inter, typ) = unsafe { (TypeRef::from_ptr(inter), TypeRef::from_ptr(typ)) };
        Ok(itab_runtime::types::itab::find_or_add(inter, typ).as_ptr() as usize)
    }

    /// The description of a type switch's cases.
    fn cases(&mut self, cases: &[TyId], methods: &mut dyn Methods) -> Result<*const SwitchCases, LinkError> {
        let mut types = vec![];
        for &ty in cases {
            // SAFETY: made by this program's interner.
            types.push(unsafe { TypeRef::from_ptr(self.descriptor(ty, methods)?) });
        }
        Ok(itab_runtime::types::assert::switch_cases(&self.types, &types))
    }

    /// Offset of the cell for a type's (size, pointer mask); types that are too large for one share the empty cell.
    fn type_cell(&self, program: &IrProgram, ty: TyId) -> usize {
        let types = &program.types;
        let size = types.size_of(ty).next_multiple_of(8) as usize;
        if size > itab_abi::block::MAX_CELL_SIZE || size == 0 {
            return cell_offset(0);
        }
        let mut mask = 0u64;
        types.for_each_pointer(ty, 0, &mut |off| mask |= 1 << (off / 8));
        cell_offset(self.shapes.cell(size, mask))
    }

    /// The static func value of a function.
    pub(crate) fn func_val(&mut self, id: FuncId) -> Result<usize, LinkError> {
        if let Some(&at) = self.func_vals.get(&id) {
            return Ok(at);
        }
        let p = self.runtime.arena.alloc_data(size_of::<FuncVal>(), 8).map_err(full)?;
        // SAFETY: fresh, aligned memory of that size.
        unsafe { p.cast::<FuncVal>().write(FuncVal { code: self.stubs.stub(id) }) };
        self.func_vals.insert(id, p as usize);
        Ok(p as usize)
    }

    /// The bytes of a constant.
    pub(crate) fn constant(&mut self, bytes: &Arc<[u8]>, align: u32) -> Result<usize, LinkError> {
        if let Some(&at) = self.constants.get(&(bytes.clone(), align)) {
            return Ok(at);
        }
        let at = self.alloc_bytes(bytes, align as usize)?;
        self.constants.insert((bytes.clone(), align), at);
        Ok(at)
    }
}

/// Functions of package reflect between a call and what it calls: absent from tracebacks, not counted by `recover`.
fn is_glue(name: &str) -> bool {
    const GLUE: &[&str] =
        &["reflect.call", "reflect.callReflect", "reflect.callMethod", "reflect.serveFunc", "reflect.serveMethod"];
    GLUE.contains(&name)
}

fn full(e: itab_runtime::code::arena::ArenaFull) -> LinkError {
    LinkError(e.to_string())
}

fn is_nullary(decl: &FuncDecl) -> bool {
    use itab_ir::program::Context;
    let receiver = matches!(decl.context, Context::Receiver(_) | Context::ReceiverAddr(_));
    decl.params.is_empty() && !receiver
}

fn func_info(p: &Placed<'_>, program: &IrProgram, symbols: &dyn Symbols) -> FuncInfo {
    let mut files: Vec<Arc<str>> = vec![];
    let mut line_of = |pos: u32| -> (u32, u32) {
        let Some(found) = symbols.source_line(pos) else { return (0, 0) };
        let file = files.iter().position(|f| *f == found.file).unwrap_or_else(|| {
            files.push(found.file);
            files.len() - 1
        });
        (file as u32, found.line)
    };
    let decl = p.id.map(|id| program.func(id));
    let (_, start_line) = line_of(decl.map_or(0, |d| d.pos));
    let mut lines = vec![];
    // A stub has no source: it is at the line of its declaration.
    let native = decl.is_some_and(|d| d.kind == itab_ir::program::FuncKind::Native);
    for l in p.code.lines.iter().filter(|_| !native) {
        let (file, line) = line_of(l.pos);
        lines.push(LineEntry { pc: l.offset, file, line, inlined: l.inlined });
    }
    let mut inlined = vec![];
    for i in &p.code.inlined {
        let (file, line) = line_of(i.call_pos);
        inlined.push(InlinedCall { name: program.func(i.func).name.to_string(), parent: i.parent, file, line });
    }
    FuncInfo {
        name: decl.map_or(String::new(), |d| d.name.to_string()),
        files,
        start_line,
        lines,
        inlined,
        traps: p.code.traps.iter().map(|t| (t.offset, t.code)).collect(),
        wrapper: decl.is_some_and(|d| d.kind == itab_ir::program::FuncKind::Wrapper || is_glue(&d.name)),
        nullary: decl.is_some_and(is_nullary),
        frameless: p.code.frameless,
    }
}
