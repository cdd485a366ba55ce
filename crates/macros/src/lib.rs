//! The attribute macros of the embedding API. The crate `itab` exports them.
//!
//! [`host`] wraps a function: the wrapper takes the arguments from a call of Go, calls the function, and hands back the
//! results.
#![forbid(unsafe_code)]

use proc_macro::TokenStream;
use quote::{format_ident, quote};
use syn::{FnArg, ItemFn, ReturnType, parse_macro_input, spanned::Spanned};

/// Makes a Rust function callable by Go.
///
/// The function takes the scope of the call and the arguments of the Go function, and returns `Result`s of what the Go
/// function returns: nothing, a value or a tuple of values. The attribute leaves a function of the same name that fits
/// `EngineBuilder::host_func`:
///
/// ```
/// use itab::{Engine, Error, Scope};
///
/// #[itab::host]
/// fn repeat(_scope: &Scope<'_>, text: String, n: i64) -> Result<String, Error> {
///     Ok(text.repeat(n as usize))
/// }
///
/// let engine = Engine::builder().host_func("main.repeat", repeat).build();
/// ```
#[proc_macro_attribute]
pub fn host(_attr: TokenStream, item: TokenStream) -> TokenStream {
    let function = parse_macro_input!(item as ItemFn);
    expand(function).unwrap_or_else(|e| e.to_compile_error()).into()
}

fn expand(mut function: ItemFn) -> syn::Result<proc_macro2::TokenStream> {
    let sig = &function.sig;
    if matches!(sig.output, ReturnType::Default) {
        return Err(syn::Error::new(sig.span(), "a host function returns a Result: Go must learn of its failure"));
    }
    if !matches!(sig.inputs.first(), Some(FnArg::Typed(_))) {
        return Err(syn::Error::new(sig.inputs.span(), "the first parameter of a host function is `&Scope<'_>`"));
    }
    let args = (0..sig.inputs.len() - 1).map(|i| quote!(__call.arg(#i)?));
    let (vis, name, attrs) = (function.vis.clone(), sig.ident.clone(), std::mem::take(&mut function.attrs));
    let inner = format_ident!("__{}", name);
    function.sig.ident = inner.clone();
    function.vis = syn::Visibility::Inherited;
    Ok(quote! {
        #(#attrs)*
        #vis fn #name<'s>(__call: &mut ::itab::Call<'_, 's>) -> ::std::result::Result<(), ::itab::Error> {
            #function
            let __results = #inner(__call.scope(), #(#args),*)?;
            ::itab::Returns::give(__results, __call)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn misuse_is_told_at_compile_time() {
        let no_result: ItemFn = syn::parse_quote!(
            fn f(scope: &Scope<'_>) {}
        );
        assert!(expand(no_result).unwrap_err().to_string().contains("returns a Result"));
        let no_scope: ItemFn = syn::parse_quote!(
            fn f() -> Result<(), Error> {
                Ok(())
            }
        );
        assert!(expand(no_scope).unwrap_err().to_string().contains("&Scope"));
    }
}
