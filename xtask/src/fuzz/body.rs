//! Random function bodies.
//!
//! Every call and every iteration of a loop uses fuel. A program without fuel panics, so every program ends.

use super::program::Gen;
use super::types::{ANY, BOOL, INT, K, STRING, T};

/// A variable in scope.
#[derive(Clone)]
pub struct Var {
    pub name: String,
    pub ty: T,
    /// Whether it may be changed; loops' variables mostly may not.
    pub assign: bool,
}

/// A function while it is made.
pub struct Body<'g> {
    pub g: &'g mut Gen,
    pub vars: Vec<Var>,
    /// How deep function literals are nested.
    pub depth: usize,
    /// How deep literals are nested.
    pub nest: usize,
    /// How many more operations this statement may have.
    pub size: usize,
    /// Without calls and without fuel: what the compiler's passes work on most.
    pub pure: bool,
    /// The type parameter in scope.
    pub param: Option<T>,
    pub in_generic: bool,
    /// The signature of the last function literal.
    pub last_head: String,
    out: Vec<String>,
    results: Vec<T>,
    /// Names of the results.
    pub named: Vec<String>,
    /// Labels of the loops around, with whether they were used.
    loops: Vec<(String, bool)>,
    /// Whether a plain `break` leaves a loop or switch.
    breakable: usize,
    budget: usize,
}

/// What a function literal's body hides of the function around it.
pub struct Outer {
    loops: Vec<(String, bool)>,
    breakable: usize,
    results: Vec<T>,
    named: Vec<String>,
}

impl<'g> Body<'g> {
    /// A value without calls.
    pub fn value(g: &'g mut Gen, t: T) -> String {
        let mut b = Body::new(g, None);
        b.pure = true;
        b.literal(t, 2).s
    }

