//! A relay and a provider that both keep to the rules, on a network that does not.

use std::sync::Arc;
use std::time::Duration;

use enishi_iso8583::{Class, Message, Mti, NetworkCode};
use enishi_transport::{Direction, ExchangeError, IsoClientLimits, IsoServerLimits, NotSent, SetupError};
use tokio::net::TcpListener;

use crate::iso_support::{approved, connect_relay, eager, framed, messages, purchase, serve_bank};
use crate::support::{LONG, Proxy, Recorder, SHORT, World, listen, relay, until};

#[tokio::test]
async fn a_message_is_answered_after_sign_on() {
    let world = World::new();
    let (listener, address) = listen().await;
    let (bank, mut arrivals) = serve_bank(&world, listener, IsoServerLimits::default());
    let relay_end = connect_relay(&world, address, eager(), None);
    relay_end.signed_on().await;
    let client = relay_end.client.clone();
    let exchange = tokio::spawn(async move { client.exchange(purchase(1), LONG).await });
    let arrived = arrivals.recv().await.unwrap();
    assert_eq!((arrived.message.clone(), &arrived.peer.party), (purchase(1), &relay()));
    arrived.approve();
    assert_eq!(exchange.await.unwrap(), Ok(approved(&purchase(1))));
    relay_end.stop().await;
    bank.stop().await;
}

#[tokio::test]
async fn answers_in_any_order_meet_their_messages() {
    let world = World::new();
    let (listener, address) = listen().await;
    let (bank, mut arrivals) = serve_bank(&world, listener, IsoServerLimits::default());
    let relay_end = connect_relay(&world, address, eager(), None);
    relay_end.signed_on().await;
    let exchanges: Vec<_> = (0..50)
        .map(|stan| {
            let client = relay_end.client.clone();
            tokio::spawn(async move { client.exchange(purchase(stan), LONG).await })
        })
        .collect();
    let mut arrived = Vec::new();
    for _ in 0..50 {
        arrived.push(arrivals.recv().await.unwrap());
    }
    // Neither the order of sending nor its reverse.
    arrived.sort_by_key(|arrived| (arrived.message.stan().unwrap().number() * 37) % 50);
    arrived.into_iter().for_each(crate::iso_support::Arrived::approve);
    for (stan, exchange) in (0..).zip(exchanges) {
        assert_eq!(exchange.await.unwrap(), Ok(approved(&purchase(stan))));
    }
    assert!(relay_end.strays.lock().unwrap().is_empty());
    relay_end.stop().await;
    bank.stop().await;
}

#[tokio::test]
async fn a_second_message_with_the_key_of_one_under_way_is_not_sent() {
    let world = World::new();
    let (listener, address) = listen().await;
    let (bank, mut arrivals) = serve_bank(&world, listener, IsoServerLimits::default());
    let relay_end = connect_relay(&world, address, eager(), None);
    relay_end.signed_on().await;
    let client = relay_end.client.clone();
    let first = tokio::spawn(async move { client.exchange(purchase(1), LONG).await });
    let arrived = arrivals.recv().await.unwrap();
    let second = relay_end.client.exchange(purchase(1), LONG).await;
    assert_eq!(second, Err(ExchangeError::NotSent(NotSent::DuplicateKey)));
    arrived.approve();
    assert!(first.await.unwrap().is_ok());
    // Afterwards the key is free again.
    let client = relay_end.client.clone();
    let third = tokio::spawn(async move { client.exchange(purchase(1), LONG).await });
    arrivals.recv().await.unwrap().approve();
    assert!(third.await.unwrap().is_ok());
    relay_end.stop().await;
    bank.stop().await;
}

