//! Instantiation cycles: programs whose generic types or functions would need infinitely many instances.
//!
//! A graph has a vertex for each type parameter (and each local type that depends on some), and an edge
//! for each place where a type argument flows into a type parameter; its weight is 1 if the argument
//! wraps the source in another type, else 0. A cycle of positive weight needs infinitely many instances.

use itab_syntax::{Pos, Span};
use rustc_hash::FxHashMap;

use crate::check::Checker;
use crate::errors::codes;
use crate::object::ObjKind;
use crate::types::Type;
use crate::{NamedId, ObjId, ObjList, TypeId};

#[derive(Default)]
struct Vertex {
    weight: u32,
    pre: usize,
    len: usize,
    obj: Option<ObjId>,
}

struct Edge {
    dst: usize,
    src: usize,
    weight: u32,
    pos: Pos,
    typ: TypeId,
}

/// The graph of one package.
#[derive(Default)]
pub(crate) struct Mono {
    vertices: Vec<Vertex>,
    edges: Vec<Edge>,
    /// Receiver type parameters to those of the type's declaration.
    canon: FxHashMap<TypeId, TypeId>,
    index: FxHashMap<ObjId, Option<usize>>,
}

impl<'a> Checker<'a> {
    /// A method's receiver type parameter stands for one of the type's declaration.
    pub(crate) fn mono_canon(&mut self, mpar: TypeId, tpar: TypeId) {
        self.mono.canon.insert(mpar, tpar);
    }

    /// Type arguments flow into type parameters. `at` has the arguments' positions as far as there are.
    pub(crate) fn mono_record(&mut self, pos: Pos, tparams: &[TypeId], targs: &[TypeId], at: &[Pos]) {
        for (i, (&p, &t)) in tparams.iter().zip(targs).enumerate() {
            let pos = at.get(i).copied().unwrap_or(pos);
            let own = self.s.type_name(p).is_some_and(|o| self.s.obj(o).pkg == Some(self.pkg));
            if own {
                self.mono_assign(pos, p, t, t, 0);
            }
        }
    }

    fn mono_flow(&mut self, pos: Pos, tpar: TypeId, src: usize, typ: TypeId, targ: TypeId) {
        let weight = u32::from(typ != targ);
        let dst = self.mono_tparam(tpar);
        self.mono.edges.push(Edge { dst, src, weight, pos, typ: targ });
    }

    fn mono_assign(&mut self, pos: Pos, tpar: TypeId, targ: TypeId, typ: TypeId, depth: u32) {
        if depth > 100 {
            return;
        }
        let d = depth + 1;
        let t = self.s.unalias(typ);
        match self.s.ty(t) {
            Type::TypeParam(_) => {
                let src = self.mono_tparam(t);
                self.mono_flow(pos, tpar, src, t, targ);
            }
            Type::Named(n) => {
                let orig = self.s.origin_id(n);
                if let Some(src) = self.mono_local(orig) {
                    self.mono_flow(pos, tpar, src, t, targ);
                }
                let l = if self.s.named(n).open { self.s.named(n).targs } else { crate::TypeList::EMPTY };
                for i in 0..l.len() {
                    let a = self.s.type_at(l, i);
                    self.mono_assign(pos, tpar, targ, a, d);
                }
            }
            Type::Array { elem, .. } | Type::Chan { elem, .. } | Type::Pointer(elem) | Type::Slice(elem) => {
                self.mono_assign(pos, tpar, targ, elem, d);
            }
            Type::Map { key, elem } => {
                self.mono_assign(pos, tpar, targ, key, d);
                self.mono_assign(pos, tpar, targ, elem, d);
            }
            Type::Interface(i) => {
                let methods = self.s.type_set(i).methods;
                self.mono_vars(pos, tpar, targ, methods, d);
            }
            Type::Signature(s) => {
                let (params, results) = (self.s.sig(s).params, self.s.sig(s).results);
                self.mono_vars(pos, tpar, targ, params, d);
                self.mono_vars(pos, tpar, targ, results, d);
            }
            Type::Struct(s) => {
                let fields = self.s.struct_(s).fields;
                self.mono_vars(pos, tpar, targ, fields, d);
            }
            Type::Basic(_) | Type::Tuple(_) | Type::Union(_) | Type::Alias(_) => {}
        }
    }

