//! ISO 8583 messages on a stream: two bytes of length, then the message.

use std::io;
use std::time::Duration;

use enishi_iso8583::{Dialect, FRAME_HEADER_LENGTH, Message, frame, frame_length};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::timeout;
use zeroize::Zeroizing;

/// Why a connection for ISO 8583 messages ended. Never repeats what was received.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LinkEnd {
    #[error("closed by the other end")]
    Closed,
    #[error("{0}")]
    Io(#[from] io::Error),
    #[error("a message that is none: {0}")]
    Garbage(#[from] enishi_iso8583::Error),
    #[error("a message that did not arrive whole within {0:?}")]
    TooSlow(Duration),
    #[error("nothing received for {0:?}")]
    Idle(Duration),
    #[error("a {0} before sign-on")]
    NotSignedOn(enishi_iso8583::Mti),
    #[error("a {0}, which is no request")]
    NoRequest(enishi_iso8583::Mti),
    #[error("sign-on was refused with {0}")]
    SignOnRefused(enishi_iso8583::ResponseCode),
    #[error("a network message was not answered")]
    NetworkUnanswered,
    #[error("shut down")]
    ShutDown,
}

/// A message ready for the stream. It may hold a PIN block, enciphered; it is wiped all the same.
pub(crate) type Frame = Zeroizing<Vec<u8>>;

pub(crate) fn encode(message: &Message, dialect: &Dialect) -> Result<Frame, enishi_iso8583::Error> {
    let encoded = Zeroizing::new(message.encode(dialect)?);
    Ok(Zeroizing::new(frame(&encoded)?))
}

/// Reads one message; `idle` bounds the wait for its first byte, `whole` the rest.
///
/// Not to be cancelled and called again: what was read of a message would be lost.
pub(crate) async fn read_message<R: AsyncRead + Unpin>(
    stream: &mut R,
    dialect: &Dialect,
    idle: Duration,
    whole: Duration,
) -> Result<Message, LinkEnd> {
    let mut first = [0];
    let begun = timeout(idle, stream.read(&mut first)).await.map_err(|_| LinkEnd::Idle(idle))??;
    if begun == 0 {
        return Err(LinkEnd::Closed);
    }
    let read_rest = async {
        let mut header = [0; FRAME_HEADER_LENGTH];
        let (known, rest) = header.split_at_mut(1);
        known.copy_from_slice(&first);
        stream.read_exact(rest).await?;
        let mut body = Zeroizing::new(vec![0; frame_length(header)?]);
        stream.read_exact(&mut body).await?;
        Ok::<_, LinkEnd>(body)
    };
    let body = timeout(whole, read_rest).await.map_err(|_| LinkEnd::TooSlow(whole))??;
    Ok(Message::decode(dialect, &body)?)
}

pub(crate) async fn write_frame<W: AsyncWrite + Unpin>(stream: &mut W, frame: &Frame) -> io::Result<()> {
    stream.write_all(frame).await?;
    stream.flush().await
}

#[cfg(test)]
mod tests;
