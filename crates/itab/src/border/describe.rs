//! The Go type that a Rust type has in a host package.
//!
//! A Rust type fits many Go types; [`Fits::describe`](crate::border::crossing::Fits::describe) says which one is declared
//! where Rust says what Go sees. Types that derive `Go` get a declaration in the package: the one whose module they stand
//! in, or else each package that uses them. A [`Describer`] collects these declarations, and what they import.

use crate::border::crossing::rust_name;
use std::any::type_name;
use std::collections::BTreeMap;
use std::fmt::Write;

/// A Go type or declaration in Go's syntax, or why there is none.
pub type Described<T = String> = Result<T, String>;

/// A Rust type that has a name in Go.
pub struct Naming<'n> {
    /// The name; of a generic type, what it begins with.
    pub name: &'static str,
    /// Its documentation.
    pub doc: &'static str,
    /// Import path and name of the package that it belongs to, if it does.
    pub home: Option<(&'static str, &'static str)>,
    /// How the types are described that it is made of, if it is generic.
    pub arguments: &'n [fn(&mut Describer) -> Described],
}

/// A field of a struct.
pub struct FieldText {
    /// The name in Go.
    pub name: &'static str,
    /// Its documentation.
    pub doc: &'static str,
    /// The type in Go.
    pub typ: Described,
}

/// A constant of an enum.
pub struct ConstantText {
    /// The name in Go.
    pub name: &'static str,
    /// Its documentation.
    pub doc: &'static str,
    /// The value in Go.
    pub literal: String,
}

/// A declared type.
pub(crate) struct TypeText {
    pub(crate) name: String,
    /// The Rust type.
    rust: &'static str,
    pub(crate) doc: &'static str,
    /// What follows `type Name`.
    pub(crate) body: String,
    pub(crate) constants: Vec<ConstantText>,
}

/// What a package's source needs besides its functions.
pub struct Describer {
    path: String,
    pub(crate) types: Vec<TypeText>,
    /// Import paths and the names under which they are known.
    pub(crate) imports: BTreeMap<String, String>,
}

impl Describer {
    pub(crate) fn new(path: &str) -> Describer {
        Describer { path: path.into(), types: vec![], imports: BTreeMap::new() }
    }

    /// What a type is that no Go type is for.
    ///
    /// # Errors
    /// Always.
    pub fn none<T: ?Sized>(&self) -> Described {
        Err(format!("{} has no Go type of its own", rust_name::<T>()))
    }

    /// A type of a package of the standard library.
    pub(crate) fn standard(&mut self, package: &str, name: &str) -> Described {
        Ok(format!("{}.{name}", self.import(package, package)))
    }

    /// The name under which a package is known from now on.
    fn import(&mut self, path: &str, name: &str) -> String {
        if let Some(known) = self.imports.get(path) {
            return known.clone();
        }
        let taken = |n: &String| self.imports.values().any(|known| known == n);
        let numbered = (2..).map(|n| format!("{name}{n}"));
        let free = std::iter::once(name.to_string()).chain(numbered).find(|n| !taken(n)).unwrap_or_default();
        self.imports.insert(path.into(), free.clone());
        free
    }

    /// A struct type, which is declared if it is not yet.
    ///
    /// # Errors
    /// When a field has no Go type, or the name belongs to another type.
    pub fn record<T>(&mut self, naming: &Naming<'_>, fields: fn(&mut Describer) -> Vec<FieldText>) -> Described {
        self.named::<T>(naming, |d| Ok((struct_body(fields(d))?, vec![])))
    }

    /// What a struct of one unnamed field is: a type that is as its field.
    ///
    /// # Errors
    /// As [`Describer::record`].
    pub fn transparent<T>(&mut self, naming: &Naming<'_>, inner: fn(&mut Describer) -> Described) -> Described {
        self.named::<T>(naming, |d| {
            let inner = inner(d)?;
            // Rust knows these by their names.
            let by_name = inner == "error" || inner.starts_with("time.");
            Ok((if by_name { format!("= {inner}") } else { inner }, vec![]))
        })
    }

