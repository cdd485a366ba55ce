//! The order in which package-level variables are initialised.
//!
//! A variable depends on what its initial value refers to, directly or through functions. Variables are
//! taken in the order of their declaration, each as soon as all it depends on has been initialised. The
//! bodies of functions are looked at only if an initial value leads to them; those that were skipped are
//! checked now, because initialisation will run them anyway.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use itab_syntax::{ExprId, Span};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::api::Problems;
use crate::errors::codes;
use crate::object::ObjKind;
use crate::package::Initializer;
use crate::store::Store;
use crate::{ObjId, PkgId};

/// What the initial values of a package refer to.
#[derive(Default)]
pub(crate) struct Dependencies {
    /// By variable, constant or function whose body has been checked.
    pub(crate) of: FxHashMap<ObjId, Vec<ObjId>>,
    /// By variable: the variables initialised together with it, the file and the value.
    pub(crate) init: FxHashMap<ObjId, (Vec<ObjId>, u32, ExprId)>,
}

struct Node {
    obj: ObjId,
    /// How many of its dependencies are not initialised yet.
    open: usize,
    /// Nodes that depend on it.
    users: Vec<usize>,
    done: bool,
}

impl Store {
    /// Works out the order of initialisation; reports cycles.
    pub(crate) fn init_order(&mut self, pkg: PkgId, mut deps: Dependencies) {
        // Constants matter only where they depend on each other in a circle.
        let is_node = |s: &Store, o: ObjId| match s.obj(o).kind {
            ObjKind::Var(_) => true,
            ObjKind::Const(_) => deps.of.get(&o).is_some_and(|d| !d.is_empty()),
            _ => false,
        };
        let mut vars: Vec<ObjId> = self.pkg(pkg).objects.iter().copied().filter(|&o| is_node(self, o)).collect();
        vars.sort_by_key(|&o| !matches!(self.obj(o).kind, ObjKind::Const(_)));
        let index: FxHashMap<ObjId, usize> = vars.iter().enumerate().map(|(i, &v)| (v, i)).collect();
        let mut nodes: Vec<Node> =
            vars.iter().map(|&obj| Node { obj, open: 0, users: Vec::new(), done: false }).collect();
        for (i, &v) in vars.iter().enumerate() {
            for d in self.reach(v, &mut deps) {
                if let Some(&k) = index.get(&d) {
                    nodes[i].open += 1;
                    nodes[k].users.push(i);
                }
            }
        }
        let order = self.emit(&mut nodes, &deps);
        self.pkgs[pkg.index()].init_order = order;
    }

    /// The variables and constants that an initial value leads to, through functions.
    fn reach(&mut self, v: ObjId, deps: &mut Dependencies) -> FxHashSet<ObjId> {
        let mut found = FxHashSet::default();
        let mut seen = FxHashSet::default();
        let mut work = vec![v];
        while let Some(o) = work.pop() {
            for d in self.direct(o, deps) {
                match self.obj(d).kind {
                    ObjKind::Var(_) | ObjKind::Const(_) => {
                        found.insert(d);
                    }
                    ObjKind::Func(_) if seen.insert(d) => work.push(d),
                    _ => {}
                }
            }
        }
        found
    }

    fn direct(&mut self, o: ObjId, deps: &mut Dependencies) -> Vec<ObjId> {
        if let Some(d) = deps.of.get(&o) {
            return d.clone();
        }
        let mut found = Vec::new();
        if matches!(self.obj(o).kind, ObjKind::Func(_)) {
            let Problems(problems) = match self.check_body(o) {
                Some((body, problems)) => {
                    found = body.info.deps.clone();
                    problems
                }
                None => Problems::default(),
            };
            self.diagnostics.extend(problems);
        }
        deps.of.insert(o, found.clone());
        found
    }

    fn emit(&mut self, nodes: &mut [Node], deps: &Dependencies) -> Vec<Initializer> {
        let mut ready: BinaryHeap<Reverse<usize>> =
            (0..nodes.len()).filter(|&i| nodes[i].open == 0).map(Reverse).collect();
        let mut order = Vec::new();
        let mut emitted: FxHashSet<ObjId> = FxHashSet::default();
        loop {
            let i = match ready.pop() {
                Some(Reverse(i)) => i,
                None => {
                    // What is left depends on itself: report it and go on with the least entangled.
                    let left = (0..nodes.len()).filter(|&i| !nodes[i].done);
                    let Some(i) = left.min_by_key(|&i| (nodes[i].open, i)) else { break };
                    self.report_init_cycle(nodes[i].obj, deps);
                    i
                }
            };
            if std::mem::replace(&mut nodes[i].done, true) {
                continue;
            }
            for k in std::mem::take(&mut nodes[i].users) {
                nodes[k].open -= usize::from(nodes[k].open > 0);
                if nodes[k].open == 0 && !nodes[k].done {
                    ready.push(Reverse(k));
                }
            }
            let v = nodes[i].obj;
            if let Some((lhs, file, rhs)) = deps.init.get(&v)
                && lhs.iter().all(|&o| emitted.insert(o))
            {
                order.push(Initializer { lhs: lhs.clone(), file: *file, rhs: *rhs });
            }
        }
        order
    }

    fn report_init_cycle(&mut self, v: ObjId, deps: &Dependencies) {
        let mut seen = FxHashSet::default();
        let Some(cycle) = self.find_path(v, v, deps, &mut seen) else { return };
        let name = |s: &Store, o: ObjId| s.text(s.obj(o).name).to_string();
        let pos = self.obj(v).pos;
        let d = if cycle.len() == 1 {
            let msg = format!("initialization cycle: {} refers to itself", name(self, v));
            itab_syntax::Diagnostic::error(codes::INVALID_INIT_CYCLE, Span::at(pos), msg)
        } else {
            let msg = format!("initialization cycle for {}", name(self, v));
            let mut d = itab_syntax::Diagnostic::error(codes::INVALID_INIT_CYCLE, Span::at(pos), msg);
            let mut at = v;
            for &next in cycle.iter().rev() {
                let msg = format!("{} refers to {}", name(self, at), name(self, next));
                d = d.with(Span::at(self.obj(at).pos), msg);
                at = next;
            }
            d
        };
        self.diagnostics.push(d);
    }

    /// The path from one object to another along dependencies, last step first.
    fn find_path(
        &self,
        from: ObjId,
        to: ObjId,
        deps: &Dependencies,
        seen: &mut FxHashSet<ObjId>,
    ) -> Option<Vec<ObjId>> {
        if !seen.insert(from) {
            return None;
        }
        let mut next = deps.of.get(&from)?.clone();
        next.sort_by_key(|&o| self.obj(o).order);
        for d in next {
            if d == to {
                return Some(vec![d]);
            }
            if let Some(mut path) = crate::stack::deep(|| self.find_path(d, to, deps, seen)) {
                path.push(d);
                return Some(path);
            }
        }
        None
    }
}