#[tokio::test]
async fn more_messages_than_the_bound_are_not_sent() {
    let world = World::new();
    let (listener, address) = listen().await;
    let (bank, mut arrivals) = serve_bank(&world, listener, IsoServerLimits::default());
    let relay_end = connect_relay(&world, address, IsoClientLimits { in_flight: 2, ..eager() }, None);
    relay_end.signed_on().await;
    let mut held = Vec::new();
    let mut under_way = Vec::new();
    for stan in 0..2 {
        let client = relay_end.client.clone();
        under_way.push(tokio::spawn(async move { client.exchange(purchase(stan), LONG).await }));
        held.push(arrivals.recv().await.unwrap());
    }
    let third = relay_end.client.exchange(purchase(3), LONG).await;
    assert_eq!(third, Err(ExchangeError::NotSent(NotSent::Busy(2))));
    held.into_iter().for_each(crate::iso_support::Arrived::approve);
    for exchange in under_way {
        assert!(exchange.await.unwrap().is_ok());
    }
    relay_end.stop().await;
    bank.stop().await;
}

#[tokio::test]
async fn a_late_answer_is_astray_and_its_exchange_unanswered() {
    let world = World::new();
    let (listener, address) = listen().await;
    let (bank, mut arrivals) = serve_bank(&world, listener, IsoServerLimits::default());
    let relay_end = connect_relay(&world, address, eager(), None);
    relay_end.signed_on().await;
    let client = relay_end.client.clone();
    let exchange = tokio::spawn(async move { client.exchange(purchase(1), Duration::from_secs(1)).await });
    let arrived = arrivals.recv().await.unwrap();
    assert_eq!(exchange.await.unwrap(), Err(ExchangeError::Unanswered));
    arrived.approve();
    until(|| !relay_end.strays.lock().unwrap().is_empty()).await;
    assert_eq!(*relay_end.strays.lock().unwrap(), [approved(&purchase(1))]);
    relay_end.stop().await;
    bank.stop().await;
}

#[tokio::test]
async fn a_connection_cut_while_the_provider_works_is_unanswered() {
    let world = World::new();
    let (listener, address) = listen().await;
    let (bank, mut arrivals) = serve_bank(&world, listener, IsoServerLimits::default());
    let proxy = Proxy::before(address).await;
    let relay_end = connect_relay(&world, proxy.address, eager(), None);
    relay_end.signed_on().await;
    let client = relay_end.client.clone();
    let exchange = tokio::spawn(async move { client.exchange(purchase(1), LONG).await });
    let arrived = arrivals.recv().await.unwrap();
    proxy.cut();
    assert_eq!(exchange.await.unwrap(), Err(ExchangeError::Unanswered));
    until(|| !relay_end.client.is_signed_on()).await;
    let next = relay_end.client.exchange(purchase(2), LONG).await;
    assert_eq!(next, Err(ExchangeError::NotSent(NotSent::SignedOff)));
    // The handler was not cancelled: its answer has only nowhere to go.
    arrived.approve();
    relay_end.stop().await;
    bank.stop().await;
}

#[tokio::test]
async fn an_answer_cut_at_any_byte_is_unanswered_or_whole() {
    let world = World::new();
    let (listener, address) = listen().await;
    let (bank, mut arrivals) = serve_bank(&world, listener, IsoServerLimits::default());
    // TLS 1.3 adds five bytes of record header, one of content type and sixteen of tag.
    let record = framed(&approved(&purchase(0))).len() + 22;
    for (stan, bytes) in (0..).zip((1..=record).step_by(7).chain([record - 1, record])) {
        let proxy = Proxy::before(address).await;
        let relay_end = connect_relay(&world, proxy.address, eager(), None);
        relay_end.signed_on().await;
        let client = relay_end.client.clone();
        let exchange = tokio::spawn(async move { client.exchange(purchase(stan), LONG).await });
        let arrived = arrivals.recv().await.unwrap();
        proxy.cut_after(bytes);
        arrived.approve();
        let outcome = exchange.await.unwrap();
        let expected =
            if bytes == record { Ok(approved(&purchase(stan))) } else { Err(ExchangeError::Unanswered) };
        assert_eq!(outcome, expected, "cut after {bytes} of {record}");
        relay_end.stop().await;
    }
    bank.stop().await;
}

