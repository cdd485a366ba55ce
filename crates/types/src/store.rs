//! The store: all types, objects, scopes and packages of one checked world, in arenas.
//!
//! Ids are global to a store, so packages that were checked one after the other share types freely.
//! A store only grows while its packages live. Reading needs `&Store`; what may have to expand an
//! instantiated type or compute a type set takes `&mut Store`. It is `Send`, and shared behind a lock.

use std::sync::Arc;

use itab_syntax::{Diagnostic, FileSet, Name, Names, Pos};
use rustc_hash::FxHashMap;

use crate::interface::Interface;
use crate::named::{Alias, Named, TParam};
use crate::object::{ObjKind, Object, Var, VarKind};
use crate::package::Package;
use crate::scope::Scope;
use crate::signature::Signature;
use crate::struct_::Struct;
use crate::types::{ChanDir, Term, TermList, Type};
use crate::{AliasId, IfaceId, NamedId, ObjId, ObjList, PkgId, ScopeId, SigId, StructId, TParamId, TypeId, TypeList};

/// A checked world.
#[derive(Clone)]
pub struct Store {
    pub(crate) names: Names,
    pub(crate) fset: Arc<FileSet>,
    pub(crate) types: Vec<Type>,
    pub(crate) nameds: Vec<Named>,
    pub(crate) aliases: Vec<Alias>,
    pub(crate) structs: Vec<Struct>,
    pub(crate) sigs: Vec<Signature>,
    pub(crate) ifaces: Vec<Interface>,
    pub(crate) tparams: Vec<TParam>,
    pub(crate) objs: Vec<Object>,
    pub(crate) scopes: Vec<Scope>,
    pub(crate) pkgs: Vec<Package>,
    obj_lists: Vec<ObjId>,
    type_lists: Vec<TypeId>,
    term_lists: Vec<Term>,
    /// Hash-consed composite types.
    consed: FxHashMap<Type, TypeId>,
    /// Instances of generic types by origin and hash of the type arguments.
    pub(crate) instances: FxHashMap<(TypeId, u64), Vec<TypeId>>,
    /// Where the type that is being instantiated is mentioned.
    pub(crate) instance_pos: Pos,
    pub(crate) by_path: FxHashMap<Arc<str>, PkgId>,
    pub(crate) universe: ScopeId,
    pub(crate) unsafe_pkg: PkgId,
    pub(crate) iota: ObjId,
    /// Whether a name is exported, by its index: 0 not yet known, 1 no, 2 yes.
    exported: Vec<u8>,
    /// Checked bodies of declared functions.
    pub(crate) bodies: FxHashMap<ObjId, Arc<crate::api::CheckedBody>>,
    /// What is wrong with the packages checked so far.
    pub diagnostics: Vec<Diagnostic>,
    /// Where an `unsafe.Pointer` was first converted to another pointer, until it is taken.
    pub unsafe_conversion: Option<Pos>,
}

impl Store {
    /// A store with the universe and package unsafe.
    pub fn new(names: Names, fset: Arc<FileSet>) -> Store {
        let mut s = Store {
            names,
            fset,
            types: Vec::new(),
            nameds: Vec::new(),
            aliases: Vec::new(),
            structs: Vec::new(),
            sigs: Vec::new(),
            ifaces: Vec::new(),
            tparams: Vec::new(),
            objs: Vec::new(),
            scopes: vec![Scope::default()],
            pkgs: Vec::new(),
            obj_lists: Vec::new(),
            type_lists: Vec::new(),
            term_lists: Vec::new(),
            consed: FxHashMap::default(),
            instances: FxHashMap::default(),
            instance_pos: Pos::NONE,
            by_path: FxHashMap::default(),
            universe: ScopeId::from_index(0),
            unsafe_pkg: PkgId::from_index(0),
            iota: ObjId::from_index(0),
            exported: Vec::new(),
            bodies: FxHashMap::default(),
            diagnostics: Vec::new(),
            unsafe_conversion: None,
        };
        s.define_universe();
        s
    }

    /// The interner of the world's names.
    pub fn names(&self) -> &Names {
        &self.names
    }

    /// The files that positions refer to.
    pub fn files(&self) -> &Arc<FileSet> {
        &self.fset
    }

    /// A name's text.
    pub fn text(&self, name: Name) -> &str {
        self.names.text(name)
    }

    /// Whether a name begins with an upper-case letter.
    pub fn is_exported(&mut self, name: Name) -> bool {
        let i = name.index();
        if i >= self.exported.len() {
            self.exported.resize(i + 1 + i / 2, 0);
        }
        if self.exported[i] == 0 {
            self.exported[i] = 1 + u8::from(is_exported(self.names.text(name)));
        }
        self.exported[i] == 2
    }

    /// The universe scope.
    pub fn universe(&self) -> ScopeId {
        self.universe
    }

    /// Package unsafe.
    pub fn unsafe_package(&self) -> PkgId {
        self.unsafe_pkg
    }

