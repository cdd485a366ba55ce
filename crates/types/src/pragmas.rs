//! Directives that concern declarations: `//go:linkname` and `//go:embed`.

use itab_syntax::{Embed, ExprKind, File, List, Name, Pos, VarSpec};
use rustc_hash::FxHashSet;

use crate::check::Checker;
use crate::errors::codes;
use crate::object::ObjKind;
use crate::types::{BasicKind, Type};
use crate::{ObjId, TypeId};

impl<'a> Checker<'a> {
    /// Reports linkname directives that name nothing, or the same thing twice.
    pub(crate) fn check_linknames(&mut self) {
        let scope = self.s.pkg(self.pkg).scope;
        let mut seen: FxHashSet<Name> = FxHashSet::default();
        for i in 0..self.files.len() {
            let file: &'a File = self.files[i].file;
            let with_unsafe = imports(file, "unsafe");
            for l in &file.linknames {
                if !with_unsafe {
                    let msg = "//go:linkname only allowed in Go files that import \"unsafe\"";
                    self.late_error(l.pos, codes::LINKNAME, msg.into());
                    continue;
                }
                let obj = self.s.scope(scope).lookup(l.local).map(|o| &self.s.obj(o).kind);
                if !matches!(obj, Some(ObjKind::Func(_) | ObjKind::Var(_))) {
                    let msg = "//go:linkname must refer to declared function or variable";
                    self.late_error(l.pos, codes::LINKNAME, msg.into());
                } else if !seen.insert(l.local) {
                    let msg = format!("duplicate //go:linkname for {}", self.text(l.local));
                    self.late_error(l.pos, codes::LINKNAME, msg);
                }
            }
        }
    }

    /// Reports an embed directive in front of a variable that cannot have one.
    pub(crate) fn check_embed(&mut self, file: &File, spec: &VarSpec, var: Option<ObjId>) {
        let Some(pos) = self.embed_pos(spec.embeds) else { return };
        let msg = if !imports(file, "embed") {
            "go:embed only allowed in Go files that import \"embed\""
        } else if spec.names.len() > 1 {
            "go:embed cannot apply to multiple vars"
        } else if !spec.values.is_empty() {
            "go:embed cannot apply to var with initializer"
        } else if spec.typ.is_none() {
            "go:embed cannot apply to var without type"
        } else {
            let Some(v) = var else {
                self.late_error(pos, codes::EMBED, "go:embed cannot apply to var inside func".into());
                return;
            };
            self.later(move |c| {
                let t = c.s.obj_type(v);
                if !c.is_embeddable(t) {
                    let msg = format!("go:embed cannot apply to var of type {}", c.ts(t));
                    let at = c.s.obj(v).pos;
                    c.late_error(at, codes::EMBED, msg);
                }
            });
            return;
        };
        self.late_error(pos, codes::EMBED, msg.into());
    }

    fn embed_pos(&self, list: List<Embed>) -> Option<Pos> {
        self.tree()[list].first().map(|e| e.pos)
    }

    /// Whether a file's contents can be embedded in a variable of the type.
    fn is_embeddable(&mut self, t: TypeId) -> bool {
        if let Some(n) = self.s.as_named(t) {
            let obj = self.s.obj(self.s.named(n).obj);
            let is_fs = self.s.text(obj.name) == "FS" && obj.pkg.is_some_and(|p| &*self.s.pkg(p).path == "embed");
            if is_fs {
                return true;
            }
        }
        match self.s.uund(t) {
            Type::Basic(k) => k == BasicKind::String,
            Type::Slice(elem) => {
                matches!(self.s.uund(elem), Type::Basic(k) if k.canonical() == BasicKind::Uint8)
            }
            _ => false,
        }
    }
}

fn imports(file: &File, path: &str) -> bool {
    file.imports().any(|(_, spec)| {
        matches!(file.tree[spec.path].kind, ExprKind::BasicLit { bad: false, .. })
            && crate::constant::unquote(file.tree.text(spec.path)) == path.as_bytes()
    })
}