#[tokio::test]
async fn a_provider_that_is_down_is_not_sent_and_found_when_it_is_up() {
    let world = World::new();
    let (listener, address) = listen().await;
    drop(listener);
    let relay_end = connect_relay(&world, address, eager(), None);
    let early = relay_end.client.exchange(purchase(1), LONG).await;
    assert_eq!(early, Err(ExchangeError::NotSent(NotSent::SignedOff)));
    let (bank, mut arrivals) =
        serve_bank(&world, TcpListener::bind(address).await.unwrap(), IsoServerLimits::default());
    relay_end.signed_on().await;
    let client = relay_end.client.clone();
    let exchange = tokio::spawn(async move { client.exchange(purchase(1), LONG).await });
    arrivals.recv().await.unwrap().approve();
    assert!(exchange.await.unwrap().is_ok());
    relay_end.stop().await;
    bank.stop().await;
}

#[tokio::test]
async fn after_a_restart_of_the_provider_the_client_signs_on_again() {
    let world = World::new();
    let (listener, address) = listen().await;
    let (bank, _arrivals) = serve_bank(&world, listener, IsoServerLimits::default());
    let relay_end = connect_relay(&world, address, eager(), None);
    relay_end.signed_on().await;
    bank.stop().await;
    until(|| !relay_end.client.is_signed_on()).await;
    let (bank, mut arrivals) =
        serve_bank(&world, TcpListener::bind(address).await.unwrap(), IsoServerLimits::default());
    relay_end.signed_on().await;
    let client = relay_end.client.clone();
    let exchange = tokio::spawn(async move { client.exchange(purchase(1), LONG).await });
    arrivals.recv().await.unwrap().approve();
    assert!(exchange.await.unwrap().is_ok());
    relay_end.stop().await;
    bank.stop().await;
}

#[tokio::test]
async fn a_shutdown_of_the_provider_lets_messages_under_way_be_answered() {
    let world = World::new();
    let (listener, address) = listen().await;
    let (bank, mut arrivals) = serve_bank(&world, listener, IsoServerLimits::default());
    let relay_end = connect_relay(&world, address, eager(), None);
    relay_end.signed_on().await;
    let client = relay_end.client.clone();
    let exchange = tokio::spawn(async move { client.exchange(purchase(1), LONG).await });
    let arrived = arrivals.recv().await.unwrap();
    bank.shutdown.cancel();
    arrived.approve();
    assert!(exchange.await.unwrap().is_ok());
    bank.stop().await;
    relay_end.stop().await;
}

#[tokio::test]
async fn a_shutdown_of_the_client_waits_for_answers_signs_off_and_sends_no_more() {
    let world = World::new();
    let (listener, address) = listen().await;
    let (bank, mut arrivals) = serve_bank(&world, listener, IsoServerLimits::default());
    let tap = Arc::new(Recorder::default());
    let relay_end = connect_relay(&world, address, eager(), Some(Recorder::shared(&tap)));
    relay_end.signed_on().await;
    let client = relay_end.client.clone();
    let exchange = tokio::spawn(async move { client.exchange(purchase(1), LONG).await });
    let arrived = arrivals.recv().await.unwrap();
    relay_end.shutdown.cancel();
    let refused = relay_end.client.exchange(purchase(2), LONG).await;
    assert_eq!(refused, Err(ExchangeError::NotSent(NotSent::ShutDown)));
    arrived.approve();
    assert!(exchange.await.unwrap().is_ok());
    relay_end.stop().await;
    bank.stop().await;
    let codes = network_codes(&tap.all(Direction::Sent));
    assert_eq!(codes, [NetworkCode::SIGN_ON, NetworkCode::SIGN_OFF]);
}

fn network_codes(bytes: &[u8]) -> Vec<NetworkCode> {
    let network = |message: &Message| message.mti().class == Class::NetworkManagement;
    messages(bytes)
        .iter()
        .filter(|message| network(message))
        .map(|message| message.network_code().unwrap())
        .collect()
}

