//! Random expressions of a wanted type.
//!
//! An expression knows whether Go sees a constant: two constants are never combined, since gc rejects what overflows.
//! Indices, divisors and shift counts are mostly made harmless, so that most functions run to their end; the rest panics.

use super::body::Body;
use super::types::{ANY, BOOL, Class, FLOAT64, INT, INT32, K, STRING, T, UINT8};

/// An expression's text.
pub struct Ex {
    pub s: String,
    pub konst: bool,
}

fn val(s: String) -> Ex {
    Ex { s, konst: false }
}

/// Something with a type that may be assigned to.
pub struct Spot {
    pub s: String,
    pub ty: T,
    /// Whether `&` may be applied.
    pub addr: bool,
    pub assign: bool,
}

impl Body<'_> {
    /// An expression of a type, at most `d` operations deep.
    pub fn expr(&mut self, t: T, d: usize) -> Ex {
        if d == 0 || self.size == 0 || self.g.rng.pct(20) {
            return self.leaf(t);
        }
        self.size -= 1;
        if !self.pure
            && self.g.rng.pct(22)
            && let Some(e) = self.call_for(t, d - 1)
        {
            return e;
        }
        if !self.pure && self.g.rng.pct(4) && self.depth < 3 {
            let body = self.func_lit_body(&[], &[t]);
            return val(format!("func{} {{\n{body}\n}}()", self.last_head));
        }
        if self.g.rng.pct(4)
            && let Some(e) = self.asserted(t, d - 1)
        {
            return e;
        }
        let named = self.g.ts.defs[t].named;
        match self.g.ts.kind(t).clone() {
            K::Bool => self.bool_expr(t, d - 1),
            K::Int(signed, bits) => self.int_expr(t, signed, bits, d - 1),
            K::Param(Class::Integer) => self.param_expr(t, d - 1),
            K::Float(_) => self.float_expr(t, d - 1),
            K::Complex => {
                let op = *self.g.rng.pick(&["+", "-", "*", "/"]);
                let (x, y) = (self.no_const(t, d - 1), self.no_const(t, d - 1));
                val(format!("({} {op} {})", x.s, y.s))
            }
            K::Str => self.str_expr(t, d - 1),
            K::Slice(e) => self.slice_expr(t, e, d - 1),
            K::Iface(_) => self.iface_expr(t, d - 1),
            K::Struct(_) if named => self.literal(t, d - 1),
            _ if self.g.rng.pct(50) => self.literal(t, d - 1),
            _ => self.leaf(t),
        }
    }

    /// The text of an expression.
    pub fn ex(&mut self, t: T, d: usize) -> String {
        self.expr(t, d).s
    }

    /// A variable or a literal.
    pub fn leaf(&mut self, t: T) -> Ex {
        if self.nest <= 3
            && self.g.rng.pct(75)
            && let Some(p) = self.spot(t, false)
        {
            return val(p.s);
        }
        self.literal(t, 0)
    }

    /// An expression that gc does not fold.
    pub fn no_const(&mut self, t: T, d: usize) -> Ex {
        let e = self.expr(t, d);
        if !e.konst {
            return e;
        }
        let ty = self.g.ts.text(t).to_string();
        let id = if self.pure || self.g.rng.pct(50) { "as" } else { "id" };
        val(format!("{id}[{ty}]({})", e.s))
    }

    fn two(&mut self, t: T, op: &str, d: usize) -> Ex {
        let (x, y) = (self.no_const(t, d), self.expr(t, d));
        if self.g.rng.pct(50) || matches!(op, "/" | "%" | "<<" | ">>") {
            val(format!("({} {op} {})", x.s, y.s))
        } else {
            val(format!("({} {op} {})", y.s, x.s))
        }
    }

    fn bool_expr(&mut self, t: T, d: usize) -> Ex {
        if t != BOOL {
            let x = self.no_const(BOOL, d).s;
            return val(format!("{}({x})", self.g.ts.text(t)));
        }
        match self.g.rng.below(8) {
            0 => val(format!("!{}", self.no_const(t, d).s)),
            1 | 2 => {
                let op = *self.g.rng.pick(&["&&", "||"]);
                self.two(t, op, d)
            }
            3 => {
                let (i, u) = (self.g.iface_type(), self.g.value_type());
                let (op, a) = (*self.g.rng.pick(&["==", "!="]), self.no_const(i, d));
                let b =
                    if self.g.ts.implements(u, i) && self.g.ts.comparable(u) { self.ex(u, d) } else { self.ex(i, d) };
                val(format!("({} {op} {b})", a.s))
            }
            4 => {
                let u = self.closed_or_param();
                if !self.g.ts.comparable(u) {
                    let nil = matches!(self.g.ts.kind(u), K::Slice(_) | K::Map(..) | K::Func(..));
                    return if nil { val(format!("({} == nil)", self.no_const(u, d).s)) } else { self.leaf(t) };
                }
                let op = *self.g.rng.pick(&["==", "!="]);
                let (x, y) = self.compared(u, d);
                val(format!("({x} {op} {y})"))
            }
            _ => {
                let u = self.g.ordered_type();
                let op = *self.g.rng.pick(&["<", "<=", ">", ">=", "==", "!="]);
                let (x, y) = self.compared(u, d);
                val(format!("({x} {op} {y})"))
            }
        }
    }

    fn int_expr(&mut self, t: T, signed: bool, bits: u32, d: usize) -> Ex {
        let ty = self.g.ts.text(t).to_string();
        match self.g.rng.below(16) {
            0..=4 => {
                let op = *self.g.rng.pick(&["+", "-", "*", "&", "|", "^", "&^"]);
                self.two(t, op, d)
            }
            5 => {
                let op = *self.g.rng.pick(&["/", "%"]);
                let (x, y) = (self.no_const(t, d), self.no_const(t, d));
                let guard = if self.g.rng.pct(90) { " | 1" } else { "" };
                val(format!("({} {op} ({}{guard}))", x.s, y.s))
            }
            6 => {
                let op = *self.g.rng.pick(&["/", "%"]);
                let c = *self.g.rng.pick(&[1, 2, 3, 5, 7, 8, 10, 16, 64, 100, 127]);
                let sign = if signed && self.g.rng.pct(30) { "-" } else { "" };
                val(format!("({} {op} {sign}{c})", self.no_const(t, d).s))
            }
            7 => {
                let op = *self.g.rng.pick(&["<<", ">>"]);
                let x = self.no_const(t, d).s;
                if self.g.rng.pct(50) {
                    return val(format!("({x} {op} {})", self.g.rng.below(bits as usize + 3)));
                }
                let u = self.g.int_type();
                let y = self.no_const(u, d).s;
                let K::Int(us, _) = *self.g.ts.kind(u) else { return val(x) };
                let mask = if us || self.g.rng.pct(60) { " & 71" } else { "" };
                val(format!("({x} {op} ({y}{mask}))"))
            }
            8 => {
                let op = *self.g.rng.pick(&["-", "^"]);
                val(format!("({op}{})", self.no_const(t, d).s))
            }
            9 | 10 => {
                let u = self.g.int_type();
                val(format!("{ty}({})", self.no_const(u, d).s))
            }
            11 => {
                let u = *self.g.rng.pick(&[FLOAT64, FLOAT64 - 1]);
                let x = self.no_const(u, d).s;
                val(format!("{ty}(small(float64({x})))"))
            }
            12 => {
                let f = *self.g.rng.pick(&["min", "max"]);
                let (x, y) = (self.no_const(t, d), self.expr(t, d));
                val(format!("{f}({}, {})", x.s, y.s))
            }
            13 if t == UINT8 => {
                let (s, i) = (self.no_const(STRING, d).s, self.g.rng.below(6));
                val(format!("at({s}, {i})"))
            }
            13 | 14 => {
                let u = self.g.sized_type();
                let f = if matches!(self.g.ts.kind(u), K::Slice(_)) && self.g.rng.pct(30) { "cap" } else { "len" };
                // The slice must escape: gc gives what does not another capacity.
                let x = self.no_const(u, d).s;
                val(if f == "cap" { format!("{ty}(cap(keep({x})))") } else { format!("{ty}(len({x}))") })
            }
            _ => self.leaf(t),
        }
    }

    fn param_expr(&mut self, t: T, d: usize) -> Ex {
        let ty = self.g.ts.text(t).to_string();
        match self.g.rng.below(6) {
            0..=2 => {
                let op = *self.g.rng.pick(&["+", "-", "*", "&", "|", "^"]);
                self.two(t, op, d)
            }
            3 => {
                let u = self.g.int_type();
                val(format!("{ty}({})", self.no_const(u, d).s))
            }
            4 => {
                let op = *self.g.rng.pick(&["/", "%", "<<", ">>"]);
                let mask = if op.len() == 2 { "& 15" } else { "| 1" };
                let (x, y) = (self.no_const(t, d), self.no_const(t, d));
                val(format!("({} {op} ({} {mask}))", x.s, y.s))
            }
            _ => self.leaf(t),
        }
    }

    fn float_expr(&mut self, t: T, d: usize) -> Ex {
        let ty = self.g.ts.text(t).to_string();
        match self.g.rng.below(8) {
            0..=3 => {
                let op = *self.g.rng.pick(&["+", "-", "*", "/"]);
                let (x, y) = (self.no_const(t, d), self.no_const(t, d));
                val(format!("({} {op} {})", x.s, y.s))
            }
            4 if self.g.rng.pct(30) => val(format!("{ty}({})", self.complex_part(d))),
            4 => {
                let u = self.g.int_type();
                val(format!("{ty}({})", self.no_const(u, d).s))
            }
            5 => {
                let u = *self.g.rng.pick(&[FLOAT64, FLOAT64 - 1]);
                val(format!("{ty}({})", self.no_const(u, d).s))
            }
            6 => {
                let f = *self.g.rng.pick(&["min", "max"]);
                let (x, y) = (self.no_const(t, d), self.expr(t, d));
                val(format!("{f}({}, {})", x.s, y.s))
            }
            _ => val(format!("(-{})", self.no_const(t, d).s)),
        }
    }

    fn str_expr(&mut self, t: T, d: usize) -> Ex {
        let ty = self.g.ts.text(t).to_string();
        match self.g.rng.below(8) {
            0..=2 => {
                let (x, y) = (self.no_const(t, d), self.expr(t, d));
                let more = if self.g.rng.pct(30) { format!(" + {}", self.ex(t, 0)) } else { String::new() };
                val(format!("clip({} + {}{more})", x.s, y.s))
            }
            3 => {
                let n = self.no_const(INT32, d).s;
                val(format!("{ty}(rune({n} & 0xffff))"))
            }
            4 => {
                let bytes = self.g.ts.slice(UINT8);
                val(format!("{ty}({})", self.no_const(bytes, d).s))
            }
            5 => {
                let runes = self.g.ts.slice(INT32);
                val(format!("{ty}({})", self.no_const(runes, d).s))
            }
            6 => {
                let s = self.no_const(STRING, d).s;
                let (a, b) = (self.g.rng.below(4), self.g.rng.below(8));
                val(format!("{ty}(cut({s}, {a}, {b}))"))
            }
            _ => val(format!("{ty}({})", self.no_const(STRING, d).s)),
        }
    }

    fn slice_expr(&mut self, t: T, e: T, d: usize) -> Ex {
        let ty = self.g.ts.text(t).to_string();
        match self.g.rng.below(8) {
            0 | 1 => {
                let (s, x) = (self.no_const(t, d).s, self.ex(e, d));
                val(format!("append(keep({s}), {x})"))
            }
            2 => {
                let (s, x) = (self.no_const(t, d).s, self.no_const(t, d).s);
                val(format!("append(keep({s}), keep({x})...)"))
            }
            3 | 4 => {
                let s = self.no_const(t, 0).s;
                let i = self.g.rng.below(4);
                match self.g.rng.below(3) {
                    0 => val(format!("{s}[idx({i}, len({s})):]")),
                    1 => val(format!("{s}[:idx({i}, len({s}))]")),
                    _ => val(format!("{s}[0:idx({i}, len({s})):idx({i}, len({s}))]")),
                }
            }
            // How much a conversion allocates is not compared.
            5 if e == UINT8 || e == INT32 => val(format!("tight({ty}({}))", self.no_const(STRING, d).s)),
            5 => {
                let a = self.g.ts.array(3, e);
                match self.spot(a, true) {
                    Some(p) if p.addr => val(format!("{ty}({}[:])", p.s)),
                    _ => self.leaf(t),
                }
            }
            _ => self.literal(t, d),
        }
    }

    fn iface_expr(&mut self, t: T, d: usize) -> Ex {
        let ty = self.g.ts.text(t).to_string();
        for _ in 0..6 {
            let u = if t == ANY { self.closed_or_param() } else { self.g.value_type() };
            if u != t && self.g.ts.implements(u, t) {
                return val(format!("{ty}({})", self.ex(u, d)));
            }
        }
        self.leaf(t)
    }

    fn asserted(&mut self, t: T, d: usize) -> Option<Ex> {
        let from = self.g.iface_type();
        let ok = self.g.ts.implements(t, from) || self.g.ts.is_iface(t);
        let ty = self.g.ts.text(t).to_string();
        if matches!(self.g.ts.kind(t), K::Param(_)) {
            return Some(val(format!("any({}).({ty})", self.ex(t, d))));
        }
        ok.then(|| {
            // Mostly the type that it has.
            let x = if self.g.rng.pct(70) && self.g.ts.implements(t, from) { self.ex(t, d) } else { self.ex(from, d) };
            val(format!("{}({x}).({ty})", self.g.ts.text(from)))
        })
    }

    /// A call of something that has this one result.
    fn call_for(&mut self, t: T, d: usize) -> Option<Ex> {
        let calls = self.callables();
        let fit: Vec<_> = calls.into_iter().filter(|c| c.2 == [t]).collect();
        if !fit.is_empty() && self.g.rng.pct(50) {
            let (f, params, _) = self.g.rng.pick(&fit).clone();
            let args = self.call_args(&params, d);
            return Some(val(format!("{f}({args})")));
        }
        let sigs: Vec<usize> = (0..self.g.ts.pool.len()).filter(|&m| self.g.ts.pool[m].results == [t]).collect();
        if sigs.is_empty() {
            return self.generic_call(t, d);
        }
        let m = *self.g.rng.pick(&sigs);
        let sig = self.g.ts.pool[m].clone();
        if self.g.rng.pct(15) {
            // A method expression.
            let u = self.g.value_type();
            if self.g.ts.method_set(u).get(&m) != Some(&false) {
                return None;
            }
            let ty = self.g.ts.text(u).to_string();
            let args = self.call_args(&[vec![u], sig.params].concat(), d);
            return Some(val(format!("({ty}).{}({args})", sig.name)));
        }
        let recv = self.receiver(m)?;
        let args = self.call_args(&sig.params, d);
        Some(val(format!("{recv}.{}({args})", sig.name)))
    }

    /// An operand with a method.
    pub fn receiver(&mut self, m: usize) -> Option<String> {
        for _ in 0..12 {
            let Some(p) = self.any_spot() else { break };
            if self.g.ts.method_set(p.ty).get(&m).is_some_and(|&needs| !needs || p.addr) {
                return Some(p.s);
            }
        }
        let u = self.g.value_type();
        if self.g.ts.method_set(u).get(&m) == Some(&false) {
            let e = self.no_const(u, 1).s;
            return Some(format!("({e})"));
        }
        None
    }

    fn generic_call(&mut self, t: T, d: usize) -> Option<Ex> {
        let n = self.g.generics.len();
        if n == 0 || self.in_generic {
            return None;
        }
        let i = self.g.rng.below(n);
        let gf = self.g.generics[i].clone();
        let arg = self.g.arg_for(gf.class)?;
        let result = gf.result;
        let have = self.g.ts.subst(result, gf.param, arg);
        let params: Vec<T> = gf.params.iter().map(|&p| self.g.ts.subst(p, gf.param, arg)).collect();
        if have != t {
            return None;
        }
        let args = self.call_args(&params, d);
        Some(val(format!("{}[{}]({args})", gf.name, self.g.ts.text(arg))))
    }

    /// Arguments of a call.
    pub fn args(&mut self, params: &[T], d: usize) -> String {
        params.iter().map(|&p| self.ex(p, d)).collect::<Vec<_>>().join(", ")
    }

    /// The same of a call of something: gc builds literals before it evaluates what else may panic, but not in calls of
    /// what it inlines.
    pub fn call_args(&mut self, params: &[T], d: usize) -> String {
        match params {
            [one] => self.ex(*one, d),
            _ => params.iter().map(|&p| self.whole(p, d)).collect::<Vec<_>>().join(", "),
        }
    }

    /// Operands of a comparison.
    fn compared(&mut self, u: T, d: usize) -> (String, String) {
        (self.no_const(u, d).s, self.expr(u, d).s)
    }

    /// A closed type; in generic code the type parameter at times.
    pub fn closed_or_param(&mut self) -> T {
        match self.param {
            Some(p) if self.g.rng.pct(40) => p,
            _ => self.g.value_type(),
        }
    }

    /// Something of a type that is there already.
    pub fn spot(&mut self, t: T, assign: bool) -> Option<Spot> {
        let direct: Vec<usize> = (0..self.vars.len()).filter(|&i| self.vars[i].ty == t).collect();
        if !direct.is_empty() && self.g.rng.pct(55) {
            let v = &self.vars[*self.g.rng.pick(&direct)];
            if !assign || v.assign {
                return Some(Spot { s: v.name.clone(), ty: t, addr: v.assign, assign: v.assign });
            }
        }
        (0..25).find_map(|_| self.any_spot_until(Some(t)).filter(|p| p.ty == t && (!assign || p.assign)))
    }

    /// Anything that is there already.
    pub fn any_spot(&mut self) -> Option<Spot> {
        self.any_spot_until(None)
    }

    fn any_spot_until(&mut self, want: Option<T>) -> Option<Spot> {
        if self.vars.is_empty() {
            return None;
        }
        let i = self.g.rng.below(self.vars.len());
        let v = &self.vars[i];
        let mut p = Spot { s: v.name.clone(), ty: v.ty, addr: v.assign, assign: v.assign };
        for _ in 0..3 {
            if want == Some(p.ty) || (want.is_none() && self.g.rng.pct(50)) {
                break;
            }
            match self.step(&p) {
                Some(q) => p = q,
                None => break,
            }
        }
        Some(p)
    }

    /// A part of something.
    fn step(&mut self, p: &Spot) -> Option<Spot> {
        let s = &p.s;
        if self.g.rng.pct(40)
            && let Some(q) = self.promoted(p)
        {
            return Some(q);
        }
        match self.g.ts.kind(p.ty).clone() {
            K::Struct(fs) if !fs.is_empty() => {
                let f = self.g.rng.pick(&fs);
                Some(Spot { s: format!("{s}.{}", f.name), ty: f.ty, assign: p.addr, ..*p })
            }
            K::Ptr(e) => match self.g.ts.kind(e).clone() {
                K::Struct(fs) if !fs.is_empty() && self.g.rng.pct(70) => {
                    let f = self.g.rng.pick(&fs);
                    Some(Spot { s: format!("{s}.{}", f.name), ty: f.ty, addr: true, assign: true })
                }
                _ => Some(Spot { s: format!("(*{s})"), ty: e, addr: true, assign: true }),
            },
            K::Array(n, e) => {
                if self.g.rng.pct(70) {
                    return Some(Spot { s: format!("{s}[{}]", self.g.rng.below(n)), ty: e, assign: p.addr, ..*p });
                }
                let i = self.simple_int();
                Some(Spot { s: format!("{s}[idx({i}, {n})]"), ty: e, assign: p.addr, ..*p })
            }
            K::Slice(e) => {
                let i = if self.g.rng.pct(60) { self.g.rng.below(5).to_string() } else { self.simple_int() };
                let i = if self.g.rng.pct(95) { format!("idx({i}, len({s}))") } else { i };
                Some(Spot { s: format!("{s}[{i}]"), ty: e, addr: true, assign: true })
            }
            K::Map(k, e) => {
                self.nest += 2;
                let k = self.leaf(k).s;
                self.nest -= 2;
                Some(Spot { s: format!("{s}[{k}]"), ty: e, addr: false, assign: true })
            }
            _ => None,
        }
    }

    /// A field that is found in an embedded one.
    fn promoted(&mut self, p: &Spot) -> Option<Spot> {
        let direct = matches!(self.g.ts.kind(p.ty), K::Struct(_));
        let list = self.g.ts.promoted(p.ty);
        if list.is_empty() || !direct && !matches!(self.g.ts.kind(p.ty), K::Ptr(_)) {
            return None;
        }
        let (f, via) = self.g.rng.pick(&list).clone();
        let place = via || p.addr;
        Some(Spot { s: format!("{}.{}", p.s, f.name), ty: f.ty, addr: place, assign: place })
    }

    fn simple_int(&mut self) -> String {
        let ints: Vec<String> = self.vars.iter().filter(|v| v.ty == INT).map(|v| v.name.clone()).collect();
        if ints.is_empty() { "1".into() } else { self.g.rng.pick(&ints).clone() }
    }
}
