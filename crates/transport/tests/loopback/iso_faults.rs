//! Ends that do not keep to the rules.

use enishi_iso8583::{Message, Mti, NetworkCode, ResponseCode, Stan, TransmissionTime};
use enishi_transport::{ExchangeError, IsoClientLimits, IsoServerLimits, NotSent};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream;

use crate::iso_support::{
    Relay, approved, connect_relay, eager, framed, purchase, read_raw, serve_bank, write_raw,
};
use crate::support::{
    LONG, SHORT, World, bank, listen, party, raw_accept, raw_client, read_to_close, relay, terminal, until,
};

fn network(code: NetworkCode) -> Message {
    let mut message = Message::new(Mti::NETWORK_REQUEST);
    message
        .set_transmitted_at(TransmissionTime::new(11, 30, 1, 2, 3).unwrap())
        .set_stan(Stan::new(7).unwrap())
        .set_network_code(code);
    message
}

/// A relay's client signed on at a bank that the test plays by hand.
async fn by_hand(
    world: &World,
    limits: IsoClientLimits,
) -> (Relay, TlsStream<TcpStream>, tokio::net::TcpListener) {
    let (listener, address) = listen().await;
    let relay_end = connect_relay(world, address, limits, None);
    let stream = sign_on(world, &listener).await;
    relay_end.signed_on().await;
    (relay_end, stream, listener)
}

async fn sign_on(world: &World, listener: &tokio::net::TcpListener) -> TlsStream<TcpStream> {
    let mut stream = raw_accept(listener, &world.identity(&bank())).await;
    let request = read_raw(&mut stream).await;
    assert_eq!(request.network_code().unwrap(), NetworkCode::SIGN_ON);
    write_raw(&mut stream, &approved(&request)).await;
    stream
}

#[tokio::test]
async fn a_refused_sign_on_lets_nothing_be_sent_and_is_tried_again() {
    let world = World::new();
    let (listener, address) = listen().await;
    let relay_end = connect_relay(&world, address, eager(), None);
    let mut stream = raw_accept(&listener, &world.identity(&bank())).await;
    let request = read_raw(&mut stream).await;
    write_raw(&mut stream, &request.answer(ResponseCode::IssuerUnavailable).unwrap()).await;
    read_to_close(&mut stream).await;
    assert!(!relay_end.client.is_signed_on());
    let _stream = sign_on(&world, &listener).await;
    relay_end.signed_on().await;
    relay_end.shutdown.cancel();
}

#[tokio::test]
async fn an_answer_to_nothing_is_astray_and_harms_nobody() {
    let world = World::new();
    let (relay_end, mut stream, _listener) = by_hand(&world, eager()).await;
    let client = relay_end.client.clone();
    let exchange = tokio::spawn(async move { client.exchange(purchase(1), LONG).await });
    let request = read_raw(&mut stream).await;
    // Another trace number, then the right answer twice.
    write_raw(&mut stream, &approved(&purchase(2))).await;
    write_raw(&mut stream, &approved(&request)).await;
    write_raw(&mut stream, &approved(&request)).await;
    assert_eq!(exchange.await.unwrap(), Ok(approved(&purchase(1))));
    until(|| relay_end.strays.lock().unwrap().len() == 2).await;
    assert_eq!(*relay_end.strays.lock().unwrap(), [approved(&purchase(2)), approved(&purchase(1))]);
    assert!(relay_end.client.is_signed_on());
    relay_end.shutdown.cancel();
}

#[tokio::test]
async fn a_request_from_the_provider_is_astray_and_not_answered() {
    let world = World::new();
    let (relay_end, mut stream, _listener) = by_hand(&world, eager()).await;
    write_raw(&mut stream, &purchase(9)).await;
    until(|| !relay_end.strays.lock().unwrap().is_empty()).await;
    assert_eq!(*relay_end.strays.lock().unwrap(), [purchase(9)]);
    relay_end.shutdown.cancel();
}

#[tokio::test]
async fn the_provider_may_test_the_link_and_take_itself_off_and_on() {
    let world = World::new();
    let (relay_end, mut stream, _listener) = by_hand(&world, eager()).await;
    let mut ask = async |code| {
        write_raw(&mut stream, &network(code)).await;
        let answer = read_raw(&mut stream).await;
        assert_eq!(answer.mti(), Mti::NETWORK_RESPONSE);
        answer.response_code().unwrap()
    };
    assert!(ask(NetworkCode::ECHO).await.is_approved());
    assert!(relay_end.client.is_signed_on());
    assert!(ask(NetworkCode::SIGN_OFF).await.is_approved());
    assert!(!relay_end.client.is_signed_on());
    let refused = relay_end.client.exchange(purchase(1), LONG).await;
    assert_eq!(refused, Err(ExchangeError::NotSent(NotSent::SignedOff)));
    assert!(ask(NetworkCode::SIGN_ON).await.is_approved());
    assert!(relay_end.client.is_signed_on());
    let unknown = ask(NetworkCode::parse("161").unwrap()).await;
    assert_eq!(unknown, ResponseCode::InvalidTransaction);
    relay_end.shutdown.cancel();
}

