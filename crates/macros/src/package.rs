//! `#[itab::package("path")]`: a module as a Go package.
//!
//! The module stays as it is, but for attributes. Added is the function `package`, which hands each public constant, type and
//! function to a builder. For a function that is how Go declares it, how a declaration is checked, and how it is called: its
//! arguments are taken from the call one by one, so that views of Go memory work where no Go code can run meanwhile.

use crate::attrs::GoAttrs;
use crate::describe::doc;
use crate::names::{exported, local};
use proc_macro2::TokenStream;
use quote::{ToTokens, format_ident, quote};
use syn::parse::{Parse, ParseStream};
use syn::spanned::Spanned;
use syn::{
    Attribute, FnArg, Ident, Item, ItemConst, ItemFn, ItemMod, LitStr, Meta, Pat, ReturnType, Token, Type, Visibility,
    parse_quote,
};

/// First parts of the paths of Go's standard library, which no other package begins with.
const STANDARD: &[&str] = &[
    "archive",
    "arena",
    "bufio",
    "builtin",
    "bytes",
    "cmd",
    "cmp",
    "compress",
    "container",
    "context",
    "crypto",
    "database",
    "debug",
    "embed",
    "encoding",
    "errors",
    "expvar",
    "flag",
    "fmt",
    "go",
    "hash",
    "html",
    "image",
    "index",
    "internal",
    "io",
    "iter",
    "log",
    "maps",
    "math",
    "mime",
    "net",
    "os",
    "path",
    "plugin",
    "reflect",
    "regexp",
    "runtime",
    "simd",
    "slices",
    "sort",
    "strconv",
    "strings",
    "structs",
    "sync",
    "syscall",
    "testdata",
    "testing",
    "text",
    "time",
    "unicode",
    "unique",
    "unsafe",
    "uuid",
    "vendor",
    "weak",
];

/// What stands in `#[package(..)]`.
pub(crate) struct Attr {
    path: LitStr,
    name: Option<LitStr>,
}

impl Parse for Attr {
    fn parse(input: ParseStream<'_>) -> syn::Result<Attr> {
        let path = input.parse()?;
        let mut name = None;
        if input.parse::<Option<Token![,]>>()?.is_some() && !input.is_empty() {
            let key: Ident = input.parse()?;
            if key != "name" {
                return wrong(&key, "there is `name = \"kv\"`");
            }
            input.parse::<Token![=]>()?;
            name = Some(input.parse()?);
        }
        Ok(Attr { path, name })
    }
}

impl Attr {
    /// The import path and the package's name.
    fn checked(&self) -> syn::Result<(String, String)> {
        let path = self.path.value();
        let parts: Vec<&str> = path.split('/').collect();
        let fine = |c: char| c.is_ascii_alphanumeric() || "-._~+".contains(c);
        if parts.iter().any(|p| p.is_empty() || *p == "." || *p == ".." || !p.chars().all(fine)) {
            return wrong(&self.path, "an import path has parts of letters, digits and `-._~+` with `/` between them");
        }
        if STANDARD.contains(&parts[0]) {
            let first = parts[0];
            return wrong(&self.path, &format!("paths that begin with `{first}` are the standard library's"));
        }
        if parts.contains(&"internal") {
            return wrong(&self.path, "no package could import one with `internal` in its path");
        }
        let is_version = |p: &str| p.strip_prefix('v').is_some_and(|n| n.parse::<u32>().is_ok());
        let last = parts.iter().rev().find(|p| parts.len() == 1 || !is_version(p)).unwrap_or(&parts[0]);
        let name = self.name.as_ref().map_or_else(|| last.to_string(), LitStr::value);
        let letter = |c: char| c.is_ascii_alphabetic() || c == '_';
        let identifier = name.starts_with(letter) && name.chars().all(|c| letter(c) || c.is_ascii_digit());
        if !identifier || name == "_" || name == "main" || local(&name).ends_with('_') {
            let text = format!("`{name}` is no name for a package: give one by `name = \"kv\"` behind the path");
            return wrong(self.name.as_ref().unwrap_or(&self.path), &text);
        }
        Ok((path, name))
    }
}

