//! Go values through serde, as encoding/json sees them: any Go value becomes a Rust type that implements `Deserialize`, and a
//! Rust value that implements `Serialize` becomes a Go value of `map[string]any`, `[]any`, `string`, `bool`, `int64`, `uint64`,
//! `float64` and nil.
//!
//! Structs are maps of their exported fields, which have the names of their `json` tags; `-` and `omitempty` mean what they
//! mean there, and fields of embedded structs without a tag are the outer one's. Keys that are integers are read as texts too.
//! Methods such as `MarshalJSON` are not called, as no Go code runs.

use crate::border::any::{Any, box_new, read_interface, write_interface};
use crate::border::crossing::{Cx, Fits, Give, GoType, Place, PlaceMut, Take};
use crate::border::gomap::Entries;
use crate::error::Error;
use crate::scope::Scope;
use itab_abi::types::Kind;
use itab_abi::value::GoSlice;
use itab_runtime::types::{Name, TypeRef};
use serde::de::value::{MapAccessDeserializer, StrDeserializer};
use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, Error as _, IntoDeserializer, MapAccess, SeqAccess, Visitor,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::fmt;

impl Any {
    /// The value as a Rust type that implements `Deserialize`: any value, as encoding/json would show it. With the feature
    /// `serde`. Texts may be views, `&str`.
    ///
    /// ```
    /// # fn main() -> itab::Result<()> {
    /// #[derive(serde::Deserialize)]
    /// struct User<'a> { name: &'a str, tags: Vec<String> }
    ///
    /// let source = "package main
    /// type User struct{ Name string `json:\"name\"`; Tags []string `json:\"tags\"` }
    /// func Get() any { return User{\"ann\", []string{\"a\"}} }";
    /// let mut isolate = itab::source(source)?.isolate()?;
    /// let any = isolate.func::<fn() -> itab::Any>("Get")?.call(&mut isolate)?;
    /// let scope = isolate.scope()?;
    /// let user: User = any.deserialize(&scope)?;
    /// assert_eq!((user.name, user.tags.len()), ("ann", 1));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Error::Serde`] when it does not fit; when it is nested too deeply; [`Error::Root`] in another isolate.
    pub fn deserialize<'a, T: Deserialize<'a>>(&'a self, scope: &'a Scope<'_>) -> Result<T, Error> {
        let cx = scope.cx();
        match self.place_in(cx)? {
            Some(place) => T::deserialize(Reader { place, key: false }),
            None => T::deserialize(().into_deserializer()),
        }
        .map_err(|Failed(e)| e)
    }

    /// A Go value of what a Rust value says to serde: `map[string]any`, `[]any`, `string`, `bool`, `int64` (`uint64` if it
    /// is too large for that), `float64` or nil. With the feature `serde`.
    ///
    /// # Errors
    /// [`Error::Serde`] when the value cannot be said; [`Error::Memory`].
    pub fn serialize<T: Serialize + ?Sized>(scope: &mut Scope<'_>, value: &T) -> Result<Any, Error> {
        let cx = scope.own();
        let value = serde_json::to_value(value).map_err(|e| Error::Serde(e.to_string()))?;
        // SAFETY: the value was just made, and nothing was collected.
        cx.uninterrupted(|| boxed(cx, value).map(|value| unsafe { Any::from_eface(cx, value) }))
    }
}

impl Fits for Value {
    fn accepts(t: GoType<'_>) -> bool {
        t.kind() == Kind::Interface
    }
}

impl Give for Value {
    fn store(self, to: PlaceMut<'_>) -> Result<(), Error> {
        let (cx, t, at) = to.accepted::<Self>()?;
        let value = boxed(cx, self)?;
        // SAFETY: a place for an interface value; this one was just made.
        unsafe { write_interface(cx, value, t, at) }
    }
}

