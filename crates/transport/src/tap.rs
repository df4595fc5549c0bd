use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Which way bytes went, seen from the party that holds the tap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    /// From the other end to us.
    Received,
    /// From us to the other end.
    Sent,
}

/// Sees every decrypted byte of a party's connections.
///
/// For tests and the sandbox's wire view: leak scans search what a tap saw. A production party has none.
pub trait Tap: Send + Sync {
    /// Takes note of bytes as they passed; one message may come in several pieces.
    ///
    /// `peer` is the other end's party URI, or the address where there is no TLS.
    fn saw(&self, direction: Direction, peer: &str, bytes: &[u8]);
}

/// A stream whose bytes a tap sees as well; without a tap it is the stream itself and one branch.
pub(crate) struct TappedStream<S> {
    inner: S,
    tap: Option<(Arc<dyn Tap>, String)>,
}

impl<S> TappedStream<S> {
    pub(crate) fn new(inner: S, tap: Option<Arc<dyn Tap>>, peer: &dyn std::fmt::Display) -> Self {
        Self { inner, tap: tap.map(|tap| (tap, peer.to_string())) }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for TappedStream<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let polled = Pin::new(&mut self.inner).poll_read(cx, buf);
        if let Some((tap, peer)) = &self.tap
            && let Some(new) = buf.filled().get(before..)
            && !new.is_empty()
        {
            tap.saw(Direction::Received, peer, new);
        }
        polled
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for TappedStream<S> {
    // No vectored writes: the tap sees what one call took.
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.inner).poll_write(cx, buf);
        if let (Some((tap, peer)), Poll::Ready(Ok(taken))) = (&self.tap, &polled)
            && let Some(bytes) = buf.get(..*taken)
        {
            tap.saw(Direction::Sent, peer, bytes);
        }
        polled
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}
