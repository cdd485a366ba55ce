//! What derived code says of a type when a host package needs its Go source: names, documentation, fields, constants.

use crate::attrs::GoAttrs;
use crate::names::exported;
use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{Attribute, DataEnum, DeriveInput, Expr, ExprLit, Fields, Lit, Meta, Type};

/// The text of doc comments, line by line.
pub(crate) fn doc(attrs: &[Attribute]) -> String {
    let mut lines = vec![];
    for attr in attrs.iter().filter(|a| a.path().is_ident("doc")) {
        if let Meta::NameValue(pair) = &attr.meta
            && let Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) = &pair.value
        {
            lines.extend(text.value().split('\n').map(str::to_string));
        }
    }
    lines.join("\n")
}

/// The name of a type in Go.
fn go_name(input: &DeriveInput, attrs: &GoAttrs) -> String {
    let own = || input.ident.to_string().trim_start_matches("r#").to_string();
    attrs.name.as_ref().map_or_else(own, |name| name.value())
}

/// The name of a type in Go, its documentation and the package that it belongs to.
fn naming(input: &DeriveInput, attrs: &GoAttrs) -> TokenStream {
    let (name, doc) = (go_name(input, attrs), doc(&input.attrs));
    let home = match &attrs.home {
        Some((path, package)) => quote!(::std::option::Option::Some((#path, #package))),
        None => quote!(::std::option::Option::None),
    };
    let arguments = input.generics.type_params().map(|p| &p.ident);
    quote! {
        ::itab::derive::Naming {
            name: #name,
            doc: #doc,
            home: #home,
            arguments: &[#(<#arguments as ::itab::derive::Fits>::describe),*],
        }
    }
}

/// A struct of one field as a type that is as the field.
pub(crate) fn transparent(input: &DeriveInput, inner: &Type) -> syn::Result<TokenStream> {
    let naming = naming(input, &GoAttrs::of(&input.attrs)?);
    Ok(quote!(__d.transparent::<Self>(&#naming, <#inner as ::itab::derive::Fits>::describe)))
}

/// A struct with its fields.
pub(crate) fn record(input: &DeriveInput, fields: &Fields) -> syn::Result<TokenStream> {
    let naming = naming(input, &GoAttrs::of(&input.attrs)?);
    let mut texts = vec![];
    for (i, field) in fields.iter().enumerate() {
        let attrs = GoAttrs::of(&field.attrs)?;
        if attrs.skip {
            continue;
        }
        let own = || field.ident.as_ref().map_or_else(|| format!("V{i}"), |name| exported(&name.to_string()));
        let name = attrs.name.map_or_else(own, |name| name.value());
        let (doc, ty) = (doc(&field.attrs), &field.ty);
        texts.push(quote! {
            ::itab::derive::FieldText { name: #name, doc: #doc, typ: <#ty as ::itab::derive::Fits>::describe(__d) }
        });
    }
    Ok(quote! {
        __d.record::<Self>(&#naming, |__d| {
            let _ = &__d;
            ::std::vec![#(#texts),*]
        })
    })
}

/// An enum as a type with constants, whose names begin with the type's.
pub(crate) fn constants(input: &DeriveInput, data: &DataEnum, base: &str) -> syn::Result<TokenStream> {
    let attrs = GoAttrs::of(&input.attrs)?;
    let (naming, prefix) = (naming(input, &attrs), go_name(input, &attrs));
    let texts = data.variants.iter().map(|variant| {
        let name = format!("{prefix}{}", variant.ident);
        let (doc, ident) = (doc(&variant.attrs), &variant.ident);
        quote! {
            ::itab::derive::ConstantText {
                name: #name,
                doc: #doc,
                literal: ::itab::derive::Constant::literal(&Self::#ident).unwrap_or_default(),
            }
        }
    });
    Ok(quote!(__d.constants::<Self>(&#naming, #base, ::std::vec![#(#texts),*])))
}

/// The values of an enum's variants, in their order, as what Go writes for them.
pub(crate) fn literals(input: &DeriveInput, data: &DataEnum, values: &[impl ToTokens]) -> TokenStream {
    let (name, variants) = (&input.ident, data.variants.iter().map(|v| &v.ident));
    quote! {
        #[automatically_derived]
        impl ::itab::derive::Constant for #name {
            fn literal(&self) -> ::std::option::Option<::std::string::String> {
                match self {
                    #(Self::#variants => #values,)*
                }
            }
        }
    }
}