fn wrong<T>(at: &impl Spanned, text: &str) -> syn::Result<T> {
    Err(syn::Error::new(at.span(), text))
}

pub(crate) fn expand(attr: &Attr, mut module: ItemMod) -> syn::Result<TokenStream> {
    let (path, name) = attr.checked()?;
    let doc = doc(&module.attrs);
    let Some((_, items)) = &mut module.content else {
        return wrong(&module, "a package's module has its contents in the same file: `mod kv { .. }`");
    };
    let home = format!("{path} {name}");
    let mut parts = vec![];
    for item in items.iter_mut() {
        let part = match item {
            Item::Const(c) => constant(c)?,
            Item::Fn(f) => function(f)?,
            Item::Struct(s) => declared(&mut s.attrs, &s.vis, &s.ident, s.generics.params.is_empty(), &home),
            Item::Enum(e) => declared(&mut e.attrs, &e.vis, &e.ident, e.generics.params.is_empty(), &home),
            _ => None,
        };
        parts.extend(part);
    }
    let about = format!("The Go package `{path}`, for `itab::EngineBuilder::package`.");
    items.push(parse_quote! {
        #[doc = #about]
        pub fn package() -> ::itab::Package {
            #[allow(unused_mut)]
            let mut __package = ::itab::derive::PackageBuilder::new(#path, #name, #doc);
            #(#parts)*
            __package.build()
        }
    });
    Ok(module.into_token_stream())
}

fn is_public(vis: &Visibility) -> bool {
    matches!(vis, Visibility::Public(_))
}

/// The attributes by which an item may be left out.
fn conditions(attrs: &[Attribute]) -> Vec<&Attribute> {
    attrs.iter().filter(|a| a.path().is_ident("cfg")).collect()
}

/// What stands in the `#[go(..)]` of an item, which are taken away.
fn own_attrs(attrs: &mut Vec<Attribute>) -> syn::Result<GoAttrs> {
    let found = GoAttrs::of(attrs)?;
    attrs.retain(|a| !a.path().is_ident("go"));
    Ok(found)
}

/// A type that derives `Go` belongs to the package, and is declared there.
fn declared(
    attrs: &mut Vec<Attribute>,
    vis: &Visibility,
    ident: &Ident,
    plain: bool,
    home: &str,
) -> Option<TokenStream> {
    let derives = |a: &Attribute| {
        let Meta::List(list) = &a.meta else { return false };
        let paths = list.parse_args_with(syn::punctuated::Punctuated::<syn::Path, Token![,]>::parse_terminated);
        a.path().is_ident("derive")
            && paths.is_ok_and(|all| all.iter().any(|p| p.segments.last().is_some_and(|s| s.ident == "Go")))
    };
    if !attrs.iter().any(derives) {
        return None;
    }
    attrs.push(parse_quote!(#[go(package = #home)]));
    let conditions = conditions(attrs);
    (is_public(vis) && plain).then(|| quote!(#(#conditions)* __package.declare::<self::#ident>();))
}

fn constant(item: &mut ItemConst) -> syn::Result<Option<TokenStream>> {
    let attrs = own_attrs(&mut item.attrs)?;
    if !is_public(&item.vis) || attrs.skip {
        return Ok(None);
    }
    let (ident, doc, conditions) = (&item.ident, doc(&item.attrs), conditions(&item.attrs));
    let name = attrs.name.map_or_else(|| exported(&ident.to_string()), |name| name.value());
    Ok(Some(quote!(#(#conditions)* __package.constant(#name, #doc, self::#ident);)))
}

/// What a function takes before its parameters.
#[derive(Default)]
struct Before<'f> {
    scope: bool,
    /// The type of the isolate's state, and whether it is changed.
    state: Option<(&'f Type, bool)>,
}

/// The last part of the path of a type.
fn last_name(ty: &Type) -> Option<String> {
    match ty {
        Type::Path(p) => p.path.segments.last().map(|s| s.ident.to_string()),
        _ => None,
    }
}

/// Whether a type views Go memory: it has a reference or a lifetime.
fn is_view(ty: &Type) -> bool {
    fn any(tokens: TokenStream) -> bool {
        tokens.into_iter().any(|t| match t {
            proc_macro2::TokenTree::Punct(p) => matches!(p.as_char(), '&' | '\''),
            proc_macro2::TokenTree::Group(g) => any(g.stream()),
            _ => false,
        })
    }
    any(ty.to_token_stream())
}

/// What a function takes before its parameters, and how many arguments that are.
fn before(f: &ItemFn) -> syn::Result<(Before<'_>, usize)> {
    let mut before = Before::default();
    for (i, input) in f.sig.inputs.iter().enumerate() {
        let FnArg::Typed(arg) = input else { return wrong(input, "a package's functions are no methods") };
        let Type::Reference(reference) = &*arg.ty else { return Ok((before, i)) };
        let (inner, changes) = (&*reference.elem, reference.mutability.is_some());
        if matches!(inner, Type::Slice(_)) || last_name(inner).as_deref() == Some("str") {
            return Ok((before, i));
        }
        if changes && last_name(inner).as_deref() == Some("Scope") {
            if i > 0 {
                return wrong(arg, "the scope is the first of a function's arguments");
            }
            before.scope = true;
        } else if before.state.is_some() {
            return wrong(
                arg,
                "a function takes one state of the isolate; what Go gives it is owned, a `&str` or a slice",
            );
        } else {
            before.state = Some((inner, changes));
        }
    }
    Ok((before, f.sig.inputs.len()))
}

/// Refuses what cannot be called by Go.
fn check(f: &ItemFn) -> syn::Result<()> {
    let sig = &f.sig;
    if let Some(token) = &sig.asyncness {
        return wrong(token, "a package's functions are not async");
    }
    if sig.generics.type_params().next().is_some() || sig.generics.const_params().next().is_some() {
        return wrong(&sig.generics, "a function that Go calls has no generics");
    }
    if let ReturnType::Type(_, ty) = &sig.output {
        if let Type::ImplTrait(_) = &**ty {
            return wrong(ty, "the result of a function that Go calls has a type with a name");
        }
        let owned = ty.to_token_stream().to_string().replace("& 'static", "");
        if owned.contains(['&', '\'']) {
            return wrong(
                ty,
                "the result of a function that Go calls is owned: `String` for `&str`, `Vec<T>` for `&[T]`",
            );
        }
    }
    Ok(())
}

/// Refuses parameters that other arguments do not go with.
fn check_params(before: &Before<'_>, types: &[&Type]) -> syn::Result<()> {
    if let (true, Some((ty, true))) = (before.scope, before.state) {
        let text = "a function that takes the scope may be called again before it returns, by the Go code that it calls: it \
                    takes the state by `&`, not by `&mut`";
        return wrong(ty, text);
    }
    for ty in types {
        if let Type::ImplTrait(_) = ty {
            return wrong(ty, "a function that Go calls has no generics");
        }
        if before.scope && is_view(ty) {
            let text = "a view of Go memory does not outlive a call of Go, for which this function takes the scope: take \
                        `String` for `&str`, `Vec<T>` or `itab::GoSlice<T>` for `&[T]`";
            return wrong(ty, text);
        }
    }
    Ok(())
}

fn function(item: &mut ItemFn) -> syn::Result<Option<TokenStream>> {
    let attrs = own_attrs(&mut item.attrs)?;
    if !is_public(&item.vis) || attrs.skip {
        return Ok(None);
    }
    let item = &*item;
    check(item)?;
    let (before, skipped) = before(item)?;
    let (mut types, mut params) = (vec![], vec![]);
    for (i, input) in item.sig.inputs.iter().skip(skipped).enumerate() {
        let FnArg::Typed(arg) = input else { return wrong(input, "a package's functions are no methods") };
        types.push(&*arg.ty);
        params.push(match &*arg.pat {
            Pat::Ident(name) => local(&name.ident.to_string()),
            _ => format!("p{i}"),
        });
    }
    check_params(&before, &types)?;
    let result: Type = match &item.sig.output {
        ReturnType::Default => parse_quote!(()),
        ReturnType::Type(_, ty) => (**ty).clone(),
    };
    let (ident, doc, conditions) = (&item.sig.ident, doc(&item.attrs), conditions(&item.attrs));
    let name = attrs.name.map_or_else(|| exported(&ident.to_string()), |name| name.value());
    let count = types.len();
    let call = call(ident, &before, &types);
    let state = match before.state {
        Some((ty, _)) => quote!(::std::option::Option::Some(::itab::derive::StateType::of::<#ty>())),
        None => quote!(::std::option::Option::None),
    };
    Ok(Some(quote! {
        #(#conditions)*
        __package.function(::itab::derive::FunctionParts {
            name: #name,
            doc: #doc,
            describe: |__f| __f #(.param::<#types>(#params))* .results::<#result>(),
            check: |__ins, __outs| {
                ::itab::derive::MethodChecker::new(__ins, __outs, #count)? #(.param::<#types>()?)* .gives::<#result>()
            },
            call: |__call| { #call },
            state: #state,
        });
    }))
}

/// Takes the arguments, calls the function, gives its results.
fn call(ident: &Ident, before: &Before<'_>, types: &[&Type]) -> TokenStream {
    let args: Vec<Ident> = (0..types.len()).map(|i| format_ident!("__arg{}", i)).collect();
    let numbers = 0..types.len();
    let (state, given) = match before.state {
        Some((ty, true)) => {
            (Some(quote!(let mut __state = ::itab::derive::state_mut::<#ty>(__call)?;)), Some(quote!(&mut *__state,)))
        }
        Some((ty, false)) => {
            (Some(quote!(let __state = ::itab::derive::state::<#ty>(__call)?;)), Some(quote!(&*__state,)))
        }
        None => (None, None),
    };
    let scope = before.scope.then(|| quote!(__call.scope(),));
    quote! {
        let __results = {
            #state
            #(let #args = __call.arg::<#types>(#numbers)?;)*
            self::#ident(#scope #given #(#args),*)
        };
        __call.returns(__results)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(attr: Attr, item: ItemMod) -> String {
        expand(&attr, item).unwrap_err().to_string()
    }

    fn path_error(path: &str) -> String {
        error(
            parse_quote!(#path),
            parse_quote!(
                mod m {}
            ),
        )
    }

    #[test]
    fn paths_lead_to_packages() {
        let checked = |attr: Attr| attr.checked().unwrap();
        assert_eq!(checked(parse_quote!("host/kv")), ("host/kv".into(), "kv".into()));
        assert_eq!(checked(parse_quote!("example.com/kv/v2")).1, "kv");
        assert_eq!(checked(parse_quote!("host/key-value", name = "kv")).1, "kv");
        assert!(path_error("fmt").contains("standard library"));
        assert!(path_error("net/kv").contains("standard library"));
        assert!(path_error("host/internal/kv").contains("internal"));
        for wrong in ["", "/kv", "host//kv", "host/../kv", "host/k v", "host/"] {
            assert!(path_error(wrong).contains("import path"), "{wrong}");
        }
        for wrong in ["host/key-value", "host/main", "host/2d", "host/func"] {
            assert!(path_error(wrong).contains("name for a package"), "{wrong}");
        }
    }

    #[test]
    fn no_other_package_of_go_is_meant() {
        let workspace = || concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/goroot").into();
        let goroot = std::env::var_os("GOROOT").map_or_else(workspace, std::path::PathBuf::from);
        let entries = std::fs::read_dir(goroot.join("src")).expect("`cargo xtask setup` gets Go").map(Result::unwrap);
        let folders = entries.filter(|e| e.path().is_dir()).map(|e| e.file_name().into_string().unwrap());
        let unknown: Vec<String> = folders.filter(|f| !STANDARD.contains(&&**f)).collect();
        assert!(unknown.is_empty(), "{unknown:?}");
    }
}