    fn mono_vars(&mut self, pos: Pos, tpar: TypeId, targ: TypeId, l: ObjList, depth: u32) {
        for i in 0..l.len() {
            let t = self.s.obj_type(self.s.obj_at(l, i));
            self.mono_assign(pos, tpar, targ, t, depth);
        }
    }

    fn mono_tparam(&mut self, t: TypeId) -> usize {
        let t = self.mono.canon.get(&t).copied().unwrap_or(t);
        let Some(obj) = self.s.type_name(t) else { return 0 };
        if let Some(&Some(i)) = self.mono.index.get(&obj) {
            return i;
        }
        self.mono.vertices.push(Vertex { obj: Some(obj), ..Vertex::default() });
        let i = self.mono.vertices.len() - 1;
        self.mono.index.insert(obj, Some(i));
        i
    }

    /// The vertex of a type declared in a generic function.
    fn mono_local(&mut self, n: NamedId) -> Option<usize> {
        let obj = self.s.named(n).obj;
        let o = self.s.obj(obj);
        let root = self.s.pkg(self.pkg).scope;
        if o.pkg != Some(self.pkg) || o.parent == Some(root) || o.parent.is_none() {
            return None;
        }
        if let Some(&known) = self.mono.index.get(&obj) {
            return known;
        }
        let pos = o.pos;
        let mut found = None;
        let mut at = o.parent;
        while let Some(id) = at.filter(|&id| id != root) {
            let elems: Vec<_> = self.s.scope(id).iter().map(|e| e.1).collect();
            for e in elems {
                let eo = self.s.obj(e);
                let is_tparam = matches!(eo.kind, ObjKind::TypeName)
                    && eo.pos < pos
                    && matches!(eo.typ.map(|t| self.s.ty(t)), Some(Type::TypeParam(_)));
                if let (true, Some(t)) = (is_tparam, eo.typ) {
                    let dst = *found.get_or_insert_with(|| {
                        self.mono.vertices.push(Vertex { obj: Some(obj), ..Vertex::default() });
                        self.mono.vertices.len() - 1
                    });
                    let src = self.mono_tparam(t);
                    self.mono.edges.push(Edge { dst, src, weight: 1, pos, typ: t });
                }
            }
            at = self.s.scope(id).parent;
        }
        self.mono.index.insert(obj, found);
        found
    }

    /// Looks for a cycle of positive weight (Bellman-Ford) and reports it.
    pub(crate) fn monomorph(&mut self) {
        let n = self.mono.vertices.len();
        let mut again = true;
        while again {
            again = false;
            for i in 0..self.mono.edges.len() {
                let e = &self.mono.edges[i];
                let (src, dst) = (e.src, e.dst);
                let w = self.mono.vertices[src].weight + e.weight;
                if w <= self.mono.vertices[dst].weight {
                    continue;
                }
                let len = self.mono.vertices[src].len + 1;
                let v = &mut self.mono.vertices[dst];
                v.pre = i;
                v.len = len;
                if len == n {
                    self.report_instance_loop(dst);
                    return;
                }
                v.weight = w;
                again = true;
            }
        }
    }

    fn report_instance_loop(&mut self, mut v: usize) {
        let mut stack = Vec::new();
        let mut seen = vec![false; self.mono.vertices.len()];
        while !seen[v] {
            stack.push(v);
            seen[v] = true;
            v = self.mono.edges[self.mono.vertices[v].pre].src;
        }
        let start = stack.iter().position(|&x| x == v).unwrap_or(0);
        let Some(obj0) = self.mono.vertices[v].obj else { return };
        let mut parts = vec![(Span::at(self.s.obj(obj0).pos), "instantiation cycle:".to_string())];
        for &v in &stack[start..] {
            let e = &self.mono.edges[self.mono.vertices[v].pre];
            let Some(obj) = self.mono.vertices[e.dst].obj else { continue };
            let is_tparam = matches!(self.s.ty(self.s.obj_type(obj)), Type::TypeParam(_));
            let what = if is_tparam { "instantiated as" } else { "implicitly parameterized by" };
            parts.push((Span::at(e.pos), format!("{} {what} {}", self.name_of(obj), self.ts(e.typ))));
        }
        self.report(codes::INVALID_INSTANCE_CYCLE, parts);
    }
}
