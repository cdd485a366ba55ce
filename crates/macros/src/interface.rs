//! `#[itab::interface]`: a trait as a Go interface.
//!
//! The trait stays as it is. Added are the list of its methods, and its implementation for `Iface` and `Plugin` of every
//! interface that includes it: each method gives its arguments and takes its results by the number of the method. A default
//! body moves to a hidden method, so that it can be called where Go lacks the method.

use crate::attrs::GoAttrs;
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::spanned::Spanned;
use syn::{
    FnArg, Ident, ItemTrait, Pat, Path, Receiver, ReceiverKind, ReturnType, Signature, TraitItem, TraitItemFn, Type,
    TypeParamBound, parse_quote,
};

/// What stands in `#[interface(..)]`: the trait of another crate that this one stands for.
pub(crate) fn remote(attr: TokenStream) -> syn::Result<Option<Path>> {
    use syn::parse::Parser;
    if attr.is_empty() {
        return Ok(None);
    }
    let parser = |input: syn::parse::ParseStream<'_>| {
        let key: Ident = input.parse()?;
        if key != "of" {
            return Err(syn::Error::new(key.span(), "there is `of = path::of::Trait`"));
        }
        input.parse::<syn::Token![=]>()?;
        input.parse::<Path>()
    };
    parser.parse2(attr).map(Some)
}

/// A method of the trait.
struct Method {
    sig: Signature,
    name: TokenStream,
    /// The hidden method with its default body.
    default: Option<Ident>,
    args: Vec<Ident>,
    types: Vec<Type>,
    result: Type,
}

fn wrong<T>(at: &impl Spanned, text: &str) -> syn::Result<T> {
    Err(syn::Error::new(at.span(), text))
}