    /// A type with constants.
    ///
    /// # Errors
    /// When the name belongs to another type.
    pub fn constants<T>(&mut self, naming: &Naming<'_>, base: &str, constants: Vec<ConstantText>) -> Described {
        let large = constants.iter().any(|c| c.literal.parse::<i128>().is_ok_and(|n| n > i128::from(i64::MAX)));
        let base = if base == "int" && large { "uint64" } else { base };
        self.named::<T>(naming, |_| Ok((base.into(), constants)))
    }

    /// The name of a type, which is declared with this body and these constants if it is not yet.
    pub(crate) fn named<T: ?Sized>(
        &mut self,
        naming: &Naming<'_>,
        body: impl FnOnce(&mut Describer) -> Described<(String, Vec<ConstantText>)>,
    ) -> Described {
        let mut name = naming.name.to_string();
        for argument in naming.arguments {
            name += &part_of_name(&argument(self)?);
        }
        if let Some((path, package)) = naming.home.filter(|(path, _)| *path != self.path) {
            return Ok(format!("{}.{name}", self.import(path, package)));
        }
        let rust = type_name::<T>();
        if let Some(known) = self.types.iter().find(|t| t.name == name) {
            let other =
                || format!("{} and {rust} are both called {name}; name one by #[go(name = \"..\")]", known.rust);
            return if known.rust == rust { Ok(name) } else { Err(other()) };
        }
        if !name.starts_with(char::is_uppercase) {
            return Err(format!("{rust} is called {name}, which no other package sees"));
        }
        // The body may name the type.
        let at = self.types.len();
        let doc = naming.doc;
        self.types.push(TypeText { name: name.clone(), rust, doc, body: String::new(), constants: vec![] });
        let (body, constants) = body(self)?;
        (self.types[at].body, self.types[at].constants) = (body, constants);
        Ok(name)
    }
}

/// A type as a part of the name of another.
fn part_of_name(typ: &str) -> String {
    let spelled = typ.replace("[]", " list of ").replace('*', " pointer to ").replace("map[", " map of ");
    let mut out = String::new();
    for word in spelled.split(|c: char| !c.is_alphanumeric() && !"_.".contains(c)).filter(|w| !w.is_empty()) {
        let mut letters = word.rsplit('.').next().unwrap_or(word).chars();
        out.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        out.push_str(letters.as_str());
    }
    out
}

/// The documentation of a declaration, as comments.
pub(crate) fn comment(out: &mut String, doc: &str, indent: &str) {
    for line in doc.lines() {
        let line = line.strip_prefix(' ').unwrap_or(line).trim_end();
        let _ = if line.is_empty() { writeln!(out, "{indent}//") } else { writeln!(out, "{indent}// {line}") };
    }
}

/// Lines of a struct or a group of constants, each with a name, documentation, and what stands behind the name in columns.
/// It looks as gofmt writes it: lines are separate if one has documentation, and in columns otherwise.
pub(crate) fn lines<'l>(items: impl Iterator<Item = (&'l str, &'l str, Vec<String>)> + Clone) -> String {
    let apart = items.clone().any(|(_, doc, _)| !doc.is_empty());
    let width = |column: usize| {
        let cell = |(name, _, rest): (&str, &str, Vec<String>)| match column {
            0 => name.chars().count(),
            n => rest.get(n - 1).map_or(0, |cell| cell.chars().count()),
        };
        if apart { 0 } else { items.clone().map(cell).max().unwrap_or(0) }
    };
    let widths = [width(0), width(1)];
    let mut out = String::new();
    for (i, (name, doc, rest)) in items.clone().enumerate() {
        if apart && i > 0 {
            out.push('\n');
        }
        comment(&mut out, doc, "\t");
        let mut line = format!("\t{name:0$}", widths[0]);
        for (n, cell) in rest.iter().enumerate() {
            let last = n + 1 == rest.len();
            let width = if last { 0 } else { widths.get(n + 1).copied().unwrap_or(0) };
            let _ = write!(line, " {cell:width$}");
        }
        let _ = writeln!(out, "{line}");
    }
    out
}

