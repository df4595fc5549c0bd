//! A cable that can be held or cut: what a network does to a message on its way.
//!
//! It stands between two parties and passes bytes on without understanding them.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// What the cable does with what passes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CableMode {
    /// Passes everything.
    Whole,
    /// Keeps the far end's answers back until it is whole again.
    AnswersHeld,
    /// Cuts the connection at the far end's next byte, once, and is whole again.
    CutAtNextAnswer,
    /// Cuts the connection at the caller's next byte, which is lost, once, and is whole again.
    CutAtNextRequest,
}

/// A cable between a caller and a far end.
#[derive(Debug, Clone)]
pub struct Cable {
    /// Where callers connect.
    pub address: SocketAddr,
    mode: Arc<watch::Sender<CableMode>>,
}

impl Cable {
    /// Lays a cable from a listener to a far end; it ends with its task set.
    ///
    /// # Errors
    /// The listener has no address.
    pub fn lay(listener: TcpListener, far: String, tasks: &mut JoinSet<()>) -> std::io::Result<Self> {
        let address = listener.local_addr()?;
        let (mode, watching) = watch::channel(CableMode::Whole);
        let mode = Arc::new(mode);
        let setter = mode.clone();
        tasks.spawn(async move {
            // Dropped with this task, and with it every connection.
            let mut connections = JoinSet::new();
            while let Ok((near, _)) = listener.accept().await {
                let (far, setter, watching) = (far.clone(), setter.clone(), watching.clone());
                connections.spawn(async move {
                    if let Ok(far) = TcpStream::connect(&far).await {
                        join(near, far, &setter, watching).await;
                    }
                });
                while connections.try_join_next().is_some() {}
            }
        });
        Ok(Self { address, mode })
    }

    /// Changes what the cable does.
    pub fn set(&self, mode: CableMode) {
        self.mode.send_replace(mode);
    }

    /// What it does now.
    #[must_use]
    pub fn mode(&self) -> CableMode {
        *self.mode.borrow()
    }
}

async fn join(
    near: TcpStream,
    far: TcpStream,
    setter: &watch::Sender<CableMode>,
    mode: watch::Receiver<CableMode>,
) {
    let _ = (near.set_nodelay(true), far.set_nodelay(true));
    let (near_read, near_write) = near.into_split();
    let (far_read, far_write) = far.into_split();
    tokio::select! {
        () = requests(near_read, far_write, setter) => {}
        () = answers(far_read, near_write, setter, mode) => {}
    }
}

async fn requests(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, setter: &watch::Sender<CableMode>) {
    let mut buffer = vec![0; 16 * 1024];
    while let Ok(length @ 1..) = from.read(&mut buffer).await {
        if cut_at(setter, CableMode::CutAtNextRequest) {
            return;
        }
        if to.write_all(buffer.get(..length).unwrap_or_default()).await.is_err() {
            return;
        }
    }
}

async fn answers(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    setter: &watch::Sender<CableMode>,
    mut mode: watch::Receiver<CableMode>,
) {
    let mut buffer = vec![0; 16 * 1024];
    while let Ok(length @ 1..) = from.read(&mut buffer).await {
        let cut = cut_at(setter, CableMode::CutAtNextAnswer);
        if cut || mode.wait_for(|mode| *mode != CableMode::AnswersHeld).await.is_err() {
            return;
        }
        if to.write_all(buffer.get(..length).unwrap_or_default()).await.is_err() {
            return;
        }
    }
}

/// Whether the cable is to be cut here; it is whole again from now on.
fn cut_at(setter: &watch::Sender<CableMode>, here: CableMode) -> bool {
    setter.send_if_modified(|mode| {
        let cut = *mode == here;
        if cut {
            *mode = CableMode::Whole;
        }
        cut
    })
}