    // Reading.

    /// What a type is.
    #[inline]
    pub fn ty(&self, t: TypeId) -> Type {
        self.types[t.index()]
    }

    /// An object.
    #[inline]
    pub fn obj(&self, o: ObjId) -> &Object {
        &self.objs[o.index()]
    }

    /// An object, to change.
    #[inline]
    pub fn obj_mut(&mut self, o: ObjId) -> &mut Object {
        &mut self.objs[o.index()]
    }

    /// The variable's part of an object that is one.
    pub fn var(&self, o: ObjId) -> &Var {
        match &self.objs[o.index()].kind {
            ObjKind::Var(v) => v,
            k => panic!("not a variable: {k:?}"),
        }
    }

    /// The variable's part, to change.
    pub fn var_mut(&mut self, o: ObjId) -> &mut Var {
        match &mut self.objs[o.index()].kind {
            ObjKind::Var(v) => v,
            k => panic!("not a variable: {k:?}"),
        }
    }

    /// An object's type; `INVALID` before it is known.
    #[inline]
    pub fn obj_type(&self, o: ObjId) -> TypeId {
        self.objs[o.index()].typ.unwrap_or(TypeId::INVALID)
    }

    /// The objects of a list.
    #[inline]
    pub fn objs(&self, list: ObjList) -> &[ObjId] {
        &self.obj_lists[list.range()]
    }

    /// The `i`th object of a list.
    #[inline]
    pub fn obj_at(&self, list: ObjList, i: usize) -> ObjId {
        self.obj_lists[list.range()][i]
    }

    /// The types of a list.
    #[inline]
    pub fn type_list(&self, list: TypeList) -> &[TypeId] {
        &self.type_lists[list.range()]
    }

    /// The `i`th type of a list.
    #[inline]
    pub fn type_at(&self, list: TypeList, i: usize) -> TypeId {
        self.type_lists[list.range()][i]
    }

    /// The terms of a list.
    #[inline]
    pub fn terms(&self, list: TermList) -> &[Term] {
        &self.term_lists[list.range()]
    }

    /// A defined type's mutable part.
    #[inline]
    pub fn named(&self, n: NamedId) -> &Named {
        &self.nameds[n.index()]
    }

    /// An alias's mutable part.
    #[inline]
    pub fn alias(&self, a: AliasId) -> &Alias {
        &self.aliases[a.index()]
    }

    /// A struct's fields and tags.
    #[inline]
    pub fn struct_(&self, s: StructId) -> &Struct {
        &self.structs[s.index()]
    }

    /// A function type's parts.
    #[inline]
    pub fn sig(&self, s: SigId) -> &Signature {
        &self.sigs[s.index()]
    }

    /// An interface's parts.
    #[inline]
    pub fn iface(&self, i: IfaceId) -> &Interface {
        &self.ifaces[i.index()]
    }

    /// A type parameter's parts.
    #[inline]
    pub fn tparam(&self, p: TParamId) -> &TParam {
        &self.tparams[p.index()]
    }

    /// A scope.
    #[inline]
    pub fn scope(&self, s: ScopeId) -> &Scope {
        &self.scopes[s.index()]
    }

    /// A package.
    #[inline]
    pub fn pkg(&self, p: PkgId) -> &Package {
        &self.pkgs[p.index()]
    }

    /// The package with that import path, if it was checked or begun.
    pub fn package(&self, path: &str) -> Option<PkgId> {
        self.by_path.get(path).copied()
    }

    /// All packages.
    pub fn packages(&self) -> impl Iterator<Item = PkgId> + use<> {
        (0..self.pkgs.len()).map(PkgId::from_index)
    }

    // Building.

    /// A new type, not shared with any other.
    pub(crate) fn new_type(&mut self, t: Type) -> TypeId {
        self.types.push(t);
        TypeId::from_index(self.types.len() - 1)
    }

    fn cons(&mut self, t: Type) -> TypeId {
        if let Some(&id) = self.consed.get(&t) {
            return id;
        }
        let id = self.new_type(t);
        self.consed.insert(t, id);
        id
    }

    /// `*base`.
    pub fn new_pointer(&mut self, base: TypeId) -> TypeId {
        self.cons(Type::Pointer(base))
    }

    /// `[]elem`.
    pub fn new_slice(&mut self, elem: TypeId) -> TypeId {
        self.cons(Type::Slice(elem))
    }

    /// `[len]elem`.
    pub fn new_array(&mut self, elem: TypeId, len: i64) -> TypeId {
        self.cons(Type::Array { len, elem })
    }

    /// `map[key]elem`.
    pub fn new_map(&mut self, key: TypeId, elem: TypeId) -> TypeId {
        self.cons(Type::Map { key, elem })
    }

    /// A channel type.
    pub fn new_chan(&mut self, dir: ChanDir, elem: TypeId) -> TypeId {
        self.cons(Type::Chan { dir, elem })
    }

