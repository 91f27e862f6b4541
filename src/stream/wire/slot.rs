//! Where a field's value goes; one of the wrong type counts as missing, and its path is noted.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::event::{Attribute, Text};

use super::value::{Key, Value, ValueVisitor};

/// Paths of fields that count as missing because of their type.
pub(super) type Ignored = Vec<&'static str>;

/// An object whose fields have places.
pub(super) trait Section<'a> {
    /// The field called `key`, and where its value goes.
    fn slot(&mut self, key: &str) -> Slot<'_, 'a>;
}

/// A place that waits for the value of one field.
pub(super) struct Slot<'b, 'a> {
    /// What is noted if the value has a wrong type.
    path: &'static str,
    place: Place<'b, 'a>,
}

type NamedAttribute<'a> = (Text<'a>, Attribute<'a>);

enum Place<'b, 'a> {
    Text(&'b mut Option<Text<'a>>),
    Number(&'b mut Option<f64>),
    Texts(&'b mut Vec<Text<'a>>),
    Section(&'b mut dyn Section<'a>),
    Attributes(&'b mut Vec<NamedAttribute<'a>>),
    Any(&'b mut Value<'a>),
    Mark(&'b mut bool),
    Nowhere,
}

impl<'b, 'a> Slot<'b, 'a> {
    /// For a text.
    pub fn text(place: &'b mut Option<Text<'a>>, path: &'static str) -> Self {
        let place = Place::Text(place);
        Self { path, place }
    }

    /// For a number.
    pub fn number(place: &'b mut Option<f64>, path: &'static str) -> Self {
        let place = Place::Number(place);
        Self { path, place }
    }

    /// For a list of texts.
    pub fn texts(place: &'b mut Vec<Text<'a>>, path: &'static str) -> Self {
        let place = Place::Texts(place);
        Self { path, place }
    }

    /// For an object whose fields have places of their own.
    pub fn section(place: &'b mut dyn Section<'a>, path: &'static str) -> Self {
        let place = Place::Section(place);
        Self { path, place }
    }

    /// For an object whose fields have any name.
    pub fn attributes(place: &'b mut Vec<NamedAttribute<'a>>, path: &'static str) -> Self {
        let place = Place::Attributes(place);
        Self { path, place }
    }

    /// For whatever comes, to be judged later.
    pub fn any(place: &'b mut Value<'a>) -> Self {
        let place = Place::Any(place);
        Self { path: "", place }
    }

    /// For no value, but to know that there is one.
    pub fn mark(place: &'b mut bool) -> Self {
        let place = Place::Mark(place);
        Self { path: "", place }
    }

    /// For a field that nobody asks for.
    pub fn nowhere() -> Self {
        let place = Place::Nowhere;
        Self { path: "", place }
    }

    /// Takes the value that stands next.
    #[inline]
    pub fn take<A: MapAccess<'a>>(
        self,
        map: &mut A,
        ignored: &mut Ignored,
    ) -> Result<(), A::Error> {
        let fits = match self.place {
            Place::Text(place) => map.next_value_seed(Field(place))?,
            Place::Number(place) => map.next_value_seed(Field(place))?,
            Place::Texts(place) => map.next_value_seed(Field(place))?,
            Place::Section(section) => {
                let inner = Inner { section, ignored };
                map.next_value_seed(Field(inner))?
            }
            Place::Attributes(list) => {
                let path = self.path;
                let named = Named {
                    list,
                    path,
                    ignored,
                };
                map.next_value_seed(Field(named))?
            }
            Place::Any(place) => map.next_value_seed(Field(place))?,
            Place::Mark(place) => {
                *place = true;
                map.next_value::<IgnoredAny>().map(|_| true)?
            }
            Place::Nowhere => map.next_value::<IgnoredAny>().map(|_| true)?,
        };
        if !fits {
            ignored.push(self.path);
        }
        Ok(())
    }
}

/// Something a value can be put into.
trait Put<'a> {
    /// Puts a value in, and says whether its type was right. The later of two values counts.
    fn put(self, value: Value<'a>) -> bool;

    /// The same for an object.
    fn fill<A: MapAccess<'a>>(self, map: A) -> Result<bool, A::Error>
    where
        Self: Sized,
    {
        Ok(self.put(ValueVisitor.visit_map(map)?))
    }
}

impl<'a> Put<'a> for &mut Option<Text<'a>> {
    #[inline(always)]
    fn put(self, value: Value<'a>) -> bool {
        let is_null = matches!(value, Value::Null);
        *self = match value {
            Value::Text(text) => Some(text),
            _ => None,
        };
        is_null || self.is_some()
    }
}

impl<'a> Put<'a> for &mut Option<f64> {
    #[inline(always)]
    fn put(self, value: Value<'a>) -> bool {
        let is_null = matches!(value, Value::Null);
        *self = match value {
            Value::Whole(number) => Some(number as f64),
            Value::Number(number) => Some(number),
            _ => None,
        };
        is_null || self.is_some()
    }
}

