//! Casts between the traits of Rust values, without any Go program.

use itab::{Cast, cast, cast_mut};

trait Shape: Cast {
    fn area(&self) -> f64;
    fn scale(&mut self, by: f64);
}

trait Named: Cast {
    fn name(&self) -> String;
}

trait Colored {
    fn color(&self) -> u32;
}

struct Circle(f64);

impl Shape for Circle {
    fn area(&self) -> f64 {
        3.0 * self.0 * self.0
    }
    fn scale(&mut self, by: f64) {
        self.0 *= by;
    }
}

impl Named for Circle {
    fn name(&self) -> String {
        "circle".into()
    }
}

itab::casts!(Circle: Shape, Named);

struct List<T>(Vec<T>);

impl<T: 'static> Shape for List<T> {
    fn area(&self) -> f64 {
        self.0.len() as f64
    }
    fn scale(&mut self, by: f64) {
        self.0.truncate(by as usize);
    }
}

impl<T: 'static> Colored for List<T> {
    fn color(&self) -> u32 {
        size_of::<T>() as u32
    }
}

itab::casts!(impl[T: 'static] List<T>: Shape, Colored);

#[test]
fn a_value_is_seen_as_each_of_its_traits_and_no_other() {
    let shapes: [Box<dyn Shape>; 3] =
        [Box::new(Circle(2.0)), Box::new(List(vec![1u16])), Box::new(List(vec![1u64, 2]))];
    let names = shapes.each_ref().map(|s| cast::<dyn Named>(&**s).map(Named::name));
    assert_eq!(names, [Some("circle".into()), None, None]);
    let colors = shapes.each_ref().map(|s| cast::<dyn Colored>(&**s).map(Colored::color));
    assert_eq!(colors, [None, Some(2), Some(8)]);
    let named: &dyn Named = &Circle(3.0);
    assert_eq!(cast::<dyn Shape>(named).unwrap().area(), 27.0);
    assert!(cast::<dyn std::fmt::Debug>(named).is_none());
}

#[test]
fn a_value_is_changed_through_another_trait() {
    let mut named: Box<dyn Named> = Box::new(Circle(1.0));
    cast_mut::<dyn Shape>(&mut *named).unwrap().scale(2.0);
    assert_eq!(cast::<dyn Shape>(&*named).unwrap().area(), 12.0);
    assert!(cast_mut::<dyn Colored>(&mut *named).is_none());
}

/// What hands out the caster of another value is that other value, and nothing worse.
struct Impostor(Circle);

impl Cast for Impostor {
    fn caster(&self) -> itab::derive::Caster<'_> {
        self.0.caster()
    }
    fn caster_mut(&mut self) -> itab::derive::CasterMut<'_> {
        self.0.caster_mut()
    }
}

#[test]
fn an_impostor_is_what_it_hands_out() {
    assert_eq!(cast::<dyn Named>(&Impostor(Circle(1.0))).unwrap().name(), "circle");
}
