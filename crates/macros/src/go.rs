//! `#[derive(Go)]`.

use crate::attrs::GoAttrs;
use crate::describe;
use proc_macro2::{Group, Ident, TokenStream, TokenTree};
use quote::{format_ident, quote};
use syn::{
    Data, DataEnum, DeriveInput, Field, Fields, GenericParam, Generics, Index, LitStr, Member, Type, Variant,
    WherePredicate,
};

pub(crate) fn derive(input: &DeriveInput) -> syn::Result<TokenStream> {
    match &input.data {
        Data::Struct(data) => match &data.fields {
            Fields::Unnamed(fields) if fields.unnamed.len() == 1 => transparent(input, &fields.unnamed[0]),
            fields => record(input, fields),
        },
        Data::Enum(data) if data.variants.iter().all(|v| matches!(v.fields, Fields::Unit)) => constants(input, data),
        Data::Enum(data) => variants(input, data),
        Data::Union(_) => Err(syn::Error::new(input.ident.span(), "a union does not pass as a Go value")),
    }
}

/// The generics of an impl, with `bound` on every type parameter, and the arguments of the type.
fn generics(input: &DeriveInput, bound: &TokenStream) -> (Generics, TokenStream) {
    let mut generics = input.generics.clone();
    let types: Vec<_> = generics.type_params().map(|p| p.ident.clone()).collect();
    for t in types {
        let predicate: WherePredicate = syn::parse_quote!(#t: #bound);
        generics.make_where_clause().predicates.push(predicate);
    }
    let (_, ty, _) = input.generics.split_for_impl();
    (generics, quote!(#ty))
}

/// The same for reading values: all lifetimes of the type are one, `'go`, since its views are of the same scope.
fn read_generics(input: &DeriveInput, bound: &TokenStream) -> syn::Result<(Generics, TokenStream)> {
    let (mut generics, ty) = generics(input, bound);
    let lifetimes: Vec<_> = generics.lifetimes().map(|l| l.lifetime.ident.to_string()).collect();
    let kept = generics.params.into_iter().filter(|p| !matches!(p, GenericParam::Lifetime(_)));
    let go: GenericParam = syn::parse_quote!('go);
    let params: Vec<_> = std::iter::once(go).chain(kept).map(|p| renamed(quote!(#p), &lifetimes)).collect();
    generics.params = syn::parse_quote!(#(#params),*);
    if let Some(clause) = generics.where_clause.take() {
        generics.where_clause = Some(syn::parse2(renamed(quote!(#clause), &lifetimes))?);
    }
    Ok((generics, renamed(ty, &lifetimes)))
}

/// The same tokens with `'go` for each of the lifetimes.
fn renamed(tokens: TokenStream, lifetimes: &[String]) -> TokenStream {
    let mut after_quote = false;
    let rename = |token: TokenTree| {
        let is_lifetime =
            std::mem::replace(&mut after_quote, matches!(&token, TokenTree::Punct(p) if p.as_char() == '\''));
        match token {
            TokenTree::Ident(name) if is_lifetime && lifetimes.contains(&name.to_string()) => {
                TokenTree::Ident(Ident::new("go", name.span()))
            }
            TokenTree::Group(g) => TokenTree::Group(Group::new(g.delimiter(), renamed(g.stream(), lifetimes))),
            other => other,
        }
    };
    tokens.into_iter().map(rename).collect()
}

/// The three impls, from the bodies of their functions.
struct Bodies {
    accepts: TokenStream,
    check: TokenStream,
    store: TokenStream,
    load: TokenStream,
    describe: TokenStream,
}

fn impls(input: &DeriveInput, bodies: &Bodies) -> syn::Result<TokenStream> {
    let name = &input.ident;
    let Bodies { accepts, check, store, load, describe } = bodies;
    let (fits, ty) = generics(input, &quote!(::itab::derive::Fits));
    let (fits_impl, _, fits_where) = fits.split_for_impl();
    let (give, _) = generics(input, &quote!(::itab::derive::Give));
    let (give_impl, _, give_where) = give.split_for_impl();
    let (take, take_ty) = read_generics(input, &quote!(::itab::derive::Take<'go>))?;
    let (take_impl, _, take_where) = take.split_for_impl();
    Ok(quote! {
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
            fn describe(__d: &mut ::itab::derive::Describer) -> ::itab::derive::Described {
                #describe
            }
        }
        #[automatically_derived]
        impl #give_impl ::itab::derive::Give for #name #ty #give_where {
            fn store(self, __to: ::itab::derive::PlaceMut<'_>) -> ::std::result::Result<(), ::itab::Error> {
                #store
            }
        }
        #[automatically_derived]
        impl #take_impl ::itab::derive::Take<'go> for #name #take_ty #take_where {
            fn load(__from: ::itab::derive::Place<'go>) -> ::std::result::Result<Self, ::itab::Error> {
                #load
            }
        }
    })
}

/// A struct of one unnamed field passes as that field.
fn transparent(input: &DeriveInput, field: &Field) -> syn::Result<TokenStream> {
    let ty = &field.ty;
    impls(
        input,
        &Bodies {
            accepts: quote!(<#ty as ::itab::derive::Fits>::accepts(__t)),
            check: quote!(<#ty as ::itab::derive::Fits>::check(__t, __checker)),
            store: quote!(::itab::derive::Give::store(self.0, __to)),
            load: quote!(::std::result::Result::Ok(Self(::itab::derive::Take::load(__from)?))),
            describe: describe::transparent(input, ty)?,
        },
    )
}

/// The fields of a struct, or of a variant with data.
struct Members<'f> {
    /// Those that Go has.
    shared: Vec<(Member, &'f Type)>,
    /// Those that only Rust has.
    own: Vec<Member>,
    /// The names of those that Go has, as a constant.
    names: TokenStream,
}

impl<'f> Members<'f> {
    fn of(fields: &'f Fields) -> syn::Result<Members<'f>> {
        let (mut shared, mut own, mut names) = (vec![], vec![], vec![]);
        for (i, field) in fields.iter().enumerate() {
            let attrs = GoAttrs::of(&field.attrs)?;
            let member = field.ident.clone().map_or_else(|| Member::Unnamed(Index::from(i)), Member::Named);
            if attrs.skip {
                own.push(member);
                continue;
            }
            let exact = attrs.name.is_some();
            let ident = || field.ident.as_ref().map(|name| name.to_string().trim_start_matches("r#").to_string());
            let name = attrs.name.map_or_else(|| ident().unwrap_or(i.to_string()), |name| name.value());
            names.push(quote!(::itab::derive::FieldName { name: #name, exact: #exact }));
            shared.push((member, &field.ty));
        }
        let names = quote!(const FIELDS: &[::itab::derive::FieldName] = &[#(#names),*];);
        Ok(Members { shared, own, names })
    }

    /// Checks them: an expression.
    fn check(&self, t: &TokenStream, checker: &TokenStream) -> TokenStream {
        let Members { names, shared, .. } = self;
        let types = shared.iter().map(|(_, ty)| ty);
        quote!({
            #names
            ::itab::derive::RecordChecker::new::<Self>(#t, FIELDS, #checker)?#(.field::<#types>()?)*.done()
        })
    }

    /// Writes what `value` gives for each: an expression.
    fn give(&self, to: &TokenStream, value: impl Fn(&Member) -> TokenStream) -> TokenStream {
        let names = &self.names;
        let values = self.shared.iter().map(|(member, _)| value(member));
        quote!({
            #names
            #[allow(unused_mut)]
            let mut __record = ::itab::derive::RecordMut::new::<Self>(#to, FIELDS)?;
            #(__record.give(#values)?;)*
            ::std::result::Result::Ok(())
        })
    }

    /// Reads them into `path`: an expression.
    fn take(&self, from: &TokenStream, path: &TokenStream) -> TokenStream {
        let Members { names, own, .. } = self;
        let shared = self.shared.iter().map(|(member, _)| member);
        quote!({
            #names
            #[allow(unused_mut)]
            let mut __record = ::itab::derive::Record::new::<Self>(#from, FIELDS)?;
            ::std::result::Result::Ok(#path {
                #(#shared: __record.take()?,)*
                #(#own: ::std::default::Default::default(),)*
            })
        })
    }
}

/// A struct passes field by field.
fn record(input: &DeriveInput, fields: &Fields) -> syn::Result<TokenStream> {
    let members = Members::of(fields)?;
    impls(
        input,
        &Bodies {
            accepts: quote!(::itab::derive::is_struct(__t)),
            check: members.check(&quote!(__t), &quote!(__checker)),
            store: members.give(&quote!(__to), |member| quote!(self.#member)),
            load: members.take(&quote!(__from), &quote!(Self)),
            describe: describe::record(input, fields)?,
        },
    )
}

/// What is generated for a variant of an enum with data.
struct VariantCode {
    name: TokenStream,
    check: TokenStream,
    /// An arm of the match over values.
    store: TokenStream,
    load: TokenStream,
}

impl VariantCode {
    fn of(i: usize, variant: &Variant) -> syn::Result<VariantCode> {
        let ident = &variant.ident;
        let attrs = GoAttrs::of(&variant.attrs)?;
        let (exact, name) = (attrs.name.is_some(), attrs.name.map_or_else(|| ident.to_string(), |name| name.value()));
        let name = quote!(::itab::derive::FieldName { name: #name, exact: #exact });
        let give = |body: TokenStream| quote!(::itab::derive::give_variant::<Self>(__to, VARIANTS, #i, |__to| #body));
        let (check, store, load) = match &variant.fields {
            Fields::Unit => {
                let give = give(quote!({
                    let _ = __to;
                    ::std::result::Result::Ok(())
                }));
                let check = quote!({
                    let _ = (__t, __checker);
                    ::std::result::Result::Ok(())
                });
                (check, quote!(Self::#ident => #give), quote!(::std::result::Result::Ok(Self::#ident)))
            }
            Fields::Unnamed(fields) if fields.unnamed.len() == 1 => {
                let ty = &fields.unnamed[0].ty;
                let give = give(quote!(::itab::derive::Give::store(::itab::derive::One(__value), __to)));
                (
                    quote!(<::itab::derive::One<#ty> as ::itab::derive::Fits>::check(__t, __checker)),
                    quote!(Self::#ident(__value) => #give),
                    quote!({
                        let __one: ::itab::derive::One<_> = ::itab::derive::Take::load(__from)?;
                        ::std::result::Result::Ok(Self::#ident(__one.0))
                    }),
                )
            }
            fields => {
                let members = Members::of(fields)?;
                let value = |member: &Member| match member {
                    Member::Named(name) => format_ident!("__{}", name),
                    Member::Unnamed(i) => format_ident!("__{}", i.index),
                };
                let shared: Vec<_> = members.shared.iter().map(|(member, _)| member).collect();
                let values = shared.iter().map(|m| value(m));
                let give = give(members.give(&quote!(__to), |m| {
                    let value = value(m);
                    quote!(#value)
                }));
                (
                    members.check(&quote!(__t), &quote!(__checker)),
                    quote!(Self::#ident { #(#shared: #values,)* .. } => #give),
                    members.take(&quote!(__from), &quote!(Self::#ident)),
                )
            }
        };
        Ok(VariantCode { name, check, store, load })
    }
}

/// An enum with data passes as an interface value, with one type per variant.
fn variants(input: &DeriveInput, data: &DataEnum) -> syn::Result<TokenStream> {
    let codes: Vec<_> =
        data.variants.iter().enumerate().map(|(i, v)| VariantCode::of(i, v)).collect::<syn::Result<_>>()?;
    let names = codes.iter().map(|c| &c.name);
    let names = quote!(const VARIANTS: &[::itab::derive::FieldName] = &[#(#names),*];);
    let indices: Vec<_> = (0..codes.len()).collect();
    let checks = codes.iter().map(|c| &c.check);
    let stores = codes.iter().map(|c| &c.store);
    let loads = codes.iter().map(|c| &c.load);
    impls(
        input,
        &Bodies {
            accepts: quote!(::itab::derive::is_interface(__t)),
            check: quote! {
                #names
                ::itab::derive::check_variants::<Self>(__t, VARIANTS, __checker, |__i, __t, __checker| match __i {
                    #(#indices => #checks,)*
                    _ => ::std::result::Result::Ok(()),
                })
            },
            store: quote! {
                #names
                match self { #(#stores,)* }
            },
            load: quote! {
                #names
                let (__i, __from) = ::itab::derive::take_variant::<Self>(__from, VARIANTS)?;
                match __i {
                    #(#indices => #loads,)*
                    _ => ::std::result::Result::Err(::itab::derive::no_variant::<Self>(__from.typ())),
                }
            },
            describe: quote!(__d.none::<Self>()),
        },
    )
}

/// An enum without data passes as an integer, or as a string if its variants have names.
fn constants(input: &DeriveInput, data: &DataEnum) -> syn::Result<TokenStream> {
    let mut names: Vec<Option<LitStr>> = vec![];
    for variant in &data.variants {
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
        let values = texts.iter().map(|text| quote!(::itab::derive::Constant::literal(&#text))).collect::<Vec<_>>();
        let literals = describe::literals(input, data, &values);
        let impls = impls(
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
                describe: describe::constants(input, data, "string")?,
            },
        )?;
        return Ok(quote!(#impls #literals));
    }
    let constants: Vec<_> = (0..variants.len()).map(|i| format_ident!("__C{}", i)).collect();
    let name = &input.ident;
    let values = variants.iter().map(|v| quote!(::itab::derive::integer(#name::#v as i128))).collect::<Vec<_>>();
    let literals = describe::literals(input, data, &values);
    let impls = impls(
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
            describe: describe::constants(input, data, "int")?,
        },
    )?;
    Ok(quote!(#impls #literals))
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