fn struct_body(fields: Vec<FieldText>) -> Described {
    if fields.is_empty() {
        return Ok("struct{}".into());
    }
    let mut all = vec![];
    for field in fields {
        all.push((field.name, field.doc, vec![field.typ.map_err(|why| format!("field {}: {why}", field.name))?]));
    }
    Ok(format!("struct {{\n{}}}", lines(all.into_iter())))
}

/// Parameters and results of a function, in Go's syntax; a parameter without a name is a type alone.
pub(crate) fn signature(params: &[(&str, String)], results: &[String]) -> String {
    let param = |(name, typ): &(&str, String)| if name.is_empty() { typ.clone() } else { format!("{name} {typ}") };
    let params: Vec<String> = params.iter().map(param).collect();
    let results = match results {
        [] => String::new(),
        [one] => format!(" {one}"),
        many => format!(" ({})", many.join(", ")),
    };
    format!("({}){results}", params.join(", "))
}

/// A Go string literal.
pub(crate) fn string_literal(text: &str) -> String {
    let mut out = String::from('"');
    for c in text.chars() {
        let _ = match c {
            '"' | '\\' => write!(out, "\\{c}"),
            '\n' => write!(out, "\\n"),
            c if c.is_control() || c == '\u{feff}' => write!(out, "\\U{:08x}", u32::from(c)),
            c => write!(out, "{c}"),
        };
    }
    out.push('"');
    out
}

/// A Rust constant that can be one in Go.
pub trait Constant: crate::border::crossing::Fits {
    /// Its value in Go's syntax; none if Go has no constant for it.
    fn literal(&self) -> Option<String>;
}

macro_rules! shown {
    ($($t:ty),*) => { $(
        impl Constant for $t {
            fn literal(&self) -> Option<String> {
                Some(self.to_string())
            }
        }
    )* };
}
shown!(bool, i8, i16, i32, i64, isize, u8, u16, u32, u64, usize);

/// The literal of an enum's value.
pub fn integer(value: i128) -> Option<String> {
    Some(value.to_string())
}

macro_rules! floats {
    ($($t:ty),*) => { $(
        impl Constant for $t {
            fn literal(&self) -> Option<String> {
                self.is_finite().then(|| format!("{self:?}"))
            }
        }
    )* };
}
floats!(f32, f64);

impl Constant for &str {
    fn literal(&self) -> Option<String> {
        Some(string_literal(self))
    }
}

impl Constant for char {
    fn literal(&self) -> Option<String> {
        Some(u32::from(*self).to_string())
    }
}

impl Constant for std::time::Duration {
    fn literal(&self) -> Option<String> {
        i64::try_from(self.as_nanos()).ok().map(|n| n.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_names_tell_types_apart() {
        let parts = ["int64", "[]int64", "*Order", "map[string][]int", "time.Time"].map(part_of_name);
        assert_eq!(parts, ["Int64", "ListOfInt64", "PointerToOrder", "MapOfStringListOfInt", "Time"]);
    }

    #[test]
    fn comments_are_never_directives() {
        let mut out = String::new();
        comment(&mut out, " Gets.\n\ngo:linkname x y\n  indented", "\t");
        assert_eq!(out, "\t// Gets.\n\t//\n\t// go:linkname x y\n\t//  indented\n");
    }

    #[test]
    fn literals_are_go_s() {
        assert_eq!(string_literal("a\"\\\n\0ß"), "\"a\\\"\\\\\\n\\U00000000ß\"");
        assert_eq!(f64::NAN.literal(), None);
        assert_eq!(1e300.literal().as_deref(), Some("1e300"));
    }
}