#[tokio::test]
async fn an_echo_without_an_answer_ends_the_connection_and_the_client_connects_again() {
    let world = World::new();
    let limits = IsoClientLimits { echo_interval: SHORT, echo_timeout: SHORT, ..eager() };
    let (relay_end, mut stream, listener) = by_hand(&world, limits).await;
    assert_eq!(read_raw(&mut stream).await.network_code().unwrap(), NetworkCode::ECHO);
    read_to_close(&mut stream).await;
    let _again = sign_on(&world, &listener).await;
    relay_end.signed_on().await;
    relay_end.shutdown.cancel();
}

#[tokio::test]
async fn garbage_from_the_provider_ends_the_connection_and_leaves_messages_unanswered() {
    let world = World::new();
    let mut unknown_type = framed(&approved(&purchase(1)));
    unknown_type[2] = b'9';
    for garbage in [&[0xff; 100][..], &[0, 0], &[0, 3, b'0', b'2', b'1'], &unknown_type] {
        let (relay_end, mut stream, listener) = by_hand(&world, eager()).await;
        let client = relay_end.client.clone();
        let exchange = tokio::spawn(async move { client.exchange(purchase(1), LONG).await });
        read_raw(&mut stream).await;
        stream.write_all(garbage).await.unwrap();
        stream.flush().await.unwrap();
        assert_eq!(exchange.await.unwrap(), Err(ExchangeError::Unanswered));
        read_to_close(&mut stream).await;
        let _again = sign_on(&world, &listener).await;
        relay_end.signed_on().await;
        relay_end.shutdown.cancel();
    }
}

#[tokio::test]
async fn a_message_whose_end_never_comes_ends_the_connection() {
    let world = World::new();
    let limits = IsoClientLimits { frame_timeout: SHORT, ..eager() };
    let (relay_end, mut stream, _listener) = by_hand(&world, limits).await;
    let whole = framed(&approved(&purchase(1)));
    stream.write_all(&whole[..whole.len() - 1]).await.unwrap();
    stream.flush().await.unwrap();
    read_to_close(&mut stream).await;
    until(|| !relay_end.client.is_signed_on()).await;
    relay_end.shutdown.cancel();
}

#[tokio::test]
async fn a_certified_party_that_is_no_client_is_turned_away() {
    let world = World::new();
    let (listener, address) = listen().await;
    let (server, mut arrivals) = serve_bank(&world, listener, IsoServerLimits::default());
    for stranger in [terminal(), party(enishi_party::PartyRole::Relay, "relay-2")] {
        let mut stream = raw_client(&world, Some(&world.identity(&stranger)), address).await.unwrap();
        let _ = stream.write_all(&framed(&network(NetworkCode::SIGN_ON))).await;
        assert_eq!(read_to_close(&mut stream).await, b"");
    }
    server.stop().await;
    assert!(arrivals.recv().await.is_none());
}

#[tokio::test]
async fn what_breaks_the_rules_ends_the_connection_and_reaches_no_handler() {
    let world = World::new();
    let (listener, address) = listen().await;
    let limits = IsoServerLimits { frame_timeout: SHORT, ..IsoServerLimits::default() };
    let (server, mut arrivals) = serve_bank(&world, listener, limits);
    let identity = world.identity(&relay());
    let oversized = [&0xffff_u16.to_be_bytes()[..], &[b'0'; 100]].concat();
    let half = framed(&purchase(1))[..30].to_vec();
    let signed_on = framed(&network(NetworkCode::SIGN_ON));
    for (what, bytes) in [
        ("a purchase before sign-on", framed(&purchase(1))),
        ("an answer", [signed_on.clone(), framed(&approved(&purchase(1)))].concat()),
        (
            "a network message without a code",
            framed(&{
                let mut message = network(NetworkCode::ECHO);
                message.remove(enishi_iso8583::De::NETWORK_CODE);
                message
            }),
        ),
        ("an oversized message", oversized),
        ("half a message", [signed_on, half].concat()),
        ("text", b"GET / HTTP/1.1\r\n\r\n".repeat(2000)),
    ] {
        let mut stream = raw_client(&world, Some(&identity), address).await.unwrap();
        // The server may close before all is written.
        let _ = stream.write_all(&bytes).await;
        let _ = stream.flush().await;
        let answer = read_to_close(&mut stream).await;
        assert!(answer.is_empty() || answer.windows(4).any(|four| four == b"0810"), "{what}");
    }
    server.stop().await;
    assert!(arrivals.recv().await.is_none());
}

#[tokio::test]
async fn a_purchase_after_sign_off_ends_the_connection() {
    let world = World::new();
    let (listener, address) = listen().await;
    let (server, mut arrivals) = serve_bank(&world, listener, IsoServerLimits::default());
    let mut stream = raw_client(&world, Some(&world.identity(&relay())), address).await.unwrap();
    for code in [NetworkCode::SIGN_ON, NetworkCode::ECHO, NetworkCode::SIGN_OFF] {
        write_raw(&mut stream, &network(code)).await;
        assert!(read_raw(&mut stream).await.response_code().unwrap().is_approved());
    }
    write_raw(&mut stream, &purchase(1)).await;
    assert_eq!(read_to_close(&mut stream).await, b"");
    server.stop().await;
    assert!(arrivals.recv().await.is_none());
}
