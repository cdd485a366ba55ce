//! Any Go value through serde, as encoding/json sees it.

mod common;

use common::program;
use itab::{Any, Error, IsolateOptions};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;

const VALUES: &str = r#"
package main

import "encoding/json"

type Base struct{ ID int `json:"id"`; Name string; Data int }
type Deep struct{ Depth int; Name string }
type Address struct{ Street string; No uint16 `json:"no,omitempty"` }
type User struct {
	Base
	*Deep
	Name string `json:"name"`
	Tags []string `json:"tags,omitempty"`
	Home *Address
	Secret string `json:"-"`
	Scores map[int]float64
	Any any `json:",omitempty"`
	own int
	Data [2]bool
}

var full = User{Base{7, "hidden", 1}, &Deep{5, "hidden too"}, "ann", []string{"a", "b"}, &Address{"s", 5}, "no", map[int]float64{1: 0.5, -2: 2}, []any{1, "x", nil, map[string]any{"k": int8(3)}}, 1, [2]bool{true, false}}

func Full() any { return full }
func Pointer() any { p := &full; return &p }
func Empty() any { return User{} }
func JSON(v any) string {
	b, err := json.Marshal(v)
	if err != nil { return err.Error() }
	return string(b)
}
func Same(v any) any { return v }
func Kind() any { return "Named" }
func Tagged() any { return map[string]any{"Pair": []int{1, 2}} }
func Circle() any { type T struct{ Next any }; t := &T{}; t.Next = t; return t }
func Bad() any { return "a\xff" }
func Chan() any { return make(chan int) }
func Wide() any { return []uint64{1<<63} }
func Huge() any { return make([]struct{}, 1<<60) }
func Bytes() any { return []byte("bytes") }
func Types(v map[string]any) string { _, a := v["i"].(int64); _, b := v["f"].(float64); _, c := v["l"].([]any); _, d := v["m"].(map[string]any); if a && b && c && d && v["n"] == nil { return "right" }; return "wrong" }
func AsMap(v any) string { return Types(v.(map[string]any)) }
"#;

#[derive(Deserialize, Debug, PartialEq)]
struct User<'a> {
    id: i64,
    name: &'a str,
    #[serde(default)]
    tags: Vec<&'a str>,
    #[serde(rename = "Home")]
    home: Option<Address>,
    #[serde(rename = "Scores")]
    scores: BTreeMap<i64, f64>,
}

#[derive(Deserialize, Serialize, Debug, PartialEq)]
struct Address {
    #[serde(rename = "Street")]
    street: String,
    #[serde(default)]
    no: u16,
}

fn isolate() -> itab::Isolate {
    program(VALUES).isolate_with(IsolateOptions::default().debug("gcstress=1").unwrap()).unwrap()
}

#[test]
fn any_value_reads_as_gos_own_json_of_it() {
    let mut isolate = isolate();
    let s = &mut isolate.scope().unwrap();
    let json = s.func::<fn(Any) -> String>("JSON").unwrap();
    for name in ["Full", "Pointer", "Empty", "Kind", "Tagged", "Wide"] {
        let any = s.func::<fn() -> Any>(name).unwrap().call(s).unwrap();
        let own: Value = serde_json::from_str(&json.call(s, &any).unwrap()).unwrap();
        let read: Value = any.deserialize(s).unwrap();
        // Go writes a float without a fraction as an integer.
        let plain = |v: &Value| v.to_string().replace(".0", "");
        assert_eq!(plain(&read), plain(&own), "{name}");
    }
}

#[test]
fn structs_are_read_with_views() {
    let mut isolate = isolate();
    let s = &mut isolate.scope().unwrap();
    let any = s.func::<fn() -> Any>("Pointer").unwrap().call(s).unwrap();
    let user: User<'_> = any.deserialize(s).unwrap();
    let home = Some(Address { street: "s".into(), no: 5 });
    let scores = BTreeMap::from([(-2, 2.0), (1, 0.5)]);
    assert_eq!(user, User { id: 7, name: "ann", tags: vec!["a", "b"], home, scores });
    let any = s.func::<fn() -> Any>("Empty").unwrap().call(s).unwrap();
    let user: User<'_> = any.deserialize(s).unwrap();
    assert_eq!(user, User { id: 0, name: "", tags: vec![], home: None, scores: BTreeMap::new() });
    #[derive(Deserialize, Debug, PartialEq)]
    enum Shape {
        Named,
        Pair(i64, i64),
    }
    let mut shape = |name: &str| {
        let any = s.func::<fn() -> Any>(name).unwrap().call(s).unwrap();
        any.deserialize::<Shape>(s).unwrap()
    };
    assert_eq!((shape("Kind"), shape("Tagged")), (Shape::Named, Shape::Pair(1, 2)));
    let bytes = s.func::<fn() -> Any>("Bytes").unwrap().call(s).unwrap();
    assert_eq!(bytes.deserialize::<Vec<u8>>(s).unwrap(), b"bytes");
    assert_eq!(Any::NIL.deserialize::<Option<i64>>(s).unwrap(), None);
}

#[test]
fn what_has_no_end_or_no_text_is_an_error() {
    let mut isolate = isolate();
    let s = &mut isolate.scope().unwrap();
    let mut error = |name: &str| {
        let any = s.func::<fn() -> Any>(name).unwrap().call(s).unwrap();
        any.deserialize::<Value>(s).unwrap_err()
    };
    assert!(matches!(error("Circle"), Error::Depth));
    assert!(matches!(error("Bad"), Error::Utf8 { valid: 1 }));
    assert!(matches!(error("Chan"), Error::Serde(_)));
    assert!(matches!(error("Huge"), Error::Serde(_)));
    let any = s.func::<fn() -> Any>("Full").unwrap().call(s).unwrap();
    let wrong = any.deserialize::<Vec<i64>>(s).unwrap_err();
    assert!(matches!(wrong, Error::Serde(_)), "{wrong}");
}

#[test]
fn rust_values_become_what_encoding_json_makes() {
    let mut isolate = isolate();
    let s = &mut isolate.scope().unwrap();
    let json = s.func::<fn(Any) -> String>("JSON").unwrap();
    let value = json!({"a": [1, 2.5, "x", null, true], "big": u64::MAX, "deep": {"er": {}}});
    let any = Any::serialize(s, &value).unwrap();
    assert_eq!(any.type_name(), "map[string]interface {}");
    let back: Value = serde_json::from_str(&json.call(s, &any).unwrap()).unwrap();
    assert_eq!(back, value);
    assert_eq!(any.deserialize::<Value>(s).unwrap(), value);
    let any = Any::serialize(s, &Address { street: "s".into(), no: 1 }).unwrap();
    assert_eq!(json.call(s, any).unwrap(), r#"{"Street":"s","no":1}"#);
    let types = s.func::<fn(Value) -> String>("AsMap").unwrap();
    assert_eq!(types.call(s, json!({"i": 1, "f": 1.0, "l": [], "m": {}, "n": null})).unwrap(), "right");
    let same = s.func::<fn(Value) -> Value>("Same").unwrap();
    assert_eq!(same.call(s, value.clone()).unwrap(), value);
    assert_eq!(same.call(s, Value::Null).unwrap(), Value::Null);
    let mut deep = json!(1);
    for _ in 0..1000 {
        deep = Value::Array(vec![deep]);
    }
    assert!(matches!(same.call(s, deep), Err(Error::Depth)));
}
