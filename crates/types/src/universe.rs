//! The universe scope and package unsafe.
//!
//! The fixed type ids of `types` rest on the order in which this module creates types.

use itab_syntax::{Name, Pos};

use crate::constant::Value;
use crate::interface::Interface;
use crate::object::{BuiltinId, Func, ObjKind, Object, VarKind};
use crate::signature::Signature;
use crate::store::Store;
use crate::types::{BasicKind, Type};
use crate::typeset::{Terms, TypeSet};
use crate::{ObjId, ObjList, PkgId, TypeId};

impl Store {
    pub(crate) fn define_universe(&mut self) {
        self.unsafe_pkg = self.new_package("unsafe", Name::UNSAFE);
        self.pkgs[self.unsafe_pkg.index()].complete = true;
        self.define_types();
        self.define_error();
        self.define_comparable();
        self.define_values();
        for &id in BuiltinId::ALL {
            let pkg = id.is_unsafe().then_some(self.unsafe_pkg);
            self.predeclare(id.name(), ObjKind::Builtin(id), TypeId::INVALID, pkg);
        }
    }

    fn predeclare(&mut self, name: &str, kind: ObjKind, typ: TypeId, pkg: Option<PkgId>) -> ObjId {
        let name = self.names.intern(name);
        let mut obj = Object::new(kind, name, Pos::NONE, pkg);
        obj.typ = Some(typ);
        let o = self.new_obj(obj);
        let scope = match pkg {
            Some(p) => self.pkg(p).scope,
            None => self.universe,
        };
        self.insert(scope, o);
        o
    }

    fn define_types(&mut self) {
        for kind in BasicKind::ALL {
            let t = self.new_type(Type::Basic(kind));
            debug_assert_eq!(t, TypeId::basic(kind));
            match kind {
                BasicKind::Invalid => {}
                BasicKind::UnsafePointer => {
                    self.predeclare("Pointer", ObjKind::TypeName, t, Some(self.unsafe_pkg));
                }
                k if k.is_untyped() => {}
                k => {
                    self.predeclare(k.name(), ObjKind::TypeName, t, None);
                }
            }
        }
        let none = self.new_type(Type::Tuple(ObjList::EMPTY));
        debug_assert_eq!(none, TypeId::NO_VALUE);
        let top = Interface { complete: true, tset: Some(TypeSet::TOP), ..Interface::default() };
        let (empty, _) = self.new_interface(top);
        debug_assert_eq!(empty, TypeId::EMPTY_INTERFACE);
        let any = self.universe_type(Name::ANY);
        let (any, _) = self.new_alias(any, Some(empty));
        debug_assert_eq!(any, TypeId::ANY);
    }

    fn universe_type(&mut self, name: Name) -> ObjId {
        let o = self.new_obj(Object::new(ObjKind::TypeName, name, Pos::NONE, None));
        self.insert(self.universe, o);
        o
    }

    /// `type error interface{ Error() string }`
    fn define_error(&mut self) {
        let obj = self.universe_type(Name::ERROR);
        let (error, n) = self.new_named(obj);
        debug_assert_eq!(error, TypeId::ERROR);
        let recv = self.new_var(VarKind::Recv, Name::EMPTY, Pos::NONE, None, Some(error));
        let res = self.new_var(VarKind::Result, Name::EMPTY, Pos::NONE, None, Some(TypeId::STRING));
        let results = self.new_obj_list(&[res]);
        let method = Func { is_method: true, ..Func::default() };
        let mut f = Object::new(ObjKind::Func(method), Name::ERROR_METHOD, Pos::NONE, None);
        // The ids of the next two types are not fixed, so the order matters no more from here on, but
        // `comparable` is: make it first.
        let f = {
            let o = self.universe_type(Name::COMPARABLE);
            let (c, _) = self.new_named(o);
            debug_assert_eq!(c, TypeId::COMPARABLE);
            f.typ = Some(self.new_signature(Signature { recv: Some(recv), results, ..Signature::default() }));
            self.new_obj(f)
        };
        let methods = self.new_obj_list(&[f]);
        let tset = TypeSet { methods, ..TypeSet::TOP };
        let iface = Interface { methods, complete: true, tset: Some(tset), ..Interface::default() };
        let (iface, _) = self.new_interface(iface);
        let named = &mut self.nameds[n.index()];
        named.from_rhs = Some(iface);
        named.underlying = Some(iface);
    }

    fn define_comparable(&mut self) {
        let tset = TypeSet { methods: ObjList::EMPTY, terms: Terms::All, comparable: true };
        let iface = Interface { complete: true, tset: Some(tset), is_comparable: true, ..Interface::default() };
        let (iface, _) = self.new_interface(iface);
        let Type::Named(n) = self.ty(TypeId::COMPARABLE) else { unreachable!("fixed id") };
        let named = &mut self.nameds[n.index()];
        named.from_rhs = Some(iface);
        named.underlying = Some(iface);
    }

    fn define_values(&mut self) {
        for (name, value) in [("true", true), ("false", false)] {
            self.predeclare(name, ObjKind::Const(Value::Bool(value)), TypeId::UNTYPED_BOOL, None);
        }
        self.iota = self.predeclare("iota", ObjKind::Const(Value::Int(0)), TypeId::UNTYPED_INT, None);
        self.predeclare("nil", ObjKind::Nil, TypeId::UNTYPED_NIL, None);
    }
}
