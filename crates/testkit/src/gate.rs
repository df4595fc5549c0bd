//! A place in a flow at which a test makes it wait.

use tokio::sync::Semaphore;

/// Whoever passes waits until the test opens, and the test can wait until somebody stands there.
#[derive(Debug)]
pub struct Gate {
    arrived: Semaphore,
    opened: Semaphore,
}

impl Default for Gate {
    fn default() -> Self {
        Self { arrived: Semaphore::new(0), opened: Semaphore::new(0) }
    }
}

impl Gate {
    /// The flow's side.
    pub async fn pass(&self) {
        self.arrived.add_permits(1);
        self.opened.acquire().await.unwrap().forget();
    }

    /// Waits until somebody stands at the gate.
    pub async fn reached(&self) {
        self.arrived.acquire().await.unwrap().forget();
    }

    /// Lets one through.
    pub fn open(&self) {
        self.opened.add_permits(1);
    }
}
