use crate::bitmap::Bitmap;
use crate::error::Error;
use crate::reader::Reader;
use crate::spec::Sensitivity;
use crate::{Dialect, MAX_MESSAGE_LENGTH, Message, Mti, Part, field};

#[cfg(test)]
mod smuggling_tests;
#[cfg(test)]
mod tests;

impl Message {
    /// Reads one message, all of it, and nothing after it.
    ///
    /// Whatever is accepted encodes again to the same bytes.
    pub fn decode(dialect: &Dialect, bytes: &[u8]) -> Result<Self, Error> {
        if bytes.len() > MAX_MESSAGE_LENGTH {
            return Err(Error::TooLong { length: bytes.len() });
        }
        let mut reader = Reader::new(bytes);
        let mti = Mti::parse(reader.take_array(Part::Mti)?)?;
        same_version(dialect, mti)?;
        let elements = Bitmap::read(&mut reader)?;
        let mut message = Self::with_capacity(mti, elements.count(), reader.left());
        for de in elements {
            let offset = reader.offset();
            let unknown = Error::UnknownElement { de, offset, dialect: dialect.name() };
            field::read(dialect.field(de).ok_or(unknown)?, &mut reader, &mut message)?;
        }
        reader.finish()?;
        message.check_company(dialect)?;
        Ok(message)
    }

    /// Writes the message; refuses what [`Message::decode`] would not read.
    pub fn encode(&self, dialect: &Dialect) -> Result<Vec<u8>, Error> {
        same_version(dialect, self.mti())?;
        self.check_company(dialect)?;
        let mut bitmap = Bitmap::default();
        self.elements().for_each(|(de, _)| bitmap.insert(de));
        let mut out = Vec::with_capacity(self.encoded_length_hint());
        out.extend_from_slice(&self.mti().digits());
        bitmap.write(&mut out);
        for (de, value) in self.elements() {
            let unknown = Error::UnknownElement { de, offset: out.len(), dialect: dialect.name() };
            field::write(dialect.field(de).ok_or(unknown)?, value, &mut out)?;
        }
        if out.len() > MAX_MESSAGE_LENGTH {
            return Err(Error::TooLong { length: out.len() });
        }
        Ok(out)
    }

    /// Which elements may stand together, and in which message.
    fn check_company(&self, dialect: &Dialect) -> Result<(), Error> {
        for de in self.numbers() {
            let Some(spec) = dialect.field(de) else { continue };
            if spec.sensitivity() == Sensitivity::Pin && !self.mti().may_carry_pin() {
                return Err(Error::PinOutsideRequest { de, mti: self.mti() });
            }
            if let Some(beside) = spec.beside()
                && !beside.one_of.iter().any(|&other| self.has(other))
            {
                return Err(Error::Alone { de, expected: beside.expected });
            }
        }
        Ok(())
    }
}

fn same_version(dialect: &Dialect, mti: Mti) -> Result<(), Error> {
    if mti.version == dialect.version() {
        return Ok(());
    }
    Err(Error::Mti { offset: 0, expected: "the dialect's version" })
}
