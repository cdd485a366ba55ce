//! Instantiation of generic functions: with type arguments that are written, or inferred from what the
//! function is assigned to.

use itab_syntax::{ExprId, ExprKind, Name, Pos};

use crate::check::Checker;
use crate::errors::{ErrorParts, codes};
use crate::info::Mode;
use crate::object::VarKind;
use crate::operand::{AssignTarget, Operand};
use crate::signature::Signature;
use crate::types::Type;
use crate::{ObjId, TypeId};

/// Type arguments that are written, with their expressions.
#[derive(Default)]
pub(crate) struct TypeArgs<'a> {
    pub(crate) types: Vec<TypeId>,
    pub(crate) exprs: &'a [ExprId],
}

impl<'a> Checker<'a> {
    /// A target for generic functions, if the type is a function type.
    pub(crate) fn new_target(&mut self, t: TypeId, desc: &str) -> Option<AssignTarget> {
        if matches!(self.s.ty(t), Type::Basic(_)) {
            return None;
        }
        let u = self.common_under(t, None).ok()?;
        matches!(self.s.ty(u), Type::Signature(_)).then(|| AssignTarget { sig: u, name: self.s.names().intern(desc) })
    }

    /// The types of type argument expressions; none if one is invalid.
    pub(crate) fn type_exprs(&mut self, list: &[ExprId]) -> Option<Vec<TypeId>> {
        let types: Vec<_> = list.iter().map(|&e| self.var_type(e)).collect();
        types.iter().all(|&t| self.s.is_valid(t)).then_some(types)
    }

    /// Instantiates the generic function `x`, with the type arguments of the index expression `inst` as
    /// far as they are there, the rest inferred from the target. Without `infer`, missing arguments are
    /// no error: those that are there are returned, and `x` stays.
    pub(crate) fn func_inst(
        &mut self,
        target: Option<AssignTarget>,
        pos: Pos,
        x: &mut Operand,
        inst: Option<ExprId>,
        infer: bool,
    ) -> Option<Vec<TypeId>> {
        let at = inst.map_or(pos, |e| self.node_pos(e));
        let old = !self.verify_version(at, 18, "function instantiation");
        let mut given = TypeArgs::default();
        if let Some(e) = inst {
            x.expr = Some(e);
            if let ExprKind::IndexExpr { indices, .. } = self.kind(e) {
                given.exprs = &self.tree()[indices];
            }
            match self.type_exprs(given.exprs) {
                Some(types) => given.types = types,
                None => {
                    x.invalidate();
                    return None;
                }
            }
        }
        let Some(sig) = self.sig_of(x.typ) else {
            x.invalidate();
            return None;
        };
        let (got, want) = (given.types.len(), sig.tparams.len());
        if got > want {
            let msg = format!("got {got} type arguments but want {want}");
            self.error(given.exprs[got - 1], codes::WRONG_TYPE_ARG_COUNT, msg);
            x.invalidate();
            return None;
        }
        let mut targs = given.types.clone();
        if got < want {
            if !infer {
                return Some(targs);
            }
            match self.infer_from_target(target, pos, x, &sig, &given.types, old) {
                Some(all) => targs = all,
                None => {
                    x.invalidate();
                    return None;
                }
            }
        }
        let e = x.expr?;
        let at = self.node_pos(e);
        x.typ = self.instantiate_signature(at, e, x.typ, &targs, given.exprs);
        x.mode = Mode::Value;
        None
    }

