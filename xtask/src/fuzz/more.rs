//! Statements about single features of the language: variadic calls, anonymous structs, shadowing, recursion of function
//! literals, ranges over maps and pointers to arrays, slices converted to arrays, constants, generic methods, new forms of
//! old statements.

use super::body::{Body, Var};
use super::types::{BOOL, FLOAT64, INT, K, STRING, T};

impl Body<'_> {
    /// One of them.
    pub fn more_stmt(&mut self) {
        match self.g.rng.below(18) {
            0 => self.variadic_call(),
            1 => self.anonymous_struct(),
            2 => self.shadow(),
            3 => self.recursion(),
            4 => self.range_map(),
            5 => self.slice_to_array(),
            6 => self.constants(),
            7 => self.generic_method(),
            8 => self.range_pointer(),
            9 => self.swap_elements(),
            10 => self.runtime_error(),
            11..=13 => self.assign_form(),
            14 => self.assign_promoted(),
            15 | 16 => self.raw_memory(),
            _ => self.pipeline(),
        }
    }

    fn variadic_call(&mut self) {
        if self.g.variadics.is_empty() {
            return;
        }
        let (name, first, elem) = self.g.rng.pick(&self.g.variadics.clone()).clone();
        let x = self.ex(first, 2);
        let slice = self.g.ts.slice(elem);
        let rest = match self.g.rng.below(3) {
            0 => format!(", {}...", self.no_const(slice, 1).s),
            _ => {
                let n = self.g.rng.below(4);
                (0..n).map(|_| format!(", {}", self.ex(elem, 1))).collect()
            }
        };
        match self.g.rng.below(5) {
            0 => self.line(format!("defer {name}({x}{rest})")),
            _ => self.line(format!("show(3, {name}({x}{rest}))")),
        }
    }

    fn anonymous_struct(&mut self) {
        let (a, b) = (self.g.value_type(), self.g.value_type());
        let (ta, tb) = (self.g.ts.text(a).to_string(), self.g.ts.text(b).to_string());
        let (x, y) = (self.ex(a, 2), self.ex(b, 2));
        let v = self.g.fresh("v");
        self.line(format!("{v} := struct {{\na {ta}\nb {tb}\n}}{{{x}, {y}}}\n_ = {v}"));
        if self.g.ts.comparable(a) && self.g.ts.comparable(b) {
            let w = self.g.fresh("v");
            let x = self.ex(a, 1);
            self.line(format!("{w} := {v}\n{w}.a = {x}"));
            self.line(format!("show(3, {v} == {w})\nshow(2, any({v}) == any({w}))"));
        }
        self.vars.push(Var { name: format!("{v}.a"), ty: a, assign: true });
        self.vars.push(Var { name: format!("{v}.b"), ty: b, assign: true });
    }

    /// A block with a variable that hides another one.
    fn shadow(&mut self) {
        let i = self.g.rng.below(self.vars.len().max(1));
        let Some(v) = self.vars.get(i).cloned() else { return };
        // A hidden result cannot be returned by a bare return.
        if v.name.contains('.') || self.named.contains(&v.name) || self.g.globals.iter().any(|g| g.name == v.name) {
            return;
        }
        let text = self.g.ts.text(v.ty).to_string();
        self.line(format!("{{\n{0} := as[{text}]({0})", v.name));
        self.use_var(&v.name, v.ty);
        let was = std::mem::replace(&mut self.vars[i].assign, true);
        self.small_block();
        self.vars[i].assign = was;
        self.line(format!("}}\nshow(2, {})", v.name));
    }

    fn recursion(&mut self) {
        let t = self.g.value_type();
        let (f, n, ty) = (self.g.fresh("rec"), self.g.fresh("n"), self.g.ts.text(t).to_string());
        self.line(format!("var {f} func({n} int) {ty}\n{f} = func({n} int) {ty} {{\nburn()"));
        let mark = self.vars.len();
        self.vars.push(Var { name: n.clone(), ty: INT, assign: false });
        let saved = self.enter_func(&[t]);
        let base = self.ex(t, 2);
        self.line(format!("if {n} <= 0 {{\nreturn {base}\n}}"));
        self.small_block();
        self.line(format!("return {f}({n} - 1)\n}}"));
        self.leave_func(saved);
        self.vars.truncate(mark);
        let depth = self.g.rng.below(5);
        self.line(format!("show(3, {f}({depth}))"));
    }

    fn range_map(&mut self) {
        let m = self.g.map_type();
        let K::Map(k, e) = *self.g.ts.kind(m) else { return };
        let x = self.no_const(m, 2).s;
        let (sum, n) = (self.g.fresh("sum"), self.g.fresh("n"));
        let (ki, vi) = (self.g.fresh("k"), self.g.fresh("v"));
        self.line(format!("{n}, {sum} := 0, uint64(0)\nfor {ki}, {vi} := range ({x}) {{\n{n}++"));
        for (name, t) in [(ki, k), (vi, e)] {
            match self.g.ts.kind(t) {
                K::Int(..) => self.line(format!("{sum} += uint64({name})")),
                K::Str => self.line(format!("{sum} += uint64(len({name}))")),
                _ => self.line(format!("_ = {name}")),
            }
        }
        self.line(format!("}}\nshow(2, {n})\nshow(2, {sum})"));
    }

    fn slice_to_array(&mut self) {
        let a = self.g.array_type();
        let K::Array(n, e) = *self.g.ts.kind(a) else { return };
        let slice = self.g.ts.slice(e);
        let (s, ty) = (self.no_const(slice, 2).s, self.g.ts.text(a).to_string());
        let v = self.g.fresh("v");
        if self.g.rng.pct(50) {
            self.line(format!("{v} := ({ty})({s})"));
        } else {
            let k = self.g.rng.below(n);
            let x = self.ex(e, 1);
            self.line(format!("{v} := (*{ty})({s})\n{v}[{k}] = {x}"));
            self.line(format!("show(2, *{v})"));
            return;
        }
        self.vars.push(Var { name: v.clone(), ty: a, assign: true });
        self.line(format!("show(2, {v})"));
    }

    fn constants(&mut self) {
        let t = self.g.int_type();
        let (a, b, ty) = (self.g.fresh("k"), self.g.fresh("k"), self.g.ts.text(t).to_string());
        let step = self.g.rng.range(1, 9);
        self.line(format!("const (\n{a} {ty} = iota * {step} + 1\n{b}\n)"));
        self.line(format!("show(1, {a}<<2|{b})\nshow(1, id({a})-{b})"));
        // As variables: gc folds what is made of constants, and rejects what overflows.
        self.declare(t, Some(a));
        self.declare(t, Some(b));
    }

    /// A method with type parameters of its own, called and taken as a value.
    fn generic_method(&mut self) {
        let (t, u) = (self.g.value_type(), self.g.value_type());
        let (tt, tu) = (self.g.ts.text(t).to_string(), self.g.ts.text(u).to_string());
        let (x, y) = (self.ex(t, 2), self.ex(u, 2));
        let v = self.g.fresh("v");
        self.line(format!("{v} := box[{tt}]{{val: {x}}}"));
        if self.g.rng.pct(50) {
            let call = format!("{v}.with[{tu}]({y})");
            self.line(format!("show(3, {call}.second)\nshow(3, {call}.first)"));
        } else {
            let f = self.g.fresh("mv");
            self.line(format!(
                "{f} := {v}.with[{tu}]\n{v}.val = *new({tt})\nshow(3, {f}({y}).second)\nshow(3, {f}({y}).first)"
            ));
        }
        self.vars.push(Var { name: format!("{v}.val"), ty: t, assign: true });
    }

    fn range_pointer(&mut self) {
        let a = self.g.array_type();
        let Some(p) = self.spot(a, true).filter(|p| p.addr) else { return };
        let K::Array(n, e) = *self.g.ts.kind(a) else { return };
        let (i, v) = (self.g.fresh("i"), self.g.fresh("v"));
        let x = self.ex(e, 1);
        self.line(format!(
            "for {i}, {v} := range &{0} {{\n{0}[({i}+1)%{n}] = {v}\nif {i} == 1 {{\n{0}[0] = {x}\n}}\n}}",
            p.s
        ));
        self.line(format!("show(2, {})", p.s));
    }

    /// Elements and variables assigned at once, their operands plain.
    fn swap_elements(&mut self) {
        let t = self.g.value_type();
        let (s, ty) = (self.g.fresh("s"), self.g.ts.text(t).to_string());
        let list: Vec<String> = (0..3).map(|_| self.ex(t, 1)).collect();
        let i = self.g.fresh("i");
        self.line(format!("{s}, {i} := [3]{ty}{{{}}}, 0", list.join(", ")));
        let swap = match self.g.rng.below(4) {
            0 => format!("{s}[0], {s}[1], {s}[2] = {s}[1], {s}[2], {s}[0]"),
            1 => format!("{i}, {s}[{i}] = 2, {s}[{i}+1]"),
            2 => format!("{s}[{i}], {i} = {s}[2], 1"),
            _ => format!("{i}, {s}[1], {s}[{i}] = 2, {s}[{i}], {s}[1]"),
        };
        self.line(swap);
        self.line(format!("show(2, {i})\nfor _, e := range {s} {{\nshow(2, e)\n}}"));
    }

    /// What panics, each in its own words.
    fn runtime_error(&mut self) {
        let t = self.g.value_type();
        let (v, ty) = (self.g.fresh("e"), self.g.ts.text(t).to_string());
        let n = self.g.rng.below(7);
        self.line("try(func() {");
        match self.g.rng.below(8) {
            0 => self.line(format!("var {v} map[int]{ty}\n{v}[{n}] = *new({ty})")),
            1 => self.line(format!("{v} := make(chan {ty}, 1)\nclose({v})\n{v} <- *new({ty})")),
            2 => self.line(format!(
                "{v} := make([]{ty}, 2, 5)\nshow(2, len({v}[id({n}):]))\nshow(2, cap({v}[1:2:id({n})]))"
            )),
            3 => self.line(format!(
                "{v} := id({n}) - 4\nshow(1, 7<<{v})\nshow(1, 7/({v}+1))\nshow(1, len(make([]{ty}, {v})))"
            )),
            4 => self.line(format!(
                "{v} := map[any]{ty}{{}}\n{v}[1] = *new({ty})\nshow(1, len({v}))\n{v}[[]int{{1}}] = *new({ty})"
            )),
            5 => self.line(format!("var {v} func() {ty}\nshow(2, {v}())")),
            6 => self.line(format!("{v} := any([]{ty}{{}})\nshow(1, {v} == any(1))\nshow(1, {v} == {v})")),
            _ => self.line(format!(
                "{v} := \"héllo\"\nshow(1, {v}[id({n}):])\nshow(1, {v}[id({n})])\nshow(1, {v}[id({n}):id(3)])"
            )),
        }
        self.line("})");
    }

    /// Goroutines in a row; what is sent is made before.
    fn pipeline(&mut self) {
        let t = self.g.value_type();
        let (a, b, x) = (self.g.fresh("c"), self.g.fresh("c"), self.g.fresh("x"));
        let ty = self.g.ts.text(t).to_string();
        let value = self.ex(t, 2);
        let (n, room) = (self.g.rng.range(1, 4), self.g.rng.below(3));
        self.line(format!("{a}, {b}, {x} := make(chan {ty}, {room}), make(chan {ty}), as[{ty}]({value})"));
        self.line(format!("go func() {{\ndefer close({a})\nfor range {n} {{\n{a} <- {x}\n}}\n}}()"));
        self.line(format!("go func() {{\ndefer close({b})\nfor v := range {a} {{\n{b} <- v\n}}\n}}()"));
        self.line(format!("for v := range {b} {{\nshow(2, v)\n}}"));
    }

    /// An expression with complex numbers.
    pub fn complex_part(&mut self, d: usize) -> String {
        let c = self.no_const(FLOAT64 + 1, d).s;
        if self.g.rng.pct(50) { format!("real({c})") } else { format!("imag({c})") }
    }

    /// The condition of a statement: mostly a comparison of strings or numbers.
    pub fn condition(&mut self) -> String {
        let t = if self.g.rng.pct(50) { STRING } else { BOOL };
        let x = self.no_const(t, 2).s;
        if t == BOOL { x } else { format!("({x}) < \"k\"") }
    }

    /// A variable or a literal: nothing that may panic.
    pub fn plain(&mut self, t: T) -> String {
        let direct: Vec<String> =
            self.vars.iter().filter(|v| v.ty == t && !v.name.contains('.')).map(|v| v.name.clone()).collect();
        if !direct.is_empty() && self.g.rng.pct(70) {
            return self.g.rng.pick(&direct).clone();
        }
        let pure = std::mem::replace(&mut self.pure, true);
        self.nest += 4;
        let x = self.literal(t, 0).s;
        self.nest -= 4;
        self.pure = pure;
        x
    }
}