#[tokio::test]
async fn an_idle_connection_is_kept_alive_by_echo() {
    let world = World::new();
    let (listener, address) = listen().await;
    let (bank, _arrivals) = serve_bank(&world, listener, IsoServerLimits::default());
    let tap = Arc::new(Recorder::default());
    let limits = IsoClientLimits { echo_interval: Duration::from_millis(20), ..eager() };
    let relay_end = connect_relay(&world, address, limits, Some(Recorder::shared(&tap)));
    relay_end.signed_on().await;
    until(|| network_codes(&tap.all(Direction::Received)).len() > 5).await;
    let codes = network_codes(&tap.all(Direction::Sent));
    // One sign-on: all on the one connection.
    assert_eq!(codes[..4], [NetworkCode::SIGN_ON, NetworkCode::ECHO, NetworkCode::ECHO, NetworkCode::ECHO]);
    assert!(relay_end.client.is_signed_on());
    relay_end.stop().await;
    bank.stop().await;
}

#[tokio::test]
async fn a_silent_client_is_given_up_by_the_provider() {
    let world = World::new();
    let (listener, address) = listen().await;
    let limits = IsoServerLimits { idle_timeout: SHORT, ..IsoServerLimits::default() };
    let (bank, _arrivals) = serve_bank(&world, listener, limits);
    let relay_end = connect_relay(&world, address, eager(), None);
    relay_end.signed_on().await;
    until(|| !relay_end.client.is_signed_on()).await;
    relay_end.stop().await;
    bank.stop().await;
}

#[tokio::test]
async fn what_is_no_request_or_not_the_users_is_not_sent() {
    let world = World::new();
    let (listener, address) = listen().await;
    let (bank, _arrivals) = serve_bank(&world, listener, IsoServerLimits::default());
    let relay_end = connect_relay(&world, address, eager(), None);
    relay_end.signed_on().await;
    let mut echo = Message::new(Mti::NETWORK_REQUEST);
    echo.set_network_code(NetworkCode::ECHO);
    for message in [approved(&purchase(1)), echo, Message::new(Mti::FINANCIAL_REQUEST)] {
        let outcome = relay_end.client.exchange(message, LONG).await;
        assert!(matches!(outcome, Err(ExchangeError::NotSent(NotSent::Invalid(_)))), "{outcome:?}");
    }
    relay_end.stop().await;
    bank.stop().await;
}

#[tokio::test]
async fn a_message_left_unanswered_by_its_handler_is_unanswered() {
    let world = World::new();
    let (listener, address) = listen().await;
    let (bank, mut arrivals) = serve_bank(&world, listener, IsoServerLimits::default());
    let relay_end = connect_relay(&world, address, eager(), None);
    relay_end.signed_on().await;
    let client = relay_end.client.clone();
    let exchange = tokio::spawn(async move { client.exchange(purchase(1), Duration::from_secs(1)).await });
    arrivals.recv().await.unwrap().answer.send(None).unwrap();
    assert_eq!(exchange.await.unwrap(), Err(ExchangeError::Unanswered));
    assert!(relay_end.client.is_signed_on());
    relay_end.stop().await;
    bank.stop().await;
}

#[tokio::test]
async fn in_flight_bounds_have_a_ceiling() {
    let world = World::new();
    let (_listener, address) = listen().await;
    for in_flight in [0, enishi_transport::ISO_IN_FLIGHT_MAX + 1] {
        let config = enishi_transport::IsoClientConfig {
            address: address.into(),
            expected: crate::support::bank(),
            dialect: enishi_iso8583::japan_credit(),
            limits: IsoClientLimits { in_flight, ..eager() },
            now: Arc::new(crate::support::now),
            on_stray: Arc::new(|_| {}),
            tap: None,
        };
        let started = enishi_transport::IsoClient::start(
            config,
            &world.identity(&relay()),
            &world.trusted(),
            enishi_transport::CancellationToken::new(),
        );
        assert!(matches!(started, Err(SetupError::Limit { name: "in_flight" })));
    }
}