impl<'a> Take<'a> for Value {
    fn load(from: Place<'a>) -> Result<Self, Error> {
        from.accepted::<Self>()?;
        Value::deserialize(Reader { place: from, key: false }).map_err(|Failed(e)| e)
    }
}

/// The interface value of a JSON value.
fn boxed(cx: Cx<'_>, value: Value) -> Result<itab_abi::iface::Eface, Error> {
    let cx = cx.deeper()?;
    let types = &cx.shared.runtime.types;
    let basic = |kind| types.basic(kind);
    let any = || types.interface_of(&[]);
    match value {
        Value::Null => Any::NIL.eface(cx),
        Value::Bool(v) => box_new(cx, basic(Kind::Bool), |to| v.store(to)),
        Value::String(v) => box_new(cx, basic(Kind::String), |to| v.store(to)),
        Value::Number(n) => match (n.as_i64(), n.as_u64()) {
            (Some(v), _) => box_new(cx, basic(Kind::Int64), |to| v.store(to)),
            (_, Some(v)) => box_new(cx, basic(Kind::Uint64), |to| v.store(to)),
            _ => box_new(cx, basic(Kind::Float64), |to| n.as_f64().unwrap_or(f64::NAN).store(to)),
        },
        Value::Array(items) => box_new(cx, types.slice_of(any()), |to| items.store(to)),
        Value::Object(entries) => {
            let entries: std::collections::HashMap<String, Value> = entries.into_iter().collect();
            box_new(cx, types.map_of(basic(Kind::String), any()), |to| entries.store(to))
        }
    }
}

/// An error on its way through serde.
#[derive(Debug)]
struct Failed(Error);

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Failed {}

impl From<Error> for Failed {
    fn from(e: Error) -> Failed {
        Failed(e)
    }
}

impl serde::de::Error for Failed {
    fn custom<T: fmt::Display>(text: T) -> Self {
        Failed(Error::Serde(text.to_string()))
    }
}

/// Reads a value.
#[derive(Clone, Copy)]
struct Reader<'a> {
    place: Place<'a>,
    /// Whether it is the key of a map, which is a text for who wants one.
    key: bool,
}

impl<'a> Reader<'a> {
    fn new(place: Place<'a>) -> Reader<'a> {
        Reader { place, key: false }
    }

    /// What an interface or a pointer leads to, in the end; none for nil.
    fn target(self) -> Result<Option<Reader<'a>>, Failed> {
        let (cx, t, at) = self.place.parts();
        let place = match t.kind() {
            Kind::Interface => {
                let cx = cx.deeper()?;
                // SAFETY: an interface value; its word is or leads to a live value of its type.
                unsafe {
                    let value = read_interface(t, at);
                    if value.typ.is_null() {
                        return Ok(None);
                    }
                    let typ = cx.typ(value.typ);
                    let data = if typ.is_direct_iface() { at.add(size_of::<usize>()) } else { value.data.cast() };
                    Place::new(cx, typ, data)
                }
            }
            Kind::Pointer => {
                let cx = cx.deeper()?;
                // SAFETY: a pointer, which is nil or leads to a live value.
                let p = unsafe { at.cast::<*const u8>().read() };
                match t.elem() {
                    // SAFETY: as above.
                    Some(elem) if !p.is_null() => unsafe { Place::new(cx, elem, p) },
                    _ => return Ok(None),
                }
            }
            Kind::Slice | Kind::Map if self.is_zero() => return Ok(None),
            _ => return Ok(Some(self)),
        };
        Reader { place, ..self }.target()
    }

    /// Whether the first word is zero, of what is at least a word.
    fn is_zero(self) -> bool {
        let (.., at) = self.place.parts();
        // SAFETY: the callers have looked at the kind.
        unsafe { at.cast::<usize>().read() == 0 }
    }

    fn kind(self) -> Kind {
        self.place.typ().kind()
    }

