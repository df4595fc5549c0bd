//! What the provider logs while everything goes on: never a person, a number or a secret.

use std::io::Write;
use std::sync::{Arc, Mutex, OnceLock};

use crate::world::{HANAKO, PAN, PIN, World};

/// What all tests of this binary log, down to the last detail.
#[derive(Clone, Default)]
pub(crate) struct Paper(Arc<Mutex<Vec<u8>>>);

/// Listens from the first call on, for the whole process: what one test logs, another's scan reads as well.
pub(crate) fn listen() -> &'static Paper {
    static PAPER: OnceLock<Paper> = OnceLock::new();
    PAPER.get_or_init(|| {
        let paper = Paper::default();
        let writer = paper.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
            .with_ansi(false)
            .with_writer(move || writer.clone())
            .finish();
        tracing_subscriber::util::SubscriberInitExt::try_init(subscriber).unwrap();
        paper
    })
}

impl Write for Paper {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn no_log_line_holds_a_customer_a_number_or_a_pin() {
    let paper = listen();
    let world = World::new().await;
    let buy = world.tied(HANAKO, 0).await;
    let message = world.pen.write(&buy.clone().with_pin(PIN));
    assert_eq!(world.code(&message).await, "00");
    assert_eq!(world.purchase(&buy.clone().with_pin("555555555555").again(&world.pen)).await, "55");
    assert_eq!(world.purchase(&buy.again(&world.pen).of(15_001)).await, "70");
    assert_eq!(world.code(&world.pen.reverse(&message)).await, "00");
    assert!(world.send_as("stranger", &message).await.is_none());
    let text = String::from_utf8(paper.0.lock().unwrap().clone()).unwrap();
    assert!(text.contains("purchase") && text.contains("reversal") && text.contains("stranger"), "{text}");
    let surrogate = message.expose_surrogate_pan().unwrap().to_owned();
    for planted in [HANAKO, PAN, PIN, "555555555555", "花子", "••", "cnv_", &surrogate] {
        assert!(!text.contains(planted), "{planted} in {text}");
    }
}
