//! Assignments of every form to places: what is received, looked up, asserted, ranged over or returned by a call goes
//! straight to a field, an element, or what a pointer points to.

use super::body::{Body, Var};
use super::types::{BOOL, INT, K, STRING, T};

impl Body<'_> {
    /// A value that is there before the place is evaluated.
    fn ready(&mut self, t: T) -> String {
        let x = self.ex(t, 1);
        let (v, ty) = (self.g.fresh("x"), self.g.ts.text(t).to_string());
        self.line(format!("{v} := as[{ty}]({x})\n_ = {v}"));
        v
    }

    /// An assignment that is no plain one.
    pub fn assign_form(&mut self) {
        let Some(p) = (0..6).find_map(|_| self.any_spot().filter(|p| p.assign)) else { return };
        let (t, p) = (p.ty, p.s);
        let ty = self.g.ts.text(t).to_string();
        let (x, ok) = (self.ready(t), self.g.fresh("ok"));
        self.line(format!("var {ok} bool\n_ = {ok}"));
        match self.g.rng.below(10) {
            0 => self.line(format!("{p}, {ok} = map[string]{ty}{{\"k\": {x}}}[\"k\"]")),
            1 => self.line(format!("{p}, {ok} = any({x}).({ty})")),
            2 => self.line(format!("{p}, {ok} = func() ({ty}, bool) {{\nreturn {x}, true\n}}()")),
            3 => {
                let n = self.g.rng.range(0, 3);
                self.range_into(&format!("_, {p} = range []{ty}{{{}}}", vec![x; n].join(", ")));
            }
            4 if !self.pure => self.range_into(&format!("_, {p} = range upto[{ty}](2, {x})")),
            5 if t == INT => self.range_into(&format!("{p} = range 3")),
            5 => self.line(format!("_, {p} = 0, {x}")),
            6 => self.line(format!("func() {{\n{p} = {x}\n}}()")),
            _ => self.receive_into(&p, &x, &ok, &ty),
        }
        self.line(format!("show(2, {ok})"));
        self.vars.push(Var { name: ok, ty: BOOL, assign: true });
    }

    fn range_into(&mut self, clause: &str) {
        self.line(format!("for {clause} {{"));
        self.small_block_no_break();
        self.line("}");
    }

    fn receive_into(&mut self, p: &str, x: &str, ok: &str, ty: &str) {
        let c = self.g.fresh("c");
        self.line(format!("{c} := make(chan {ty}, 2)\n{c} <- {x}"));
        match self.g.rng.below(5) {
            0 => self.line(format!("{p} = <-{c}")),
            1 => self.line(format!("{p}, {ok} = <-{c}")),
            2 => self.line(format!("select {{\ncase {p} = <-{c}:\ndefault:\n}}")),
            3 => self.line(format!("select {{\ncase {p}, {ok} = <-{c}:\n}}")),
            _ => {
                self.line(format!("close({c})"));
                self.range_into(&format!("{p} = range {c}"));
            }
        }
    }

    /// Fields found in embedded ones, by all that changes a place. The variable itself is not assigned.
    pub fn assign_promoted(&mut self) {
        let fits = |b: &Self, t: T| !b.g.ts.promoted(t).is_empty();
        let vars: Vec<Var> = self.vars.iter().filter(|v| fits(self, v.ty)).cloned().collect();
        if vars.is_empty() {
            return;
        }
        let v = self.g.rng.pick(&vars).clone();
        let list: Vec<_> = self.g.ts.promoted(v.ty).into_iter().filter(|f| f.1 || v.assign).collect();
        if list.is_empty() {
            return;
        }
        let (f, g) = (self.g.rng.pick(&list).0.clone(), self.g.rng.pick(&list).0.clone());
        let (p, q) = (format!("{}.{}", v.name, f.name), format!("{}.{}", v.name, g.name));
        let (x, y) = (self.ready(f.ty), self.ready(g.ty));
        let closure = self.g.rng.pct(25);
        if closure {
            self.line("func() {");
        }
        let number = matches!(self.g.ts.kind(f.ty), K::Int(..) | K::Float(_));
        match self.g.rng.below(6) {
            0 if number => self.line(format!("{p}++")),
            1 if number => self.line(format!("{p} -= {x}")),
            0 | 1 if f.ty == STRING => self.line(format!("{p} += cut({x}, 0, 3)")),
            // The same pointer leads to both, or what panics first is open.
            2 | 3 if f.embedded == g.embedded => self.line(format!("{p}, {q} = {x}, {y}")),
            4 => self.line(format!("{p}, _ = {x}, {y}")),
            _ => self.line(format!("{p} = {x}")),
        }
        if closure {
            self.line("}()");
        }
        self.line(format!("show(3, {})", v.name));
    }
}