    /// Elements of a slice or array.
    fn elements(self) -> Result<Option<Elements<'a>>, Failed> {
        let (cx, t, at) = self.place.parts();
        let Some(elem) = t.elem() else { return Ok(None) };
        let (at, len) = match t.kind() {
            Kind::Array => (at, t.len()),
            // SAFETY: a slice.
            Kind::Slice => unsafe {
                let words = at.cast::<GoSlice>().read();
                (words.ptr.cast_const(), words.len)
            },
            _ => return Ok(None),
        };
        Ok(Some(Elements { cx: cx.deeper()?, elem, at, left: len }))
    }

    fn scalar<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Failed> {
        let wide = |visitor: V| {
            let value = i128::load(self.place)?;
            match (i64::try_from(value), u64::try_from(value)) {
                (Ok(v), _) => visitor.visit_i64(v),
                (_, Ok(v)) => visitor.visit_u64(v),
                _ => visitor.visit_i128(value),
            }
        };
        match self.kind() {
            Kind::Bool => visitor.visit_bool(bool::load(self.place)?),
            Kind::Float32 => visitor.visit_f32(f32::load(self.place)?),
            Kind::Float64 => visitor.visit_f64(f64::load(self.place)?),
            Kind::String => visitor.visit_borrowed_str(<&str>::load(self.place)?),
            Kind::Complex64 | Kind::Complex128 | Kind::Chan | Kind::Func | Kind::UnsafePointer => {
                Err(Failed::custom(format!("a {} cannot be read by serde", self.place.typ().name())))
            }
            _ => wide(visitor),
        }
    }
}

