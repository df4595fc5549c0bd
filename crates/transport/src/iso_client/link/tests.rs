use std::sync::Mutex;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use enishi_iso8583::{MatchKey, Message, Mti, NetworkCode, Stan, TransmissionTime, japan_credit};
use tokio::io::{AsyncReadExt, duplex};
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::{InFlight, Link, write};
use crate::iso_frame::{Frame, encode};
use crate::{ExchangeError, NotSent};

fn message(stan: u32) -> (MatchKey, Frame) {
    let mut message = Message::new(Mti::NETWORK_REQUEST);
    message
        .set_transmitted_at(TransmissionTime::new(11, 30, 1, 2, 3).unwrap())
        .set_stan(Stan::new(stan).unwrap())
        .set_network_code(NetworkCode::ECHO);
    (MatchKey::of(&message).unwrap(), encode(&message, japan_credit()).unwrap())
}

#[tokio::test]
async fn a_message_given_up_while_it_waits_for_its_turn_never_leaves() {
    const LIMIT: Duration = Duration::from_millis(50);
    let (queue, queued) = mpsc::channel(10);
    let link = Link {
        queue,
        in_flight: InFlight::new(10),
        heard_at: Mutex::new(Instant::now()),
        approved: AtomicBool::new(true),
    };
    // Too narrow for one message: the writer stops in the middle of the first.
    let (near, mut far) = duplex(8);
    let ((first, first_frame), (second, second_frame)) = (message(1), message(2));
    let whole = first_frame.to_vec();
    let exchanges = async {
        tokio::join!(link.exchange(first, first_frame, LIMIT), link.exchange(second, second_frame, LIMIT))
    };
    let written = write(&link, near, queued);
    let far_end = async {
        let (first, second) = exchanges.await;
        assert_eq!(first, Err(ExchangeError::Unanswered));
        assert_eq!(second, Err(ExchangeError::NotSent(NotSent::TooLate(LIMIT))));
        let mut arrived = vec![0; whole.len()];
        far.read_exact(&mut arrived).await.unwrap();
        assert_eq!(arrived, whole);
        // A third message shows that the second is not merely late.
        let (third, third_frame) = message(3);
        let expected = third_frame.to_vec();
        let mut next = vec![0; expected.len()];
        let (_, read) = tokio::join!(link.exchange(third, third_frame, LIMIT), far.read_exact(&mut next));
        read.unwrap();
        assert_eq!(next, expected);
    };
    tokio::select! {
        _ = written => panic!("the writer ended"),
        () = far_end => {}
    }
}
