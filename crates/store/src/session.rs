//! One statement at a time, in whichever database: what the ports say, they say once.
//!
//! Statements are written in what both databases understand, with `?1`, `?2`, … for their values.

use std::borrow::Cow;

use crate::fault::Fault;

/// A value of a statement.
#[derive(Debug, Clone)]
pub(crate) enum Value<'a> {
    Null,
    Number(i64),
    Text(Cow<'a, str>),
    Octets(Cow<'a, [u8]>),
}

/// An open transaction.
pub(crate) trait Session {
    /// Runs one statement; gives how many rows it changed.
    fn change(&self, sql: &str, values: &[Value<'_>]) -> Result<u64, Fault>;

    /// Shows the rows of a query, one by one.
    fn query(
        &self,
        sql: &str,
        values: &[Value<'_>],
        each: &mut dyn FnMut(&Row<'_>) -> Result<(), Fault>,
    ) -> Result<(), Fault>;
}

/// Columns by their names; `None` where one is null.
pub(crate) trait Columns {
    fn number(&self, column: &str) -> Result<Option<i64>, Fault>;
    fn text(&self, column: &str) -> Result<Option<String>, Fault>;
    fn octets(&self, column: &str) -> Result<Option<Vec<u8>>, Fault>;
}

/// One row of a query.
pub(crate) struct Row<'a>(pub(crate) &'a dyn Columns);

impl Row<'_> {
    pub(crate) fn get<T: Column>(&self, column: &str) -> Result<T, Fault> {
        T::read(self.0, column)
    }
}

/// What a column may hold.
pub(crate) trait Column: Sized {
    fn read(columns: &dyn Columns, column: &str) -> Result<Self, Fault>;
}

/// A column that is not null.
macro_rules! column {
    ($noun:ty, $read:ident, $take:expr) => {
        impl Column for $noun {
            fn read(columns: &dyn Columns, column: &str) -> Result<Self, Fault> {
                <Option<$noun>>::read(columns, column)?.ok_or(Fault::Row("a null where a value belongs"))
            }
        }

        impl Column for Option<$noun> {
            fn read(columns: &dyn Columns, column: &str) -> Result<Self, Fault> {
                columns.$read(column)?.map($take).transpose()
            }
        }
    };
}

column!(i64, number, Ok);
column!(u32, number, |number| u32::try_from(number).map_err(|_| Fault::Row("a number out of range")));
column!(String, text, Ok);
column!(Vec<u8>, octets, Ok);
column!([u8; 32], octets, |octets| {
    octets.try_into().map_err(|_| Fault::Row("a digest of another length"))
});

/// The values of a statement, in their order.
pub(crate) trait Values {
    fn with<T>(&self, then: impl FnOnce(&[Value<'_>]) -> T) -> T;
}

/// Something that a statement may hold.
pub(crate) trait AsValue {
    fn as_value(&self) -> Value<'_>;
}

impl AsValue for i64 {
    fn as_value(&self) -> Value<'_> {
        Value::Number(*self)
    }
}

impl AsValue for u32 {
    fn as_value(&self) -> Value<'_> {
        Value::Number(i64::from(*self))
    }
}

impl AsValue for str {
    fn as_value(&self) -> Value<'_> {
        Value::Text(Cow::Borrowed(self))
    }
}

impl AsValue for String {
    fn as_value(&self) -> Value<'_> {
        self.as_str().as_value()
    }
}

impl AsValue for [u8] {
    fn as_value(&self) -> Value<'_> {
        Value::Octets(Cow::Borrowed(self))
    }
}

impl AsValue for Vec<u8> {
    fn as_value(&self) -> Value<'_> {
        self.as_slice().as_value()
    }
}

impl<const OCTETS: usize> AsValue for [u8; OCTETS] {
    fn as_value(&self) -> Value<'_> {
        self.as_slice().as_value()
    }
}

impl AsValue for Value<'_> {
    fn as_value(&self) -> Value<'_> {
        self.clone()
    }
}

impl<V: AsValue + ?Sized> AsValue for &V {
    fn as_value(&self) -> Value<'_> {
        (**self).as_value()
    }
}

impl<V: AsValue> AsValue for Option<V> {
    fn as_value(&self) -> Value<'_> {
        self.as_ref().map_or(Value::Null, AsValue::as_value)
    }
}

impl Values for () {
    fn with<T>(&self, then: impl FnOnce(&[Value<'_>]) -> T) -> T {
        then(&[])
    }
}

impl<V: AsValue> Values for [V; 1] {
    fn with<T>(&self, then: impl FnOnce(&[Value<'_>]) -> T) -> T {
        let [only] = self;
        then(&[only.as_value()])
    }
}

/// Values of several kinds.
macro_rules! values {
    ($($noun:ident $name:ident),*) => {
        impl<$($noun: AsValue),*> Values for ($($noun,)*) {
            fn with<T>(&self, then: impl FnOnce(&[Value<'_>]) -> T) -> T {
                let ($($name,)*) = self;
                then(&[$($name.as_value()),*])
            }
        }
    };
}

values!(A a, B b);
values!(A a, B b, C c);
values!(A a, B b, C c, D d);
values!(A a, B b, C c, D d, E e);
values!(A a, B b, C c, D d, E e, F f);
values!(A a, B b, C c, D d, E e, F f, G g);
values!(A a, B b, C c, D d, E e, F f, G g, H h);
values!(A a, B b, C c, D d, E e, F f, G g, H h, I i);