impl<'de> Deserializer<'de> for Reader<'de> {
    type Error = Failed;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failed> {
        let Some(to) = self.target()? else { return visitor.visit_unit() };
        if let Some(elements) = to.elements()? {
            return visitor.visit_seq(elements);
        }
        match to.kind() {
            Kind::Map | Kind::Struct => visitor.visit_map(Pairs::of(to)?),
            _ => to.scalar(visitor),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failed> {
        match self.target()? {
            Some(to) => visitor.visit_some(to),
            None => visitor.visit_none(),
        }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failed> {
        match self.target()? {
            None => visitor.visit_seq(Elements::none(self.place)),
            Some(to) => to.deserialize_any(visitor),
        }
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failed> {
        match self.target()? {
            None if self.kind() == Kind::Map => visitor.visit_map(Pairs::of(self)?),
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failed> {
        match self.target()? {
            Some(to) if <&[u8]>::accepts(to.place.typ()) => match <&[u8]>::load(to.place) {
                Ok(bytes) => visitor.visit_borrowed_bytes(bytes),
                Err(_) => to.deserialize_any(visitor),
            },
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failed> {
        self.deserialize_bytes(visitor)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failed> {
        if self.key && i128::accepts(self.place.typ()) {
            return visitor.visit_string(i128::load(self.place)?.to_string());
        }
        self.deserialize_any(visitor)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failed> {
        self.deserialize_str(visitor)
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failed> {
        self.deserialize_str(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Failed> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Failed> {
        let Some(to) = self.target()? else { return Err(Failed::custom("nil is no variant")) };
        match to.kind() {
            Kind::String => visitor.visit_enum(Variant(<&str>::load(to.place)?)),
            Kind::Map | Kind::Struct => visitor.visit_enum(MapAccessDeserializer::new(Pairs::of(to)?)),
            _ => Err(Failed::custom(format!("a {} is no variant", to.place.typ().name()))),
        }
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char unit unit_struct tuple tuple_struct struct ignored_any
    }
}

/// A variant without data.
struct Variant<'a>(&'a str);

impl<'a> EnumAccess<'a> for Variant<'a> {
    type Error = Failed;
    type Variant = <StrDeserializer<'a, Failed> as EnumAccess<'a>>::Variant;

    fn variant_seed<S: DeserializeSeed<'a>>(self, seed: S) -> Result<(S::Value, Self::Variant), Failed> {
        let name: StrDeserializer<'a, Failed> = self.0.into_deserializer();
        name.variant_seed(seed)
    }
}

/// Elements of a list, one after the other.
struct Elements<'a> {
    cx: Cx<'a>,
    elem: TypeRef<'a>,
    at: *const u8,
    left: usize,
}

impl<'a> Elements<'a> {
    /// Those of a nil slice.
    fn none(place: Place<'a>) -> Elements<'a> {
        let (cx, elem, at) = place.parts();
        Elements { cx, elem, at, left: 0 }
    }
}

/// Elements without a size are no more than this: they cost Go nothing, but Rust.
const MAX_SIZELESS: usize = 1 << 20;

impl<'a> SeqAccess<'a> for Elements<'a> {
    type Error = Failed;

    fn next_element_seed<S: DeserializeSeed<'a>>(&mut self, seed: S) -> Result<Option<S::Value>, Failed> {
        if self.elem.size() == 0 && self.left > MAX_SIZELESS {
            return Err(Failed::custom(format!("a list of {} elements", self.left)));
        }
        let Some(left) = self.left.checked_sub(1) else { return Ok(None) };
        // SAFETY: an element of a live list; the scope is borrowed for `'a`.
        let place = unsafe { Place::new(self.cx, self.elem, self.at) };
        self.left = left;
        // SAFETY: at most the end of the list.
        self.at = unsafe { self.at.add(self.elem.size()) };
        seed.deserialize(Reader::new(place)).map(Some)
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.left)
    }
}

/// Entries of a map, or fields of a struct.
enum Pairs<'a> {
    Map(Entries<'a>, Option<Place<'a>>),
    Struct(std::vec::IntoIter<(&'a str, Place<'a>)>, Option<Place<'a>>),
}

impl<'a> Pairs<'a> {
    fn of(reader: Reader<'a>) -> Result<Pairs<'a>, Failed> {
        let (cx, t, at) = reader.place.parts();
        if t.kind() == Kind::Map {
            // SAFETY: a map is a pointer.
            return Ok(Pairs::Map(unsafe { Entries::new(cx, t, at.cast::<*mut u8>().read())? }, None));
        }
        Ok(Pairs::Struct(json_fields(reader.place)?.into_iter(), None))
    }
}

impl<'a> MapAccess<'a> for Pairs<'a> {
    type Error = Failed;

    fn next_key_seed<S: DeserializeSeed<'a>>(&mut self, seed: S) -> Result<Option<S::Value>, Failed> {
        match self {
            Pairs::Map(entries, value) => {
                let Some((key, elem)) = entries.next()? else { return Ok(None) };
                *value = Some(elem);
                seed.deserialize(Reader { place: key, key: true }).map(Some)
            }
            Pairs::Struct(fields, value) => {
                let Some((name, field)) = fields.next() else { return Ok(None) };
                *value = Some(field);
                let name: StrDeserializer<'a, Failed> = name.into_deserializer();
                seed.deserialize(name).map(Some)
            }
        }
    }

    fn next_value_seed<S: DeserializeSeed<'a>>(&mut self, seed: S) -> Result<S::Value, Failed> {
        let (Pairs::Map(_, value) | Pairs::Struct(_, value)) = self;
        let value = value.take().ok_or_else(|| Failed::custom("a value before its key"))?;
        seed.deserialize(Reader::new(value))
    }
}

/// A field as JSON sees it.
struct Field<'a> {
    name: &'a str,
    /// How deeply it is embedded, and whether it has no tag: the lowest hides others of its name.
    rank: (usize, bool),
    /// None: it is empty, and left out then, or behind a nil pointer.
    place: Option<Place<'a>>,
}

/// The name and the options in a field's `json` tag, if it has one.
fn json_tag(tag: &str) -> Option<(&str, &str)> {
    let json = tag.split_once("json:\"")?.1.split('"').next()?;
    Some(json.split_once(',').unwrap_or((json, "")))
}

/// The fields of a struct that JSON has, those of embedded structs among them.
fn json_fields<'a>(place: Place<'a>) -> Result<Vec<(&'a str, Place<'a>)>, Failed> {
    let (cx, t, at) = place.parts();
    let mut found = Fields { cx: cx.deeper()?, outer: vec![], all: vec![] };
    found.add(t, Some(at));
    let all = found.all;
    let hidden = |i: usize, f: &Field<'_>| {
        all.iter().enumerate().any(|(j, other)| i != j && f.name == other.name && other.rank <= f.rank)
    };
    let seen = all.iter().enumerate().filter(|(i, f)| !hidden(*i, f));
    Ok(seen.filter_map(|(_, f)| Some((f.name, f.place?))).collect())
}

/// Fields that were found, and the struct types around those that are being looked at.
struct Fields<'a> {
    cx: Cx<'a>,
    outer: Vec<TypeRef<'a>>,
    all: Vec<Field<'a>>,
}