pub(crate) fn expand(mut item: ItemTrait, remote: Option<Path>) -> syn::Result<TokenStream> {
    if !item.generics.params.is_empty() {
        return wrong(&item.generics, "a trait that is a Go interface has no generics");
    }
    let mut methods = vec![];
    let mut defaults = vec![];
    for member in &mut item.items {
        let TraitItem::Fn(f) = member else {
            return wrong(member, "a trait that is a Go interface has methods only");
        };
        let (method, default) = method(f)?;
        methods.push(method);
        defaults.extend(default);
    }
    item.items.extend(defaults.into_iter().map(TraitItem::Fn));
    let supers = supers(&item);
    let described = describe(&item, &methods, &supers);
    let implemented = implement(&item, &methods, &supers)?;
    let adapter = remote.map(|path| adapter(&item, &methods, &path));
    Ok(quote!(#item #described #implemented #adapter))
}

/// Checks a method, and splits its default body off.
fn method(f: &mut TraitItemFn) -> syn::Result<(Method, Option<TraitItemFn>)> {
    let sig = f.sig.clone();
    if sig.asyncness.is_some() {
        return wrong(&sig, "a method that Go implements is not async: it calls Go and waits");
    }
    if sig.generics.type_params().next().is_some() || sig.generics.const_params().next().is_some() {
        return wrong(&sig.generics, "a method that Go implements has no generics");
    }
    let takes_self =
        matches!(sig.inputs.first(), Some(FnArg::Receiver(Receiver { kind: ReceiverKind::Reference(..), .. })));
    if !takes_self {
        return wrong(&sig, "a method that Go implements takes `&self` or `&mut self`");
    }
    let attrs = GoAttrs::of(&f.attrs)?;
    f.attrs.retain(|a| !a.path().is_ident("go"));
    let (mut args, mut types) = (vec![], vec![]);
    for (i, input) in sig.inputs.iter().enumerate().skip(1) {
        let FnArg::Typed(arg) = input else { return wrong(input, "one `self`") };
        if let Type::ImplTrait(_) = &*arg.ty {
            return wrong(&arg.ty, "a method that Go implements has no generics");
        }
        args.push(match &*arg.pat {
            Pat::Ident(name) if name.ident != "_" => name.ident.clone(),
            _ => format_ident!("__arg{}", i),
        });
        types.push((*arg.ty).clone());
    }
    let result = match &sig.output {
        ReturnType::Default => parse_quote!(()),
        ReturnType::Type(_, ty) => (**ty).clone(),
    };
    let exact = attrs.name.is_some();
    let go = attrs.name.map_or_else(|| sig.ident.to_string().trim_start_matches("r#").into(), |n| n.value());
    let name = quote!(::itab::derive::FieldName { name: #go, exact: #exact });
    let hidden = f.default.as_ref().map(|_| format_ident!("__default_{}", sig.ident));
    let method = Method { sig, name, default: hidden.clone(), args, types, result };
    let Some(hidden) = hidden else { return Ok((method, None)) };
    let mut moved = f.clone();
    moved.sig.ident = hidden.clone();
    moved.attrs = vec![parse_quote!(#[doc(hidden)])];
    // The trait's own method calls the moved one, with the arguments under the names that they have there.
    let args = &method.args;
    for (i, input) in f.sig.inputs.iter_mut().skip(1).enumerate() {
        if let FnArg::Typed(arg) = input {
            let name = &args[i];
            *arg.pat = parse_quote!(#name);
        }
    }
    f.default = Some(parse_quote!({ self.#hidden(#(#args),*) }));
    Ok((method, Some(moved)))
}

/// Whether a path ends in a name.
fn is(path: &Path, name: &str) -> bool {
    path.segments.last().is_some_and(|s| s.ident == name)
}

/// All super-traits.
fn bounds(item: &ItemTrait) -> impl Iterator<Item = &Path> {
    item.supertraits.iter().filter_map(|bound| match bound {
        TypeParamBound::Trait(t) => Some(&t.path),
        _ => None,
    })
}

/// Super-traits that are Go interfaces: all but those of the standard library that mark types.
fn supers(item: &ItemTrait) -> Vec<Path> {
    const MARKERS: &[&str] = &["Send", "Sync", "Unpin"];
    bounds(item).filter(|p| !MARKERS.iter().any(|m| is(p, m))).cloned().collect()
}

/// The list of methods, and what the interface includes.
fn describe(item: &ItemTrait, methods: &[Method], supers: &[Path]) -> TokenStream {
    let name = &item.ident;
    let own = methods.len();
    let listed = methods.iter().map(|m| {
        let (go, optional, types, result) = (&m.name, m.default.is_some(), &m.types, &m.result);
        let count = types.len();
        quote! {
            __all.push(::itab::derive::Method {
                name: #go,
                optional: #optional,
                check: |__ins, __outs| {
                    ::itab::derive::MethodChecker::new(__ins, __outs, #count)?
                        #(.param::<#types>()?)*
                        .results::<#result>()
                },
            });
        }
    });
    let includes = supers.iter().enumerate().map(|(i, path)| {
        let before = &supers[..i];
        quote! {
            impl ::itab::derive::Includes<dyn #path> for dyn #name {
                const OFFSET: usize = #own #(+ <dyn #before as ::itab::Interface>::COUNT)*;
            }
        }
    });
    quote! {
        impl ::itab::Interface for dyn #name {
            const COUNT: usize = #own #(+ <dyn #supers as ::itab::Interface>::COUNT)*;
            fn methods(__all: &mut ::std::vec::Vec<::itab::derive::Method>) {
                #(#listed)*
                #(<dyn #supers as ::itab::Interface>::methods(__all);)*
            }
        }
        impl ::itab::derive::Includes<dyn #name> for dyn #name {
            const OFFSET: usize = 0;
        }
        #(#includes)*
    }
}

/// The signature of a method with the names that its arguments have here.
fn signature(m: &Method) -> Signature {
    let mut sig = m.sig.clone();
    for (input, name) in sig.inputs.iter_mut().skip(1).zip(&m.args) {
        if let FnArg::Typed(arg) = input {
            *arg.pat = parse_quote!(#name);
        }
    }
    sig
}

/// The implementations for `Iface` and `Plugin`.
fn implement(item: &ItemTrait, methods: &[Method], supers: &[Path]) -> syn::Result<TokenStream> {
    let name = &item.ident;
    if let Some(sync) = bounds(item).find(|p| is(p, "Sync")) {
        return wrong(sync, "a plug-in is `Send` and not `Sync`: one thread at a time calls it");
    }
    // A value in a scope stays on its thread.
    let in_scope = !bounds(item).any(|p| is(p, "Send"));
    let bound = quote!(?Sized + ::itab::derive::Includes<dyn #name> #(+ ::itab::derive::Includes<dyn #supers>)*);
    let bodies: Vec<TokenStream> = methods
        .iter()
        .enumerate()
        .map(|(i, m)| {
            let (sig, args, result) = (signature(m), &m.args, &m.result);
            let default = m.default.as_ref().map(|hidden| {
                quote! {
                    if !::itab::derive::Receiver::<__T>::has(self, __METHOD) {
                        return self.#hidden(#(#args),*);
                    }
                }
            });
            quote! {
                #[inline]
                #sig {
                    let __METHOD = <__T as ::itab::derive::Includes<dyn #name>>::OFFSET + #i;
                    #default
                    <#result as ::itab::TakeResults>::of_call(
                        ::itab::derive::Receiver::<__T>::invoke::<#result>(self, __METHOD, |__args| {
                            let _ = &__args;
                            #(__args.give(#args)?;)*
                            ::std::result::Result::Ok(())
                        })
                    )
                }
            }
        })
        .collect();
    let iface = in_scope.then(|| {
        quote! {
            #[allow(non_snake_case)]
            impl<__T: #bound> #name for ::itab::Iface<'_, __T> {
                #(#bodies)*
            }
        }
    });
    Ok(quote! {
        #iface
        #[allow(non_snake_case)]
        impl<__T: #bound> #name for ::itab::Plugin<__T> {
            #(#bodies)*
        }
    })
}

/// A type of this crate that implements the trait of another crate by this one.
fn adapter(item: &ItemTrait, methods: &[Method], path: &Path) -> TokenStream {
    let (name, vis) = (&item.ident, &item.vis);
    let adapter = format_ident!("{}Adapter", name);
    let bodies = methods.iter().map(|m| {
        let (sig, args, ident) = (signature(m), &m.args, &m.sig.ident);
        quote!(#[inline] #sig { #name::#ident(&self.0 #(, #args)*) })
    });
    let doc = format!("What implements [`{name}`], as the trait that it stands for.");
    quote! {
        #[doc = #doc]
        #vis struct #adapter<T>(pub T);

        impl<__T: #name> #path for #adapter<__T> {
            #(#bodies)*
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(item: ItemTrait) -> String {
        expand(item, None).unwrap_err().to_string()
    }

    #[test]
    fn misuse_is_told_at_compile_time() {
        assert!(
            error(parse_quote!(
                trait T<X> {}
            ))
            .contains("no generics")
        );
        assert!(
            error(parse_quote!(
                trait T {
                    type X;
                }
            ))
            .contains("methods only")
        );
        assert!(
            error(parse_quote!(
                trait T {
                    fn f();
                }
            ))
            .contains("`&self`")
        );
        assert!(
            error(parse_quote!(
                trait T {
                    fn f(self);
                }
            ))
            .contains("`&self`")
        );
        assert!(
            error(parse_quote!(
                trait T {
                    fn f<X>(&self, x: X);
                }
            ))
            .contains("no generics")
        );
        assert!(
            error(parse_quote!(
                trait T {
                    fn f(&self, x: impl Copy);
                }
            ))
            .contains("no generics")
        );
        assert!(
            error(parse_quote!(
                trait T {
                    async fn f(&self);
                }
            ))
            .contains("not async")
        );
        assert!(
            error(parse_quote!(
                trait T: Sync {}
            ))
            .contains("not `Sync`")
        );
        assert!(remote(quote!(for = x::Y)).is_err());
    }
}
