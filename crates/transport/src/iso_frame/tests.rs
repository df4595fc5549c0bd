use std::time::Duration;

use enishi_iso8583::{Message, Mti, NetworkCode, Stan, TransmissionTime, ascii_1987, japan_credit};
use proptest::prelude::*;

use super::{LinkEnd, encode, read_message};

const LONG: Duration = Duration::from_secs(60);

fn echo() -> Message {
    let mut message = Message::new(Mti::NETWORK_REQUEST);
    message
        .set_transmitted_at(TransmissionTime::new(11, 30, 1, 2, 3).unwrap())
        .set_stan(Stan::new(7).unwrap())
        .set_network_code(NetworkCode::ECHO);
    message
}

fn read(mut bytes: &[u8]) -> Vec<Result<Message, LinkEnd>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(async {
        let mut all = Vec::new();
        loop {
            let read = read_message(&mut bytes, japan_credit(), LONG, LONG).await;
            let ended = read.is_err();
            all.push(read);
            if ended {
                return all;
            }
        }
    })
}

#[test]
fn messages_one_after_the_other_are_read_and_then_the_end() {
    let frame = encode(&echo(), japan_credit()).unwrap();
    let all = read(&[frame.as_slice(), &frame].concat());
    assert!(matches!(&all[..], [Ok(one), Ok(two), Err(LinkEnd::Closed)] if *one == echo() && *two == echo()));
}

#[test]
fn a_message_cut_anywhere_is_no_message() {
    let frame = encode(&echo(), ascii_1987()).unwrap();
    for length in 1..frame.len() {
        let all = read(&frame[..length]);
        let [Err(LinkEnd::Io(error))] = &all[..] else { panic!("{length}: {all:?}") };
        assert_eq!(error.kind(), std::io::ErrorKind::UnexpectedEof);
    }
}

#[test]
fn a_length_out_of_bounds_is_refused_before_anything_is_reserved() {
    for header in [0_u16, 1, 19, 8193, u16::MAX] {
        let all = read(&header.to_be_bytes());
        assert!(matches!(&all[..], [Err(LinkEnd::Garbage(_))]), "{header}: {all:?}");
    }
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
        prop_assert!(read(&bytes).last().is_some_and(Result::is_err));
    }

    #[test]
    fn no_body_makes_it_panic(body in proptest::collection::vec(any::<u8>(), 20..500)) {
        let length = u16::try_from(body.len()).unwrap().to_be_bytes();
        prop_assert!(read(&[&length[..], &body].concat()).last().is_some_and(Result::is_err));
    }
}
