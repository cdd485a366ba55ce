//! `#[itab::host]`: Rust types whose values Go holds.
//!
//! The `impl` block stays as it is. Added are the type's names and the list of its methods. Each has three functions: one
//! compares it with a Go func type, one gives the func type that package reflect sees, one calls it.

use crate::attrs::GoAttrs;
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use std::collections::HashSet;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{
    Fields, FnArg, GenericArgument, Ident, ImplItem, Item, ItemImpl, ItemStruct, LitStr, Path, PathArguments,
    ReceiverKind, ReturnType, Signature, Token, Type, Visibility,
};

/// What stands in `#[host(..)]`.
#[derive(Default)]
pub(crate) struct HostAttrs {
    /// `fields`: public fields are methods.
    fields: bool,
    /// `part`: the block belongs to a type that has another, which names it.
    part: bool,
    /// `with(A, B)`: traits whose methods are in other blocks.
    with: Vec<Path>,
    name: Option<LitStr>,
    package: Option<LitStr>,
}

impl Parse for HostAttrs {
    fn parse(input: ParseStream<'_>) -> syn::Result<HostAttrs> {
        let mut found = HostAttrs::default();
        while !input.is_empty() {
            let key: Ident = input.parse()?;
            match key.to_string().as_str() {
                "fields" => found.fields = true,
                "part" => found.part = true,
                "with" => {
                    let list;
                    syn::parenthesized!(list in input);
                    found.with = Punctuated::<Path, Token![,]>::parse_terminated(&list)?.into_iter().collect();
                }
                "name" => {
                    input.parse::<Token![=]>()?;
                    found.name = Some(input.parse()?);
                }
                "package" => {
                    input.parse::<Token![=]>()?;
                    found.package = Some(input.parse()?);
                }
                _ => {
                    let there = "there are `fields`, `part`, `with(Trait)`, `name = \"X\"` and `package = \"path\"`";
                    return Err(syn::Error::new(key.span(), there));
                }
            }
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        Ok(found)
    }
}

fn wrong<T>(at: &impl Spanned, text: &str) -> syn::Result<T> {
    Err(syn::Error::new(at.span(), text))
}

pub(crate) fn expand(attrs: &HostAttrs, item: Item) -> syn::Result<TokenStream> {
    match item {
        Item::Impl(block) => methods(attrs, block),
        Item::Struct(item) if attrs.fields => fields(item),
        other => wrong(&other, "#[itab::host] stands at an `impl` block, #[itab::host(fields)] also at a struct"),
    }
}

/// How a method has its value.
#[derive(Clone, Copy, PartialEq)]
enum Receiver {
    Shared,
    Exclusive,
    Value,
}

/// A parameter of a method.
enum Param {
    /// `&mut Scope<'_>`.
    Scope,
    /// A value that passes from Go; `by_ref` if the method takes a reference to it.
    Value { ty: Type, by_ref: bool },
    /// `&T` or `&mut T` of a host type.
    Host { ty: Type, mutable: bool },
}

/// The methods of a block, and the block with what belongs to this macro taken out.
fn methods(attrs: &HostAttrs, mut block: ItemImpl) -> syn::Result<TokenStream> {
    let trait_ = block.trait_.as_ref().map(|(path, _)| path.clone());
    let (mut added, mut seen) = (vec![], HashSet::new());
    for item in &mut block.items {
        let ImplItem::Fn(f) = item else { continue };
        let own = GoAttrs::of(&f.attrs)?;
        f.attrs.retain(|a| !a.path().is_ident("go"));
        if own.skip || f.sig.receiver().is_none() {
            continue;
        }
        let (name, method) = method(&f.sig, own, trait_.as_ref())?;
        if !seen.insert(name.clone()) {
            return wrong(&f.sig.ident, &format!("there are two methods {name}; `#[go(name = \"X\")]` renames one"));
        }
        added.push(method);
    }
    let described = if attrs.part { part(&block, trait_.as_ref(), &added)? } else { host_type(attrs, &block, &added) };
    Ok(quote!(#block #described))
}

/// The methods of a block that another block of the type names.
fn part(block: &ItemImpl, trait_: Option<&Path>, methods: &[TokenStream]) -> syn::Result<TokenStream> {
    let Some(trait_) = trait_ else {
        return wrong(&block.self_ty, "a part has the methods of a trait: `impl Trait for T`");
    };
    let (generics, _, bounds) = block.generics.split_for_impl();
    let ty = &block.self_ty;
    Ok(quote! {
        #[automatically_derived]
        impl #generics ::itab::derive::HostPart<dyn #trait_> for #ty #bounds {
            fn describe(__all: &mut ::itab::derive::Describe<Self>) {
                #(#methods)*
            }
        }
    })
}

/// What makes a type a host type.
fn host_type(attrs: &HostAttrs, block: &ItemImpl, methods: &[TokenStream]) -> TokenStream {
    let (generics, _, bounds) = block.generics.split_for_impl();
    let ty = &block.self_ty;
    let package = attrs.package.as_ref().map_or_else(|| quote!(::std::module_path!()), |p| quote!(#p));
    let name = match &attrs.name {
        Some(name) => quote!(::std::option::Option::Some(#name)),
        None => quote!(::std::option::Option::None),
    };
    let fields =
        attrs.fields.then(|| quote!(<Self as ::itab::derive::HostPart<::itab::derive::Fields>>::describe(__all);));
    let with = attrs.with.iter().map(|t| quote!(<Self as ::itab::derive::HostPart<dyn #t>>::describe(__all);));
    quote! {
        #[automatically_derived]
        impl #generics ::itab::HostType for #ty #bounds {
            const PACKAGE: &'static str = #package;
            const NAME: ::std::option::Option<&'static str> = #name;
            #[allow(clippy::needless_borrow, clippy::needless_borrows_for_generic_args)]
            fn describe(__all: &mut ::itab::derive::Describe<Self>) {
                #[allow(unused_imports)]
                use ::itab::derive::{IsError as _, NoError as _, NoGoText as _, NoText as _};
                #[allow(unused_imports)]
                use ::itab::derive::{ViaDebug as _, ViaDebugToo as _, ViaDisplay as _};
                #(#methods)*
                #fields
                #(#with)*
                (&&&::itab::derive::Probe::<Self>::new()).text(__all);
                (&&::itab::derive::Probe::<Self>::new()).go_text(__all);
                (&&::itab::derive::Probe::<Self>::new()).error(__all);
            }
        }
        #[automatically_derived]
        impl #generics ::itab::derive::Fits for #ty #bounds {
            fn accepts(__t: ::itab::GoType<'_>) -> bool {
                ::itab::derive::accepts(__t)
            }
            fn check(
                __t: ::itab::GoType<'_>,
                __checker: &mut ::itab::derive::Checker,
            ) -> ::std::result::Result<(), ::itab::derive::Misfit> {
                ::itab::derive::check::<Self>(__t, __checker)
            }
        }
        #[automatically_derived]
        impl #generics ::itab::derive::Give for #ty #bounds {
            fn store(self, __to: ::itab::derive::PlaceMut<'_>) -> ::std::result::Result<(), ::itab::Error> {
                ::itab::derive::store(self, __to)
            }
        }
    }
}

/// A method's name in Go, and the code that describes it.
fn method(sig: &Signature, attrs: GoAttrs, trait_: Option<&Path>) -> syn::Result<(String, TokenStream)> {
    if let Some(token) = &sig.asyncness {
        return wrong(token, "a method that Go calls is not async; `#[go(skip)]` leaves it out");
    }
    if !sig.generics.params.is_empty() {
        return wrong(&sig.generics, "a method that Go calls has no generics; `#[go(skip)]` leaves it out");
    }
    let receiver = match sig.receiver().map(|r| &r.kind) {
        Some(ReceiverKind::Reference(_, _, None)) => Receiver::Shared,
        Some(ReceiverKind::Reference(_, _, Some(_))) => Receiver::Exclusive,
        Some(ReceiverKind::Value) => Receiver::Value,
        _ => {
            return wrong(
                sig,
                "a method that Go calls takes `&self`, `&mut self` or `self`; `#[go(skip)]` leaves it out",
            );
        }
    };
    let rust = sig.ident.to_string().trim_start_matches("r#").to_string();
    let exact = attrs.name.is_some();
    let go_name = attrs.name.map_or_else(|| camel(&rust), |n| n.value());
    let lookup = if exact { &go_name } else { &rust };
    let mut params = vec![];
    for input in sig.inputs.iter().skip(1) {
        let FnArg::Typed(arg) = input else { return wrong(input, "one `self`") };
        params.push(param(&arg.ty)?);
    }
    let in_go = params.iter().any(|p| matches!(p, Param::Scope));
    if in_go && receiver != Receiver::Shared {
        let text = "a method that takes a scope takes `&self`: Go code that it calls may call the value again";
        return wrong(sig, text);
    }
    let call = call(sig, receiver, in_go, &params, &go_name, trait_)?;
    let types: Vec<_> = params.iter().filter_map(checked_type).collect();
    let result = match &sig.output {
        ReturnType::Default => quote!(()),
        ReturnType::Type(_, ty) => quote!(#ty),
    };
    let canonical = canonical(&params, &sig.output);
    let described = quote! {
        __all.method(::itab::derive::HostMethod {
            name: ::itab::derive::FieldName { name: #lookup, exact: #exact },
            go_name: #go_name,
            check: |__ins, __outs| ::itab::derive::check_method::<(#(#types,)*), #result>(__ins, __outs),
            canonical: #canonical,
            call: #call,
        });
    };
    Ok((go_name, described))
}

/// `get_all` is `GetAll`.
fn camel(rust: &str) -> String {
    let word = |w: &str| {
        let mut chars = w.chars();
        chars.next().map_or(String::new(), |c| c.to_uppercase().collect::<String>() + chars.as_str())
    };
    rust.split('_').map(word).collect()
}

/// The last name in a path.
fn last_name(ty: &Type) -> Option<String> {
    let Type::Path(path) = ty else { return None };
    path.path.segments.last().map(|s| s.ident.to_string())
}

/// Types of this crate and the standard library that pass by value, so that a reference to one is one to an argument.
const PLAIN: &[&str] =
    &["String", "Vec", "Any", "GoStr", "GoSlice", "GoError", "Func", "Host", "Root", "HashMap", "BTreeMap"];

fn param(ty: &Type) -> syn::Result<Param> {
    let Type::Reference(reference) = ty else {
        return match ty {
            Type::ImplTrait(_) => wrong(ty, "a method that Go calls has no generics; `#[go(skip)]` leaves it out"),
            ty => Ok(Param::Value { ty: ty.clone(), by_ref: false }),
        };
    };
    let elem = (*reference.elem).clone();
    let name = last_name(&elem);
    let mutable = reference.mutability.is_some();
    if mutable && name.as_deref() == Some("Scope") {
        return Ok(Param::Scope);
    }
    let is_view = matches!(elem, Type::Slice(_)) || name.as_deref() == Some("str");
    let is_plain = name.is_some_and(|n| PLAIN.contains(&n.as_str()));
    match (mutable, is_view, is_plain) {
        (false, true, _) => Ok(Param::Value { ty: ty.clone(), by_ref: false }),
        (false, _, true) => Ok(Param::Value { ty: elem, by_ref: true }),
        (true, true, _) | (true, _, true) => wrong(ty, "what passes from Go is not changed in place"),
        (mutable, ..) => Ok(Param::Host { ty: elem, mutable }),
    }
}

/// The type by which a parameter is compared with Go's.
fn checked_type(param: &Param) -> Option<TokenStream> {
    match param {
        Param::Scope => None,
        Param::Value { ty, .. } => Some(quote!(#ty)),
        Param::Host { ty, .. } => Some(quote!(::itab::derive::HostParam<#ty>)),
    }
}

/// The owned type of a view, for methods that run Go code.
fn owned(ty: &Type) -> Option<TokenStream> {
    let Type::Reference(reference) = ty else { return None };
    match &*reference.elem {
        Type::Slice(slice) => {
            let elem = &slice.elem;
            Some(quote!(::std::vec::Vec<#elem>))
        }
        _ => Some(quote!(::std::string::String)),
    }
}

/// The closure that calls a method.
fn call(
    sig: &Signature,
    receiver: Receiver,
    in_go: bool,
    params: &[Param],
    go_name: &str,
    trait_: Option<&Path>,
) -> syn::Result<TokenStream> {
    let (mut loads, mut args, mut next) = (vec![], vec![], 0usize);
    for param in params {
        let arg = format_ident!("__arg{}", next);
        let (load, pass) = match param {
            Param::Scope => {
                args.push(quote!(__call.scope()));
                continue;
            }
            Param::Host { ty, mutable: true } if in_go => {
                return wrong(ty, "a method that takes a scope borrows other values of the host as shared");
            }
            Param::Host { ty, mutable: true } => {
                (quote!(let mut #arg = __args.host_mut::<#ty>(#next)?;), quote!(&mut #arg))
            }
            Param::Host { ty, .. } if in_go => (quote!(let #arg = __call.host_in_go::<#ty>(#next)?;), quote!(&#arg)),
            Param::Host { ty, .. } => (quote!(let #arg = __args.host::<#ty>(#next)?;), quote!(&#arg)),
            Param::Value { ty, by_ref } if in_go => match owned(ty) {
                Some(owned) => (quote!(let #arg = __call.owned::<#owned>(#next)?;), quote!(&*#arg)),
                None => {
                    let pass = if *by_ref { quote!(&#arg) } else { quote!(#arg) };
                    (quote!(let #arg = __call.owned::<#ty>(#next)?;), pass)
                }
            },
            Param::Value { ty, by_ref } => {
                let pass = if *by_ref { quote!(&#arg) } else { quote!(#arg) };
                (quote!(let #arg = __args.arg::<#ty>(#next)?;), pass)
            }
        };
        loads.push(load);
        args.push(pass);
        next += 1;
    }
    let ident = &sig.ident;
    let path = trait_.map_or_else(|| quote!(Self::#ident), |t| quote!(<Self as #t>::#ident));
    if in_go {
        return Ok(quote! {
            |__call| ::itab::derive::shared_in_go::<Self>(__call, #go_name, |__this, __call| {
                #(#loads)*
                let __result = #path(__this #(, #args)*);
                __call.returns(__result)
            })
        });
    }
    let how = match receiver {
        Receiver::Shared => quote!(shared),
        Receiver::Exclusive => quote!(exclusive),
        Receiver::Value => quote!(by_value),
    };
    Ok(quote! {
        |__call| ::itab::derive::#how::<Self>(__call, #go_name, |__this, __args, __out| {
            let _ = &__args;
            #(#loads)*
            __out.give(#path(__this #(, #args)*))
        })
    })
}

/// The closure that gives the func type which package reflect sees.
fn canonical(params: &[Param], output: &ReturnType) -> TokenStream {
    let go_type = |ty: &Type| quote!((&&&::itab::derive::Probe::<#ty>::new()).go_type(__c)?);
    let ins = params.iter().filter_map(|p| match p {
        Param::Scope => None,
        Param::Value { ty, .. } => Some(go_type(ty)),
        Param::Host { .. } => Some(quote!(__c.host())),
    });
    let mut outs = vec![];
    if let ReturnType::Type(_, ty) = output {
        results(ty, &mut outs);
    }
    quote! {
        |__c| {
            #[allow(unused_imports)]
            use ::itab::derive::{KnownHost as _, KnownType as _, UnknownType as _};
            let __ins = [#(#ins),*];
            let __outs = [#(#outs),*];
            ::std::option::Option::Some(__c.func(&__ins, &__outs))
        }
    }
}

/// The Go results that a Rust result stands for.
fn results(ty: &Type, outs: &mut Vec<TokenStream>) {
    let argument = |ty: &Type| {
        let Type::Path(path) = ty else { return None };
        let PathArguments::AngleBracketed(args) = &path.path.segments.last()?.arguments else { return None };
        args.args.iter().find_map(|a| if let GenericArgument::Type(t) = a { Some(t.clone()) } else { None })
    };
    match (ty, last_name(ty).as_deref(), argument(ty)) {
        (Type::Tuple(tuple), ..) => tuple.elems.iter().for_each(|t| results(t, outs)),
        (_, Some("Option"), Some(value)) => {
            results(&value, outs);
            outs.push(quote!(__c.last(false)));
        }
        (_, Some("Result"), Some(value)) => {
            results(&value, outs);
            outs.push(quote!(__c.last(true)));
        }
        _ => outs.push(quote!((&&&::itab::derive::Probe::<#ty>::new()).go_type(__c)?)),
    }
}

/// Getters and setters of a struct's public fields.
fn fields(mut item: ItemStruct) -> syn::Result<TokenStream> {
    let Fields::Named(named) = &mut item.fields else {
        return wrong(&item.ident, "fields that are methods have names");
    };
    let mut methods = vec![];
    for field in &mut named.named {
        let attrs = GoAttrs::of(&field.attrs)?;
        field.attrs.retain(|a| !a.path().is_ident("go"));
        if attrs.skip || !matches!(field.vis, Visibility::Public(_)) {
            continue;
        }
        let (Some(ident), ty) = (&field.ident, &field.ty) else { continue };
        let name = attrs.name.map_or_else(|| camel(ident.to_string().trim_start_matches("r#")), |n| n.value());
        let setter = format!("Set{name}");
        let exact = |name: &str| quote!(::itab::derive::FieldName { name: #name, exact: true });
        let (get_name, set_name) = (exact(&name), exact(&setter));
        let go_type = quote! {
            #[allow(unused_imports)]
            use ::itab::derive::{KnownHost as _, KnownType as _, UnknownType as _};
            let __field = (&&&::itab::derive::Probe::<#ty>::new()).go_type(__c)?;
        };
        methods.push(quote! {
            __all.method(::itab::derive::HostMethod {
                name: #get_name,
                go_name: #name,
                check: |__ins, __outs| ::itab::derive::check_method::<(), #ty>(__ins, __outs),
                canonical: |__c| { #go_type ::std::option::Option::Some(__c.func(&[], &[__field])) },
                call: |__call| ::itab::derive::shared::<Self>(__call, #name, |__this, _, __out| {
                    __out.give(::std::clone::Clone::clone(&__this.#ident))
                }),
            });
            __all.method(::itab::derive::HostMethod {
                name: #set_name,
                go_name: #setter,
                check: |__ins, __outs| ::itab::derive::check_method::<(#ty,), ()>(__ins, __outs),
                canonical: |__c| { #go_type ::std::option::Option::Some(__c.func(&[__field], &[])) },
                call: |__call| ::itab::derive::exclusive::<Self>(__call, #setter, |__this, __args, __out| {
                    __this.#ident = __args.arg::<#ty>(0)?;
                    __out.give(())
                }),
            });
        });
    }
    let (name, (generics, ty, bounds)) = (&item.ident, item.generics.split_for_impl());
    let part = quote! {
        #[automatically_derived]
        #[allow(clippy::needless_borrow)]
        impl #generics ::itab::derive::HostPart<::itab::derive::Fields> for #name #ty #bounds {
            fn describe(__all: &mut ::itab::derive::Describe<Self>) {
                #(#methods)*
            }
        }
    };
    Ok(quote!(#item #part))
}

#[cfg(test)]
mod tests {
    use super::*;
    use syn::parse_quote;

    fn error(item: Item) -> String {
        expand(&HostAttrs::default(), item).unwrap_err().to_string()
    }

    #[test]
    fn go_names_are_camels() {
        assert_eq!((camel("get_all"), camel("len"), camel("_x_1")), ("GetAll".into(), "Len".into(), "X1".into()));
    }

    #[test]
    fn misuse_is_told_at_compile_time() {
        assert!(error(parse_quote!(impl T { fn f<X>(&self, x: X) {} })).contains("no generics"));
        assert!(error(parse_quote!(impl T { fn f(&self, x: impl Copy) {} })).contains("no generics"));
        assert!(error(parse_quote!(impl T { async fn f(&self) {} })).contains("not async"));
        assert!(error(parse_quote!(impl T { fn f(self: Box<Self>) {} })).contains("`&self`"));
        assert!(error(parse_quote!(impl T { fn f(&mut self, s: &mut Scope<'_>) {} })).contains("takes a scope"));
        assert!(error(parse_quote!(impl T { fn f(&self, s: &mut Scope<'_>, o: &mut T) {} })).contains("as shared"));
        assert!(error(parse_quote!(impl T { fn f(&self, s: &mut String) {} })).contains("in place"));
        assert!(error(parse_quote!(impl T { fn a_b(&self) {} fn aB(&self) {} })).contains("two methods AB"));
        assert!(
            error(parse_quote!(
                enum E {}
            ))
            .contains("`impl` block")
        );
        assert!(syn::parse_str::<HostAttrs>("methods").is_err());
        let part = HostAttrs { part: true, ..HostAttrs::default() };
        assert!(expand(&part, parse_quote!(impl T {})).unwrap_err().to_string().contains("impl Trait for T"));
        let fields = HostAttrs { fields: true, ..HostAttrs::default() };
        assert!(
            expand(
                &fields,
                parse_quote!(
                    struct S(u8);
                )
            )
            .unwrap_err()
            .to_string()
            .contains("have names")
        );
    }
}