impl<'a> Fields<'a> {
    /// Adds those of a struct type. Those of a nil pointer have no values, but hide others.
    fn add(&mut self, t: TypeRef<'a>, at: Option<*const u8>) {
        if self.outer.contains(&t) {
            return;
        }
        self.outer.push(t);
        for field in t.fields() {
            let decl = t.field_decl(field);
            let tag = json_tag(decl.tag);
            // SAFETY: a field's type is one of the program; a field of a live struct.
            let (typ, at) = unsafe { (self.cx.typ(field.typ), at.map(|at| at.add(field.offset))) };
            let embedded = decl.embedded && tag.is_none_or(|(name, _)| name.is_empty());
            match (embedded, typ.kind()) {
                (true, Kind::Struct) => self.add(typ, at),
                (true, Kind::Pointer) => {
                    // SAFETY: a pointer, which is nil or leads to a live value.
                    let to = at.map(|at| unsafe { at.cast::<*const u8>().read() }).filter(|to| !to.is_null());
                    typ.elem().filter(|t| t.kind() == Kind::Struct).into_iter().for_each(|t| self.add(t, to));
                }
                _ => self.add_field(decl, tag.unwrap_or(("", "")), typ, at),
            }
        }
        self.outer.pop();
    }

    fn add_field(&mut self, decl: Name<'a>, tag: (&'a str, &str), typ: TypeRef<'a>, at: Option<*const u8>) {
        let (name, options) = tag;
        if !decl.exported || (name == "-" && options.is_empty()) {
            return;
        }
        let omit_empty = options.split(',').any(|o| o == "omitempty");
        // SAFETY: a live value of the type; the scope is borrowed for `'a`.
        let place =
            at.map(|at| unsafe { Place::new(self.cx, typ, at) }).filter(|place| !omit_empty || !is_empty(*place));
        let rank = (self.outer.len(), name.is_empty());
        let name = if name.is_empty() { decl.text } else { name };
        self.all.push(Field { name, rank, place });
    }
}

/// Whether encoding/json calls it empty: false, 0, nil, or without elements.
fn is_empty(place: Place<'_>) -> bool {
    let (cx, t, at) = place.parts();
    match t.kind() {
        Kind::Struct => false,
        Kind::Array => t.len() == 0,
        // SAFETY: a map that is alive.
        Kind::Map => unsafe {
            let entries = Entries::new(cx, t, at.cast::<*mut u8>().read());
            entries.and_then(|mut e| e.next()).is_ok_and(|e| e.is_none())
        },
        // SAFETY: a string or slice.
        Kind::String | Kind::Slice => unsafe { at.cast::<[usize; 2]>().read()[1] == 0 },
        // SAFETY: a value has as many bytes.
        _ => unsafe { std::slice::from_raw_parts(at, t.size()) }.iter().all(|b| *b == 0),
    }
}