impl<'a> Put<'a> for &mut Vec<Text<'a>> {
    fn put(self, value: Value<'a>) -> bool {
        match value {
            Value::List(texts, whole) => {
                *self = texts;
                whole
            }
            Value::Null => true,
            _ => false,
        }
    }
}

impl<'a> Put<'a> for &mut Value<'a> {
    #[inline]
    fn put(self, value: Value<'a>) -> bool {
        *self = value;
        true
    }
}

/// A section, which nothing but an object fills.
struct Inner<'b, 'a> {
    section: &'b mut dyn Section<'a>,
    ignored: &'b mut Ignored,
}

impl<'a> Put<'a> for Inner<'_, 'a> {
    fn put(self, value: Value<'a>) -> bool {
        value == Value::Null
    }

    fn fill<A: MapAccess<'a>>(self, mut map: A) -> Result<bool, A::Error> {
        fill(self.section, &mut map, self.ignored)?;
        Ok(true)
    }
}

/// Attributes, which nothing but an object fills.
struct Named<'b, 'a> {
    list: &'b mut Vec<NamedAttribute<'a>>,
    path: &'static str,
    ignored: &'b mut Ignored,
}

impl<'a> Put<'a> for Named<'_, 'a> {
    fn put(self, value: Value<'a>) -> bool {
        value == Value::Null
    }

    fn fill<A: MapAccess<'a>>(self, mut map: A) -> Result<bool, A::Error> {
        while let Some(Key(name)) = map.next_key()? {
            let attribute = match map.next_value()? {
                Value::Text(text) => Attribute::Text(text),
                Value::Whole(number) => Attribute::Number(number as f64),
                Value::Number(number) => Attribute::Number(number),
                Value::Bool(flag) => Attribute::Bool(flag),
                Value::List(texts, true) => Attribute::List(texts),
                Value::Null => continue,
                Value::List(_, false) | Value::Object => {
                    self.ignored.push(self.path);
                    continue;
                }
            };
            self.list.push((name, attribute));
        }
        Ok(true)
    }
}

/// Reads one value into its place.
struct Field<P>(P);

impl<'de, P: Put<'de>> DeserializeSeed<'de> for Field<P> {
    type Value = bool;

    #[inline]
    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<bool, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de, P: Put<'de>> Visitor<'de> for Field<P> {
    type Value = bool;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a JSON value")
    }

    #[inline]
    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<bool, E> {
        Ok(self.0.put(Value::Text(Cow::Borrowed(text))))
    }

    fn visit_str<E>(self, text: &str) -> Result<bool, E> {
        Ok(self.0.put(Value::Text(Cow::Owned(text.to_owned()))))
    }

    fn visit_string<E>(self, text: String) -> Result<bool, E> {
        Ok(self.0.put(Value::Text(Cow::Owned(text))))
    }

    #[inline]
    fn visit_u64<E>(self, number: u64) -> Result<bool, E> {
        Ok(self.0.put(Value::Whole(number)))
    }

    fn visit_i64<E>(self, number: i64) -> Result<bool, E> {
        Ok(self.0.put(Value::Number(number as f64)))
    }

    #[inline]
    fn visit_f64<E>(self, number: f64) -> Result<bool, E> {
        Ok(self.0.put(Value::Number(number)))
    }

    fn visit_bool<E>(self, flag: bool) -> Result<bool, E> {
        Ok(self.0.put(Value::Bool(flag)))
    }

    fn visit_unit<E>(self) -> Result<bool, E> {
        Ok(self.0.put(Value::Null))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<bool, A::Error> {
        Ok(self.0.put(ValueVisitor.visit_seq(list)?))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<bool, A::Error> {
        self.0.fill(map)
    }
}

/// Reads an object's fields into their places.
pub(super) fn fill<'a, S: Section<'a> + ?Sized, A: MapAccess<'a>>(
    section: &mut S,
    map: &mut A,
    ignored: &mut Ignored,
) -> Result<(), A::Error> {
    while let Some(slot) = map.next_key_seed(SlotOf(&mut *section, PhantomData))? {
        slot.take(map, ignored)?;
    }
    Ok(())
}

/// Finds the slot of the field whose name stands next; the name itself is not kept.
struct SlotOf<'b, 'a, S: ?Sized>(&'b mut S, PhantomData<&'a ()>);

impl<'b, 'de: 'b, S: Section<'de> + ?Sized> DeserializeSeed<'de> for SlotOf<'b, 'de, S> {
    type Value = Slot<'b, 'de>;

    #[inline]
    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Slot<'b, 'de>, D::Error> {
        from.deserialize_str(self)
    }
}

impl<'b, 'de: 'b, S: Section<'de> + ?Sized> Visitor<'de> for SlotOf<'b, 'de, S> {
    type Value = Slot<'b, 'de>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a key")
    }

    #[inline]
    fn visit_str<E>(self, key: &str) -> Result<Slot<'b, 'de>, E> {
        Ok(self.0.slot(key))
    }
}