    /// A tuple of variables.
    pub fn new_tuple(&mut self, vars: &[ObjId]) -> TypeId {
        if vars.is_empty() {
            return TypeId::NO_VALUE;
        }
        let list = self.new_obj_list(vars);
        self.new_type(Type::Tuple(list))
    }

    /// A tuple with a list that exists already.
    pub fn tuple_of(&mut self, list: ObjList) -> TypeId {
        if list.is_empty() {
            return TypeId::NO_VALUE;
        }
        self.new_type(Type::Tuple(list))
    }

    /// A function type.
    pub fn new_signature(&mut self, sig: Signature) -> TypeId {
        self.sigs.push(sig);
        self.new_type(Type::Signature(SigId::from_index(self.sigs.len() - 1)))
    }

    /// A struct type.
    pub fn new_struct(&mut self, s: Struct) -> TypeId {
        self.structs.push(s);
        self.new_type(Type::Struct(StructId::from_index(self.structs.len() - 1)))
    }

    /// An interface type.
    pub(crate) fn new_interface(&mut self, i: Interface) -> (TypeId, IfaceId) {
        self.ifaces.push(i);
        let id = IfaceId::from_index(self.ifaces.len() - 1);
        (self.new_type(Type::Interface(id)), id)
    }

    /// A list of objects.
    pub fn new_obj_list(&mut self, list: &[ObjId]) -> ObjList {
        let start = self.obj_lists.len() as u32;
        self.obj_lists.extend_from_slice(list);
        ObjList { start, len: list.len() as u32 }
    }

    /// A list of types.
    pub fn new_type_list(&mut self, list: &[TypeId]) -> TypeList {
        let start = self.type_lists.len() as u32;
        self.type_lists.extend_from_slice(list);
        TypeList { start, len: list.len() as u32 }
    }

    /// A list of terms.
    pub fn new_term_list(&mut self, list: &[Term]) -> TermList {
        let start = self.term_lists.len() as u32;
        self.term_lists.extend_from_slice(list);
        TermList { start, len: list.len() as u32 }
    }

    /// A new object.
    pub fn new_obj(&mut self, obj: Object) -> ObjId {
        self.objs.push(obj);
        ObjId::from_index(self.objs.len() - 1)
    }

    /// A new variable.
    pub fn new_var(&mut self, kind: VarKind, name: Name, pos: Pos, pkg: Option<PkgId>, typ: Option<TypeId>) -> ObjId {
        let mut obj = Object::new(ObjKind::Var(Var::new(kind)), name, pos, pkg);
        obj.typ = typ;
        self.new_obj(obj)
    }

    /// A new scope inside `parent`.
    pub fn new_scope(&mut self, parent: Option<ScopeId>, pos: Pos) -> ScopeId {
        self.scopes.push(Scope::new(parent, pos));
        ScopeId::from_index(self.scopes.len() - 1)
    }

    /// A package without contents.
    pub fn new_package(&mut self, path: &str, name: Name) -> PkgId {
        let universe = self.universe;
        let scope = self.new_scope(Some(universe), Pos::NONE);
        let path: Arc<str> = path.into();
        self.pkgs.push(Package {
            path: path.clone(),
            name,
            scope,
            imports: Vec::new(),
            complete: false,
            fake: false,
            files: Vec::new(),
            objects: Vec::new(),
            init_order: Vec::new(),
            inits: Vec::new(),
        });
        let id = PkgId::from_index(self.pkgs.len() - 1);
        self.by_path.insert(path, id);
        id
    }

    /// Declares an object in a scope; returns the one that has the name already, if there is one.
    pub fn insert(&mut self, scope: ScopeId, o: ObjId) -> Option<ObjId> {
        let name = self.obj(o).name;
        let alt = self.scopes[scope.index()].insert(name, o);
        if alt.is_none() {
            let obj = self.obj_mut(o);
            if obj.parent.is_none() {
                obj.parent = Some(scope);
            }
        }
        alt
    }

    /// Looks a name up in a scope and those around it.
    pub fn lookup_parent(&self, scope: ScopeId, name: Name) -> Option<(ScopeId, ObjId)> {
        let mut at = Some(scope);
        while let Some(id) = at {
            let s = self.scope(id);
            if let Some(o) = s.lookup(name) {
                return Some((id, o));
            }
            at = s.parent;
        }
        None
    }
}

/// Whether an identifier begins with an upper-case letter.
pub fn is_exported(name: &str) -> bool {
    match name.as_bytes().first() {
        None => false,
        Some(b) if b.is_ascii() => b.is_ascii_uppercase(),
        Some(_) => name.chars().next().is_some_and(is_upper),
    }
}

/// Whether a character is of Unicode's category Lu, which is what Go means by upper case.
fn is_upper(c: char) -> bool {
    use unicode_general_category::{GeneralCategory, get_general_category};
    get_general_category(c) == GeneralCategory::UppercaseLetter
}