    fn infer_from_target(
        &mut self,
        target: Option<AssignTarget>,
        pos: Pos,
        x: &Operand,
        sig: &Signature,
        given: &[TypeId],
        old: bool,
    ) -> Option<Vec<TypeId>> {
        let at = x.expr.map_or(pos, |e| self.node_pos(e));
        let (mut params, mut args, mut reverse) = (vec![], vec![], false);
        if let Some(target) = target {
            if !old && !self.allow_version(21) {
                let how = if given.is_empty() { "implicitly" } else { "partially" };
                self.version_error(at, 21, &format!("{how} instantiated function in assignment"));
            }
            // As if the target were passed to a function with a parameter of x's type.
            let plain =
                Signature { params: sig.params, results: sig.results, variadic: sig.variadic, ..Signature::default() };
            let plain = self.s.new_signature(plain);
            let pkg = Some(self.pkg);
            params.push(self.s.new_var(VarKind::Param, Name::EMPTY, at, pkg, Some(plain)));
            let desc = self.text(target.name).to_string();
            args.push(Operand::described(x.expr, target.sig, &desc));
            reverse = true;
        }
        let tparams = self.s.type_list(sig.tparams).to_vec();
        let tuple = self.s.new_tuple(&params);
        let (tparams, tuple) = self.rename_tparams(&tparams, tuple);
        let params = self.tuple_vars(tuple);
        let mut targs: Vec<_> = given.iter().copied().map(Some).collect();
        targs.resize(tparams.len(), None);
        let mut err = ErrorParts::default();
        let inferred = self.infer(pos, &tparams, &targs, &params, &args, reverse, &mut err);
        if inferred.is_none() && !err.is_empty() {
            self.report(codes::CANNOT_INFER_TYPE_ARGS, err.0);
        }
        inferred
    }

    pub(crate) fn tuple_vars(&self, tuple: TypeId) -> Vec<ObjId> {
        match self.s.ty(tuple) {
            Type::Tuple(list) => self.s.objs(list).to_vec(),
            _ => Vec::new(),
        }
    }

    /// The instance of a generic function's type, recorded at `e`. Whether the type arguments satisfy
    /// their constraints is checked when all types are set up.
    pub(crate) fn instantiate_signature(
        &mut self,
        pos: Pos,
        e: ExprId,
        sig: TypeId,
        targs: &[TypeId],
        exprs: &'a [ExprId],
    ) -> TypeId {
        let tparams = self.s.type_params(sig);
        let inst = self.instance(pos, sig, targs);
        self.record_instance(e, targs, inst);
        let targs = targs.to_vec();
        self.later(move |c| match c.verify(tparams, &targs) {
            Err((i, cause)) => {
                let at = exprs.get(i).map_or(pos, |&e| c.start_pos(e));
                c.error(at, codes::INVALID_TYPE_ARG, cause);
            }
            Ok(()) => {
                let at: Vec<_> = exprs.iter().map(|&e| c.node_pos(e)).collect();
                let tparams = c.s.type_list(tparams).to_vec();
                c.mono_record(pos, &tparams, &targs, &at);
            }
        });
        inst
    }

    /// Gives each generic function among the arguments type parameters of its own, and adds these and
    /// the type arguments that are written to the lists. Returns the places of those arguments.
    pub(crate) fn rename_generic_args(
        &mut self,
        args: &mut [Operand],
        atargs: &[Vec<TypeId>],
        tparams: &mut Vec<TypeId>,
        targs: &mut Vec<Option<TypeId>>,
    ) -> Vec<usize> {
        let mut generic = Vec::new();
        for (i, arg) in args.iter_mut().enumerate() {
            if !arg.is_valid() {
                continue;
            }
            let Some(sig) = self.sig_of(arg.typ).filter(|s| !s.tparams.is_empty()) else { continue };
            let old = self.s.type_list(sig.tparams).to_vec();
            let (new, typ) = self.rename_tparams(&old, arg.typ);
            let renamed = self.sig_of(typ).unwrap_or(sig);
            let list = self.s.new_type_list(&new);
            arg.typ = self.s.new_signature(Signature { tparams: list, ..renamed });
            tparams.extend(new);
            targs.extend(atargs.get(i).into_iter().flatten().copied().map(Some));
            targs.resize(tparams.len(), None);
            generic.push(i);
        }
        if let Some(&first) = generic.first() {
            let at = self.span_of(&args[first]).start;
            self.verify_version(at, 21, "implicitly instantiated function as argument");
        }
        generic
    }
}