    fn new(g: &'g mut Gen, param: Option<T>) -> Body<'g> {
        Body {
            g,
            vars: vec![],
            depth: 0,
            nest: 0,
            pure: false,
            size: 0,
            param,
            in_generic: param.is_some(),
            last_head: String::new(),
            out: vec![],
            results: vec![],
            named: vec![],
            loops: vec![],
            breakable: 0,
            budget: 16,
        }
    }

    /// The body of a function with these parameters and results; yields its signature and its lines.
    pub fn function(
        g: &'g mut Gen,
        recv: Option<(&str, T)>,
        params: &[T],
        results: &[T],
        param: Option<T>,
    ) -> (String, String) {
        let mut b = Body::new(g, param);
        let globals = b.g.globals.clone();
        b.vars.extend(globals);
        if let Some((name, ty)) = recv {
            b.vars.push(Var { name: name.to_string(), ty, assign: true });
        }
        b.pure = !results.is_empty() && b.g.rng.pct(35);
        let body = b.func_lit_body(params, results);
        (b.last_head, body)
    }

    /// The body of a function literal; its signature is `last_head` then.
    pub fn func_lit_body(&mut self, params: &[T], results: &[T]) -> String {
        let saved_out = std::mem::take(&mut self.out);
        let saved_loops = std::mem::take(&mut self.loops);
        let breakable = std::mem::take(&mut self.breakable);
        let saved_results = std::mem::replace(&mut self.results, results.to_vec());
        let saved_named = std::mem::take(&mut self.named);
        let mark = self.vars.len();
        self.depth += 1;
        let mut ps = vec![];
        for &p in params {
            let name = self.g.fresh("a");
            ps.push(format!("{name} {}", self.g.ts.text(p)));
            self.vars.push(Var { name, ty: p, assign: true });
        }
        let mut head = format!("({})", ps.join(", "));
        if !results.is_empty() && self.g.rng.pct(35) {
            let mut rs = vec![];
            for &r in results {
                let name = self.g.fresh("r");
                rs.push(format!("{name} {}", self.g.ts.text(r)));
                self.vars.push(Var { name: name.clone(), ty: r, assign: true });
                self.named.push(name);
            }
            head += &format!(" ({})", rs.join(", "));
        } else {
            head += &self.g.ts.results(results);
        }
        self.burn();
        let n = if self.pure {
            self.g.rng.range(0, 3)
        } else if self.depth == 1 {
            self.g.rng.range(3, 8)
        } else {
            self.g.rng.range(0, 2)
        };
        self.stmts(n);
        if !results.is_empty() {
            self.return_stmt();
        }
        self.depth -= 1;
        self.vars.truncate(mark);
        self.named = saved_named;
        self.results = saved_results;
        self.breakable = breakable;
        self.loops = saved_loops;
        self.last_head = head;
        std::mem::replace(&mut self.out, saved_out).join("\n")
    }

    /// What may be called: text, parameters, results.
    pub fn callables(&mut self) -> Vec<(String, Vec<T>, Vec<T>)> {
        let mut out = self.g.funcs.clone();
        for v in &self.vars {
            if let K::Func(ps, rs) = self.g.ts.kind(v.ty) {
                out.push((v.name.clone(), ps.clone(), rs.clone()));
            }
        }
        out
    }

    pub fn line(&mut self, s: impl Into<String>) {
        self.out.push(s.into());
    }

    fn burn(&mut self) {
        if !self.pure {
            self.line("burn()");
        }
    }

    fn stmts(&mut self, n: usize) {
        for _ in 0..n {
            self.stmt();
        }
    }

    fn block(&mut self, n: usize) {
        let mark = self.vars.len();
        self.stmts(n);
        self.vars.truncate(mark);
    }

    pub fn small_block(&mut self) {
        let n = self.g.rng.range(1, 3);
        self.block(n);
    }

    /// A new variable, used so that gc accepts it.
    pub fn declare(&mut self, ty: T, value: Option<String>) -> String {
        let name = self.g.fresh("v");
        let text = self.g.ts.text(ty).to_string();
        match value {
            Some(x) if self.g.rng.pct(60) => self.line(format!("var {name} {text} = {x}")),
            Some(x) => self.line(format!("{name} := as[{text}]({x})")),
            None => self.line(format!("var {name} {text}")),
        }
        self.use_var(&name, ty);
        self.vars.push(Var { name: name.clone(), ty, assign: true });
        name
    }

    pub fn use_var(&mut self, name: &str, ty: T) {
        let sink = matches!(self.g.ts.kind(ty), K::Slice(_));
        self.line(if sink { format!("sink = {name}") } else { format!("_ = {name}") });
    }

    fn stmt(&mut self) {
        if self.pure && self.budget > 0 {
            return self.pure_stmt();
        }
        if self.budget == 0 {
            if self.pure {
                return;
            }
            let (t, d) = (self.closed_or_param(), self.g.rng.below(2));
            let x = self.ex(t, d);
            self.line(format!("show(3, {x})"));
            return;
        }
        self.budget -= 1;
        self.size = self.size.max(20);
        match self.g.rng.below(48) {
            0..=5 => {
                let t = self.closed_or_param();
                let x = if self.g.rng.pct(90) { Some(self.ex(t, 3)) } else { None };
                self.declare(t, x);
            }
            6..=9 => self.assign(),
            10 | 11 => {
                let t = self.closed_or_param();
                let x = self.ex(t, 2);
                self.line(format!("show(3, {x})"));
            }
            12 | 13 => self.if_stmt(),
            14 | 15 => self.for_stmt(),
            16 | 17 => self.range_stmt(),
            18 => self.switch_stmt(),
            19 => self.type_switch(),
            20 | 21 => self.defer_stmt(),
            22 => self.closure_stmt(),
            23 => self.call_stmt(),
            24 => self.leave(),
            25 => self.chan_stmt(),
            26 => self.container_stmt(),
            27 => self.comma_ok(),
            28 => self.select_stmt(),
            29 => self.goto_loop(),
            30 => {
                self.line("{");
                self.small_block();
                self.line("}");
            }
            31..=33 => {
                self.pure = true;
                if self.g.rng.pct(50) {
                    self.for_stmt()
                } else {
                    self.range_stmt()
                }
                self.pure = false;
            }
            34 | 35 => self.const_switch(),
            36 => self.closures_of_loop(),
            37 | 38 => {
                self.line("try(func() {");
                self.depth += 1;
                let results = std::mem::take(&mut self.results);
                let named = std::mem::take(&mut self.named);
                self.small_block_no_break();
                self.results = results;
                self.named = named;
                self.depth -= 1;
                self.line("})");
            }
            39..=46 => self.more_stmt(),
            _ => {
                let t = self.g.value_type();
                let x = self.ex(t, 2);
                self.line(format!("sink = any({x})"));
            }
        }
    }

    fn pure_stmt(&mut self) {
        self.budget -= 1;
        self.size = self.size.max(20);
        match self.g.rng.below(12) {
            0..=2 => {
                let t = self.closed_or_param();
                let x = self.ex(t, 3);
                self.declare(t, Some(x));
            }
            3..=6 => self.assign(),
            7 => self.if_stmt(),
            8 if self.loops.len() < 3 => self.for_stmt(),
            9 if self.loops.len() < 3 => self.range_stmt(),
            10 => self.const_switch(),
            11 => self.leave(),
            _ => self.assign(),
        }
    }

    /// A `fallthrough`, perhaps behind labels that are jumped to, perhaps before empty statements.
    fn fall_through(&mut self) {
        let labels: Vec<String> = (0..self.g.rng.below(3)).map(|_| self.g.fresh("F")).collect();
        for l in &labels {
            let c = self.condition();
            self.line(format!("if ({c}) {{\ngoto {l}\n}}"));
        }
        if !labels.is_empty() {
            self.line("{");
            self.small_block();
            self.line("}");
        }
        labels.iter().for_each(|l| self.line(format!("{l}:")));
        let end = self.g_pick(&["", "", ";", ";;"]);
        self.line(format!("fallthrough{end}"));
    }

    /// A switch over constants.
    fn const_switch(&mut self) {
        let t = if self.g.rng.pct(60) { self.g.int_type() } else { STRING };
        let is_int = t != STRING;
        let x = self.no_const(t, 2).s;
        self.line(if is_int { format!("switch ({x}) & 15 {{") } else { format!("switch ({x}) {{") });
        self.breakable += 1;
        let mut at = 0;
        let (n, default) = (self.g.rng.range(2, 7), self.g.rng.pct(50));
        for i in 0..n {
            at += self.g.rng.range(1, 2);
            let c = if is_int {
                at.to_string()
            } else {
                format!("\"{}\"", &"abghkeyo0123456789xyzgo"[at..at * 2 - at / 2])
            };
            self.line(format!("case {c}:"));
            let mark = self.vars.len();
            self.stmts(1);
            self.vars.truncate(mark);
            if (i + 1 < n || default) && self.g.rng.pct(10) {
                self.fall_through();
            }
        }
        if default {
            self.line("default:");
            self.small_block();
        }
        self.breakable -= 1;
        self.line("}");
    }

    /// Functions that capture a loop's variables, called after it.
    fn closures_of_loop(&mut self) {
        let t = self.g.value_type();
        let (fs, ty) = (self.g.fresh("fs"), self.g.ts.text(t).to_string());
        self.line(format!("var {fs} []func() {ty}"));
        let mark = self.vars.len();
        let i = self.loop_var(INT);
        self.vars.last_mut().expect("just pushed").assign = true;
        let n = self.g.rng.range(1, 3);
        self.line(format!("for {i} := 0; {i} < {n}; {i}++ {{"));
        self.line("burn()");
        self.small_block_no_break();
        let body = self.func_lit_body(&[], &[t]);
        self.line(format!("{fs} = append({fs}, func{} {{\n{body}\n}})", self.last_head));
        self.small_block_no_break();
        self.line("}");
        self.vars.truncate(mark);
        self.line(format!("for _, f := range {fs} {{\nshow(2, f())\nshow(2, f())\n}}"));
    }

    fn assign(&mut self) {
        match self.g.rng.below(8) {
            0 => {
                let t = self.g.value_type();
                // What may panic in one half does so before; whether the other half is done by then is open.
                let own: Vec<String> =
                    self.vars.iter().filter(|v| v.ty == t && v.assign).map(|v| v.name.clone()).collect();
                if !own.is_empty() {
                    let (a, b) = (self.g.rng.pick(&own).clone(), self.g.rng.pick(&own).clone());
                    let (x, y) =
                        if self.g.rng.pct(50) { (b.clone(), a.clone()) } else { (self.plain(t), self.plain(t)) };
                    self.line(format!("{a}, {b} = {x}, {y}"));
                }
            }
            1 | 2 => {
                let t = self.g.int_type();
                if let Some(p) = self.spot(t, true) {
                    if self.g.rng.pct(30) {
                        let op = self.g_pick(&["++", "--"]);
                        self.line(format!("{}{op}", p.s));
                        return;
                    }
                    let op = self.g_pick(&["+", "-", "*", "&", "|", "^", "&^", "<<", ">>", "/", "%"]);
                    let x = self.no_const(t, 2).s;
                    let x = match op {
                        "<<" | ">>" => format!("({x}) & 15"),
                        "/" | "%" => format!("({x}) | 1"),
                        _ => x,
                    };
                    self.line(format!("{} {op}= {x}", p.s));
                }
            }
            3 => {
                if let Some(p) = self.spot(STRING, true) {
                    let x = self.ex(STRING, 1);
                    self.line(format!("{} += cut({x}, 0, 9)", p.s));
                    self.line(format!("{0} = clip({0})", p.s));
                }
            }
            _ => {
                for _ in 0..4 {
                    if let Some(p) = self.any_spot()
                        && p.assign
                    {
                        let x = self.whole(p.ty, 3);
                        self.line(format!("{} = {x}", p.s));
                        return;
                    }
                }
            }
        }
    }

    pub fn g_pick(&mut self, list: &[&'static str]) -> &'static str {
        let picked: &&'static str = self.g.rng.pick(list);
        picked
    }

    fn if_stmt(&mut self) {
        let c = self.ex(BOOL, 3);
        self.line(format!("if ({c}) {{"));
        self.small_block();
        if self.g.rng.pct(50) {
            self.line("} else {");
            self.small_block();
        }
        self.line("}");
    }

    fn loop_body(&mut self, head: String) {
        let label = self.g.fresh("L");
        let at = self.out.len();
        self.line(head);
        self.burn();
        self.loops.push((label.clone(), false));
        self.breakable += 1;
        self.small_block();
        self.breakable -= 1;
        let used = self.loops.pop().is_some_and(|l| l.1);
        self.line("}");
        if used {
            self.out[at] = format!("{label}: {}", self.out[at]);
        }
    }

    fn loop_var(&mut self, ty: T) -> String {
        let name = self.g.fresh("i");
        let assign = !self.pure && self.g.rng.pct(10);
        self.vars.push(Var { name: name.clone(), ty, assign });
        name
    }

    fn for_stmt(&mut self) {
        let mark = self.vars.len();
        let t = if self.g.rng.pct(70) { INT } else { self.g.int_type() };
        let ty = self.g.ts.text(t).to_string();
        let i = self.loop_var(t);
        let n = self.g.rng.range(1, 6);
        let head = match self.g.rng.below(4) {
            0 => format!("for {i} := {ty}({n}); {i} > 0; {i}-- {{"),
            1 => {
                self.vars.pop();
                let c = self.ex(BOOL, 2);
                self.vars.push(Var { name: i.clone(), ty: t, assign: false });
                format!("for {i} := {ty}(0); {i} < {n} && ({c}); {i}++ {{")
            }
            _ => format!("for {i} := {ty}(0); {i} < {n}; {i}++ {{"),
        };
        self.loop_body(head);
        self.vars.truncate(mark);
    }

    fn range_stmt(&mut self) {
        let mark = self.vars.len();
        let head = match self.g.rng.below(6) {
            0 => {
                let n = self.g.rng.range(1, 5);
                let x = self.g.int_type();
                let e = format!("{}({n})", self.g.ts.text(x));
                let i = self.loop_var(x);
                format!("for {i} := range {e} {{\n_ = {i}")
            }
            1 => {
                let s = self.ex(STRING, 2);
                let (i, r) = (self.loop_var(INT), self.loop_var(super::types::INT32));
                format!("for {i}, {r} := range ({s}) {{\n_, _ = {i}, {r}")
            }
            2 if !self.pure => {
                let t = self.g.value_type();
                let (n, x) = (self.g.rng.range(1, 4), self.ex(t, 1));
                let (i, v) = (self.loop_var(INT), self.loop_var(t));
                let ty = self.g.ts.text(t).to_string();
                format!("for {i}, {v} := range upto[{ty}]({n}, {x}) {{\n_, _ = {i}, {v}")
            }
            _ => {
                let t = self.g.seq_type();
                let (K::Slice(e) | K::Array(_, e)) = *self.g.ts.kind(t) else { return };
                let x = self.no_const(t, 2).s;
                let (i, v) = (self.loop_var(INT), self.loop_var(e));
                format!("for {i}, {v} := range ({x}) {{\n_, _ = {i}, {v}")
            }
        };
        self.loop_body(head);
        self.vars.truncate(mark);
    }

    fn switch_stmt(&mut self) {
        let n = self.g.rng.range(1, 4);
        let tagless = self.g.rng.pct(30);
        let t = if tagless { BOOL } else { self.g.ordered_type() };
        let tag = if tagless { String::new() } else { format!(" ({})", self.no_const(t, 2).s) };
        self.line(format!("switch{tag} {{"));
        self.breakable += 1;
        let default = self.g.rng.below(6);
        for i in 0..n {
            if i == default {
                self.line("default:");
                self.small_block();
                if self.g.rng.pct(15) {
                    self.fall_through();
                }
            }
            let mut list = vec![self.no_const(t, 2).s];
            if self.g.rng.pct(30) {
                list.push(self.no_const(t, 1).s);
            }
            self.line(format!("case {}:", list.join(", ")));
            self.small_block();
            if i + 1 < n && self.g.rng.pct(15) {
                self.fall_through();
            }
        }
        self.breakable -= 1;
        self.line("}");
    }

    fn type_switch(&mut self) {
        let from = if self.g.rng.pct(60) { ANY } else { self.g.iface_type() };
        let x = self.ex(from, 2);
        let (v, text) = (self.g.fresh("v"), self.g.ts.text(from).to_string());
        self.line(format!("switch {v} := {text}({x}).(type) {{"));
        self.breakable += 1;
        let mut seen = vec![];
        for _ in 0..self.g.rng.range(1, 5) {
            let t = self.closed_or_param();
            if seen.contains(&t)
                || !(self.g.ts.implements(t, from) || self.g.ts.is_iface(t))
                || matches!(self.g.ts.kind(t), K::Param(_))
            {
                continue;
            }
            seen.push(t);
            let mark = self.vars.len();
            self.line(format!("case {}:\n_ = {v}", self.g.ts.text(t)));
            self.vars.push(Var { name: v.clone(), ty: t, assign: true });
            self.small_block();
            self.vars.truncate(mark);
        }
        let several: Vec<T> = (0..2).map(|_| self.g.value_type()).collect();
        if self.g.rng.pct(30)
            && several[0] != several[1]
            && several.iter().all(|t| !seen.contains(t) && self.g.ts.implements(*t, from))
        {
            self.line(format!("case {}:\n_ = {v}", self.g.ts.list(&several)));
            let mark = self.vars.len();
            self.vars.push(Var { name: v.clone(), ty: from, assign: true });
            self.small_block();
            self.vars.truncate(mark);
        }
        self.line(format!("default:\n_ = {v}"));
        let mark = self.vars.len();
        self.vars.push(Var { name: v, ty: from, assign: true });
        self.small_block();
        self.vars.truncate(mark);
        self.breakable -= 1;
        self.line("}");
    }

    fn defer_stmt(&mut self) {
        match self.g.rng.below(5) {
            0 => {
                let t = self.closed_or_param();
                let x = self.ex(t, 2);
                self.line(format!("defer show(2, {x})"));
            }
            // In generic code gc finds a nil interface only when the deferred call is made.
            1 if !self.in_generic => {
                let m = self.g.rng.below(self.g.ts.pool.len());
                if let Some(r) = self.receiver(m) {
                    let sig = self.g.ts.pool[m].clone();
                    let args = self.call_args(&sig.params, 1);
                    self.line(format!("defer {r}.{}({args})", sig.name));
                }
            }
            _ => {
                self.line("defer func() {");
                let saved = (std::mem::take(&mut self.loops), std::mem::take(&mut self.breakable));
                let results = std::mem::take(&mut self.results);
                let named = std::mem::take(&mut self.named);
                self.depth += 1;
                if self.g.rng.pct(65) {
                    let guard = if self.g.rng.pct(25) { " && fuel > 0" } else { "" };
                    self.line(format!("if e := recover(); e != nil{guard} {{\nprintln(\"recovered\")\nshow(3, e)"));
                    for (n, &t) in named.iter().zip(&results) {
                        let x = self.whole(t, 1);
                        self.line(format!("{n} = {x}"));
                    }
                    self.small_block();
                    self.line("}");
                } else {
                    self.small_block();
                }
                self.depth -= 1;
                (self.loops, self.breakable) = saved;
                self.results = results;
                self.named = named;
                self.line("}()");
            }
        }
    }

    fn closure_stmt(&mut self) {
        let t = self.g.func_type();
        let x = self.literal(t, 2).s;
        let name = self.declare(t, Some(x));
        let K::Func(ps, rs) = self.g.ts.kind(t).clone() else { return };
        for _ in 0..self.g.rng.below(3) {
            let args = self.call_args(&ps, 1);
            match rs.len() {
                1 => self.line(format!("show(3, {name}({args}))")),
                _ => self.line(format!("{name}({args})")),
            }
        }
    }

    fn call_stmt(&mut self) {
        let calls = self.callables();
        if calls.is_empty() {
            return;
        }
        let (f, ps, rs) = self.g.rng.pick(&calls).clone();
        let args = self.call_args(&ps, 2);
        let go = if self.g.rng.pct(10) { "defer " } else { "" };
        if rs.len() > 1 && self.g.rng.pct(70) {
            let names: Vec<String> = rs.iter().map(|_| self.g.fresh("v")).collect();
            self.line(format!("{} := {f}({args})", names.join(", ")));
            for (n, &t) in names.iter().zip(&rs) {
                self.use_var(n, t);
                self.vars.push(Var { name: n.clone(), ty: t, assign: true });
            }
        } else {
            self.line(format!("{go}{f}({args})"));
        }
    }

    /// A conditional end of something: return, break, continue, panic.
    fn leave(&mut self) {
        let c = self.condition();
        self.line(format!("if ({c}) {{"));
        match self.g.rng.below(4) {
            0 if self.breakable > 0 => self.line("break"),
            1 if !self.loops.is_empty() => {
                let i = self.g.rng.below(self.loops.len());
                self.loops[i].1 = true;
                let (l, w) = (self.loops[i].0.clone(), self.g_pick(&["break", "continue"]));
                self.line(format!("{w} {l}"));
            }
            2 => {
                let t = self.g.value_type();
                let x = self.ex(t, 1);
                self.line(format!("panic({x})"));
            }
            _ => self.return_stmt(),
        }
        self.line("}");
    }

    fn return_stmt(&mut self) {
        let results = self.results.clone();
        if !self.named.is_empty() && self.g.rng.pct(40) {
            return self.line("return");
        }
        if results.len() > 1 && self.g.rng.pct(30) {
            let calls = self.callables();
            if let Some(c) = calls.iter().find(|c| c.2 == results) {
                let args = self.call_args(&c.1.clone(), 1);
                return self.line(format!("return {}({args})", c.0));
            }
        }
        let args: Vec<String> = results.iter().map(|&t| self.whole(t, 2)).collect();
        self.line(format!("return {}", args.join(", ")));
    }

    /// A value that is complete before anything is changed: gc may build a literal in its place, so that a panic
    /// leaves half of it there.
    pub fn whole(&mut self, t: T, d: usize) -> String {
        let x = self.ex(t, d);
        match self.g.ts.kind(t) {
            K::Struct(_) | K::Array(..) => format!("as[{}]({x})", self.g.ts.text(t)),
            _ => x,
        }
    }

    /// Begins a function literal's body that is written line by line.
    pub fn enter_func(&mut self, results: &[T]) -> Outer {
        self.depth += 1;
        Outer {
            loops: std::mem::take(&mut self.loops),
            breakable: std::mem::take(&mut self.breakable),
            results: std::mem::replace(&mut self.results, results.to_vec()),
            named: std::mem::take(&mut self.named),
        }
    }

    /// Ends it.
    pub fn leave_func(&mut self, outer: Outer) {
        self.depth -= 1;
        (self.loops, self.breakable) = (outer.loops, outer.breakable);
        (self.results, self.named) = (outer.results, outer.named);
    }

    fn chan_stmt(&mut self) {
        let t = self.g.value_type();
        let (c, ty) = (self.g.fresh("c"), self.g.ts.text(t).to_string());
        let n = self.g.rng.range(1, 4);
        self.line(format!("{c} := make(chan {ty}, {n})"));
        for _ in 0..n {
            let x = self.ex(t, 1);
            self.line(format!("{c} <- {x}"));
        }
        if self.g.rng.pct(50) {
            self.line(format!("close({c})"));
            let i = self.g.fresh("i");
            self.line(format!("for {i} := range {c} {{\nshow(2, {i})"));
            let mark = self.vars.len();
            self.vars.push(Var { name: i, ty: t, assign: true });
            self.small_block_no_break();
            self.vars.truncate(mark);
            self.line("}");
            self.line(format!("show(2, <-{c})"));
        } else {
            self.line(format!("show(2, <-{c})"));
            self.line(format!("show(2, len({c}))"));
        }
    }

    pub fn small_block_no_break(&mut self) {
        let saved = (std::mem::take(&mut self.loops), std::mem::take(&mut self.breakable));
        self.small_block();
        (self.loops, self.breakable) = saved;
    }

    fn select_stmt(&mut self) {
        let t = self.g.value_type();
        let (a, b, ty) = (self.g.fresh("c"), self.g.fresh("c"), self.g.ts.text(t).to_string());
        let x = self.ex(t, 1);
        self.line(format!("{a}, {b} := make(chan {ty}), make(chan {ty}, 2)"));
        if self.g.rng.pct(50) {
            let k = self.g.rng.range(1, 5);
            self.line(format!("go func() {{\nfor i := 0; i < {k}; i++ {{\n{a} <- *new({ty})\n}}\nclose({a})\n}}()"));
            let n = self.g.fresh("n");
            self.line(format!("{n} := 0"));
            self.line(format!("for range {a} {{\n{n}++\n}}\nshow(2, {n})"));
        }
        let v = self.g.fresh("v");
        let ok = self.g.fresh("v");
        if self.g.rng.pct(50) {
            self.line(format!("{b} <- {x}"));
        }
        self.line("select {");
        self.line(format!("case {v}, {ok} := <-{b}:\nshow(2, {ok})"));
        let mark = self.vars.len();
        self.use_var(&v, t);
        self.vars.push(Var { name: v, ty: t, assign: true });
        self.small_block_no_break();
        self.vars.truncate(mark);
        self.line("default:");
        self.small_block_no_break();
        self.line("}");
        self.line(format!("_ = {a}"));
    }

    fn container_stmt(&mut self) {
        let t = if self.g.rng.pct(60) { self.g.seq_type() } else { self.g.map_type() };
        let Some(p) = self.spot(t, true) else { return };
        let s = p.s.clone();
        match self.g.ts.kind(t).clone() {
            K::Slice(e) => match self.g.rng.below(4) {
                0 => {
                    let x = self.no_const(t, 1).s;
                    self.line(format!("show(2, copy({s}, {x}))"));
                }
                1 => self.line(format!("clear({s})")),
                2 => {
                    let (x, y) = (self.ex(e, 1), self.ex(e, 1));
                    self.line(format!("{s} = append(keep({s}), {x}, {y})"));
                }
                _ => {
                    let i = self.g.rng.below(4);
                    self.line(format!("{s} = append({s}[:idx({i}, len({s}))], {s}[idx({i}, len({s})):]...)"));
                }
            },
            K::Map(k, _) => {
                let k = self.ex(k, 1);
                match self.g.rng.below(4) {
                    0 => self.line(format!("clear({s})")),
                    1 => self.line(format!("delete({s}, {k})")),
                    _ => {
                        let n = self.g.fresh("n");
                        self.line(format!("{n} := 0"));
                        self.line(format!("for range {s} {{\n{n}++\n}}\nshow(2, {n})"));
                        self.line(format!("delete({s}, {k})\nshow(2, len({s}))"));
                    }
                }
            }
            K::Array(_, e) if p.addr => {
                let x = self.ex(e, 1);
                self.line(format!("for i := range {s} {{\n{s}[i] = {x}\n}}"));
            }
            _ => {}
        }
    }

    fn comma_ok(&mut self) {
        let (v, ok) = (self.g.fresh("v"), self.g.fresh("v"));
        let t = if self.g.rng.pct(50) {
            let m = self.g.map_type();
            let K::Map(k, e) = *self.g.ts.kind(m) else { return };
            let (m, k) = (self.no_const(m, 1).s, self.ex(k, 1));
            self.line(format!("{v}, {ok} := ({m})[{k}]"));
            e
        } else {
            let from = self.g.iface_type();
            let t = self.g.value_type();
            if !(self.g.ts.implements(t, from) || self.g.ts.is_iface(t)) {
                return;
            }
            let x = self.ex(from, 2);
            self.line(format!("{v}, {ok} := {}({x}).({})", self.g.ts.text(from), self.g.ts.text(t)));
            t
        };
        self.use_var(&v, t);
        self.line(format!("show(2, {ok})"));
        self.vars.push(Var { name: v, ty: t, assign: true });
        self.vars.push(Var { name: ok, ty: BOOL, assign: true });
    }

    /// A loop of goto.
    fn goto_loop(&mut self) {
        let (l, n) = (self.g.fresh("G"), self.g.fresh("n"));
        let k = self.g.rng.range(1, 4);
        self.line(format!("{n} := 0"));
        self.line(format!("{l}:\n{n}++\n{{"));
        self.small_block_no_break();
        self.line("}");
        self.line(format!("if {n} < {k} {{\nburn()\ngoto {l}\n}}"));
    }
}
