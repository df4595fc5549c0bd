//! ISO 8583 messages, a provider whose answers the test gives by hand, and its client.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use enishi_iso8583::{
    Amount, CurrencyNumber, Deframed, InstitutionId, Message, Mti, ProcessingCode, ResponseCode, Rrn, Stan,
    TerminalCode, TransmissionTime, deframe, frame, japan_credit,
};
use enishi_transport::{
    CancellationToken, IsoClient, IsoClientConfig, IsoClientLimits, IsoHandler, IsoServerConfig,
    IsoServerLimits, Peer, Tap, serve_iso,
};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot};

use crate::support::{LONG, Running, SHORT, World, bank, now, relay};

/// A purchase that its trace number tells from others.
pub(crate) fn purchase(stan: u32) -> Message {
    let mut message = Message::new(Mti::FINANCIAL_REQUEST);
    message
        .set_processing_code(ProcessingCode::PURCHASE)
        .set_amount(Amount::new(1_500).unwrap())
        .set_transmitted_at(TransmissionTime::new(11, 30, 1, 2, 3).unwrap())
        .set_stan(Stan::new(stan).unwrap())
        .set_acquirer(InstitutionId::parse("12345").unwrap())
        .set_rrn(Rrn::parse("000000000042").unwrap())
        .set_terminal(TerminalCode::parse("4980000000012").unwrap())
        .set_currency(CurrencyNumber::JPY);
    message
}

pub(crate) fn approved(message: &Message) -> Message {
    message.answer(ResponseCode::Approved).unwrap()
}

/// A message that reached the provider, and where its answer goes.
pub(crate) struct Arrived {
    pub(crate) peer: Peer,
    pub(crate) message: Message,
    pub(crate) answer: oneshot::Sender<Option<Message>>,
}

impl Arrived {
    pub(crate) fn approve(self) {
        let answer = approved(&self.message);
        self.answer.send(Some(answer)).unwrap();
    }
}

struct ByHand(mpsc::UnboundedSender<Arrived>);

#[async_trait]
impl IsoHandler for ByHand {
    async fn handle(&self, peer: &Peer, message: Message) -> Option<Message> {
        let (answer, answered) = oneshot::channel();
        self.0.send(Arrived { peer: peer.clone(), message, answer }).ok()?;
        answered.await.ok().flatten()
    }
}

pub(crate) type Arrivals = mpsc::UnboundedReceiver<Arrived>;

/// A bank whose answers the test gives by hand.
pub(crate) fn serve_bank(
    world: &World,
    listener: TcpListener,
    limits: IsoServerLimits,
) -> (Running, Arrivals) {
    let address = listener.local_addr().unwrap();
    let (identity, ca) = (world.identity(&bank()), world.trusted());
    let (sender, arrivals) = mpsc::unbounded_channel();
    let shutdown = CancellationToken::new();
    let stopping = shutdown.clone();
    let config = IsoServerConfig { clients: vec![relay()], dialect: japan_credit(), limits, tap: None };
    let task = tokio::spawn(async move {
        serve_iso(listener, &identity, &ca, config, Arc::new(ByHand(sender)), stopping).await.unwrap();
    });
    (Running { address, shutdown, task }, arrivals)
}

/// The relay's client, what it hears astray, and the way to end it.
pub(crate) struct Relay {
    pub(crate) client: IsoClient,
    pub(crate) strays: Arc<Mutex<Vec<Message>>>,
    pub(crate) shutdown: CancellationToken,
}

/// Limits that make nobody wait.
pub(crate) fn eager() -> IsoClientLimits {
    IsoClientLimits {
        backoff_first: Duration::from_millis(10),
        backoff_most: SHORT,
        drain: LONG,
        ..IsoClientLimits::default()
    }
}

pub(crate) fn connect_relay(
    world: &World,
    address: SocketAddr,
    limits: IsoClientLimits,
    tap: Option<Arc<dyn Tap>>,
) -> Relay {
    let strays = Arc::new(Mutex::new(Vec::new()));
    let shutdown = CancellationToken::new();
    let keep = Arc::clone(&strays);
    let config = IsoClientConfig {
        address: address.into(),
        expected: bank(),
        dialect: japan_credit(),
        limits,
        now: Arc::new(now),
        on_stray: Arc::new(move |message| keep.lock().unwrap().push(message)),
        tap,
    };
    let client =
        IsoClient::start(config, &world.identity(&relay()), &world.trusted(), shutdown.clone()).unwrap();
    Relay { client, strays, shutdown }
}

impl Relay {
    pub(crate) async fn signed_on(&self) {
        tokio::time::timeout(LONG, self.client.wait_signed_on()).await.expect("signed on");
        assert!(self.client.is_signed_on());
    }

    pub(crate) async fn stop(self) {
        self.shutdown.cancel();
        self.client.wait_ended().await;
    }
}

pub(crate) async fn read_raw(stream: &mut (impl AsyncRead + Unpin)) -> Message {
    let mut header = [0; 2];
    stream.read_exact(&mut header).await.unwrap();
    let mut body = vec![0; usize::from(u16::from_be_bytes(header))];
    stream.read_exact(&mut body).await.unwrap();
    Message::decode(japan_credit(), &body).unwrap()
}

pub(crate) fn framed(message: &Message) -> Vec<u8> {
    frame(&message.encode(japan_credit()).unwrap()).unwrap()
}

pub(crate) async fn write_raw(stream: &mut (impl AsyncWrite + Unpin), message: &Message) {
    stream.write_all(&framed(message)).await.unwrap();
    stream.flush().await.unwrap();
}

/// The messages in bytes that a tap saw.
pub(crate) fn messages(mut bytes: &[u8]) -> Vec<Message> {
    let mut all = Vec::new();
    while let Deframed::Message { message, rest } = deframe(bytes).unwrap() {
        all.push(Message::decode(japan_credit(), message).unwrap());
        bytes = rest;
    }
    all
}
