//! `#[derive(Go)]`.

use crate::attrs::GoAttrs;
use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote};
use syn::spanned::Spanned;
use syn::{
    Data, DataEnum, DeriveInput, Field, Fields, GenericParam, Generics, Index, Lifetime, LitStr, Member, WherePredicate,
};

pub(crate) fn derive(input: &DeriveInput) -> syn::Result<TokenStream> {
    match &input.data {
        Data::Struct(data) => match &data.fields {
            Fields::Unnamed(fields) if fields.unnamed.len() == 1 => transparent(input, &fields.unnamed[0]),
            fields => record(input, fields),
        },
        Data::Enum(data) => constants(input, data),
        Data::Union(_) => Err(syn::Error::new(input.ident.span(), "a union does not pass as a Go value")),
    }
}

/// The generics of an impl: with `bound` on every type parameter, and perhaps a lifetime `'go`.
fn generics(input: &DeriveInput, bound: &TokenStream, lifetime: bool) -> (Generics, TokenStream) {
    let mut generics = input.generics.clone();
    let types: Vec<_> = generics.type_params().map(|p| p.ident.clone()).collect();
    for t in types {
        let predicate: WherePredicate = syn::parse_quote!(#t: #bound);
        generics.make_where_clause().predicates.push(predicate);
    }
    if lifetime {
        let go = Lifetime::new("'go", Span::call_site());
        generics.params.insert(0, GenericParam::Lifetime(syn::LifetimeParam::new(go)));
    }
    let (_, ty, _) = input.generics.split_for_impl();
    (generics, quote!(#ty))
}

/// The three impls, from the bodies of their functions.
struct Bodies {
    accepts: TokenStream,
    check: TokenStream,
    store: TokenStream,
    load: TokenStream,
}

fn impls(input: &DeriveInput, bodies: &Bodies) -> TokenStream {
    let name = &input.ident;
    let Bodies { accepts, check, store, load } = bodies;
    let (fits, ty) = generics(input, &quote!(::itab::derive::Fits), false);
    let (fits_impl, _, fits_where) = fits.split_for_impl();
    let (give, _) = generics(input, &quote!(::itab::derive::Give), false);
    let (give_impl, _, give_where) = give.split_for_impl();
    let (take, _) = generics(input, &quote!(::itab::derive::Take<'go>), true);
    let (take_impl, _, take_where) = take.split_for_impl();
    quote! {
        #[automatically_derived]
        impl #fits_impl ::itab::derive::Fits for #name #ty #fits_where {
            fn accepts(__t: ::itab::GoType<'_>) -> bool {
                #accepts
            }
            fn check(
                __t: ::itab::GoType<'_>,
                __checker: &mut ::itab::derive::Checker,
            ) -> ::std::result::Result<(), ::itab::derive::Misfit> {
                #check
            }
        }
        #[automatically_derived]
        impl #give_impl ::itab::derive::Give for #name #ty #give_where {
            fn store(self, __to: ::itab::derive::PlaceMut<'_>) -> ::std::result::Result<(), ::itab::Error> {
                #store
            }
        }
        #[automatically_derived]
        impl #take_impl ::itab::derive::Take<'go> for #name #ty #take_where {
            fn load(__from: ::itab::derive::Place<'go>) -> ::std::result::Result<Self, ::itab::Error> {
                #load
            }
        }
    }
}

/// A struct of one unnamed field passes as that field.
fn transparent(input: &DeriveInput, field: &Field) -> syn::Result<TokenStream> {
    let ty = &field.ty;
    Ok(impls(
        input,
        &Bodies {
            accepts: quote!(<#ty as ::itab::derive::Fits>::accepts(__t)),
            check: quote!(<#ty as ::itab::derive::Fits>::check(__t, __checker)),
            store: quote!(::itab::derive::Give::store(self.0, __to)),
            load: quote!(::std::result::Result::Ok(Self(::itab::derive::Take::load(__from)?))),
        },
    ))
}

/// A struct passes field by field.
fn record(input: &DeriveInput, fields: &Fields) -> syn::Result<TokenStream> {
    let (mut names, mut checks, mut stores, mut loads) = (vec![], vec![], vec![], vec![]);
    for (i, field) in fields.iter().enumerate() {
        let attrs = GoAttrs::of(&field.attrs)?;
        let member = field.ident.clone().map_or_else(|| Member::Unnamed(Index::from(i)), Member::Named);
        if attrs.skip {
            loads.push(quote!(#member: ::std::default::Default::default()));
            continue;
        }
        let exact = attrs.name.is_some();
        let own = || {
            field.ident.as_ref().map_or_else(|| i.to_string(), |name| name.to_string().trim_start_matches("r#").into())
        };
        let name = attrs.name.map_or_else(own, |name| name.value());
        let ty = &field.ty;
        names.push(quote!(::itab::derive::FieldName { name: #name, exact: #exact }));
        checks.push(quote!(.field::<#ty>()?));
        stores.push(quote!(__record.give(self.#member)?;));
        loads.push(quote!(#member: __record.take()?));
    }
    let names = quote!(const FIELDS: &[::itab::derive::FieldName] = &[#(#names),*];);
    Ok(impls(
        input,
        &Bodies {
            accepts: quote!(::itab::derive::is_struct(__t)),
            check: quote! {
                #names
                ::itab::derive::RecordChecker::new::<Self>(__t, FIELDS, __checker)?#(#checks)*.done()
            },
            store: quote! {
                #names
                #[allow(unused_mut)]
                let mut __record = ::itab::derive::RecordMut::new::<Self>(__to, FIELDS)?;
                #(#stores)*
                ::std::result::Result::Ok(())
            },
            load: quote! {
                #names
                #[allow(unused_mut)]
                let mut __record = ::itab::derive::Record::new::<Self>(__from, FIELDS)?;
                ::std::result::Result::Ok(Self { #(#loads),* })
            },
        },
    ))
}

/// An enum without data passes as an integer, or as a string if its variants have names.
fn constants(input: &DeriveInput, data: &DataEnum) -> syn::Result<TokenStream> {
    let mut names: Vec<Option<LitStr>> = vec![];
    for variant in &data.variants {
        if !matches!(variant.fields, Fields::Unit) {
            return Err(syn::Error::new(variant.span(), "an enum with data does not pass as a Go value yet"));
        }
        names.push(GoAttrs::of(&variant.attrs)?.name);
    }
    let named = names.iter().filter(|n| n.is_some()).count();
    if named > 0 && named < names.len() {
        return Err(syn::Error::new(input.ident.span(), "either all variants have a `#[go(name = \"..\")]`, or none"));
    }
    let variants: Vec<_> = data.variants.iter().map(|v| &v.ident).collect();
    let enum_name = input.ident.to_string();
    let unknown = quote!(::std::result::Result::Err(::itab::Error::Range {
        value: ::std::string::ToString::to_string(&__value),
        from: ::std::string::ToString::to_string(__from.typ().name()),
        to: ::std::string::ToString::to_string(#enum_name),
    }));
    if named > 0 {
        let texts: Vec<_> = names.into_iter().flatten().collect();
        return Ok(impls(
            input,
            &Bodies {
                accepts: quote!(<&str as ::itab::derive::Fits>::accepts(__t)),
                check: quote!(<&str as ::itab::derive::Fits>::check(__t, __checker)),
                store: quote! {
                    ::itab::derive::Give::store(match self { #(Self::#variants => #texts),* }, __to)
                },
                load: quote! {
                    let __value: &str = ::itab::derive::Take::load(__from)?;
                    match __value {
                        #(#texts => ::std::result::Result::Ok(Self::#variants),)*
                        _ => #unknown,
                    }
                },
            },
        ));
    }
    let constants: Vec<_> = (0..variants.len()).map(|i| format_ident!("__C{}", i)).collect();
    let name = &input.ident;
    Ok(impls(
        input,
        &Bodies {
            accepts: quote!(<i128 as ::itab::derive::Fits>::accepts(__t)),
            check: quote!(<i128 as ::itab::derive::Fits>::check(__t, __checker)),
            store: quote!(::itab::derive::Give::store(self as i128, __to)),
            load: quote! {
                #(const #constants: i128 = #name::#variants as i128;)*
                let __value: i128 = ::itab::derive::Take::load(__from)?;
                match __value {
                    #(#constants => ::std::result::Result::Ok(Self::#variants),)*
                    _ => #unknown,
                }
            },
        },
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(input: DeriveInput) -> String {
        derive(&input).unwrap_err().to_string()
    }

    #[test]
    fn misuse_is_told_at_compile_time() {
        assert!(error(syn::parse_quote!(union U { a: u8 })).contains("union"));
        let some = syn::parse_quote!(
            enum E {
                #[go(name = "a")]
                A,
                B,
            }
        );
        assert!(error(some).contains("all variants"));
        let unknown = syn::parse_quote!(
            struct S {
                #[go(rename = "x")]
                a: u8,
            }
        );
        assert!(error(unknown).contains("`name = \"X\"`"));
    }
}
