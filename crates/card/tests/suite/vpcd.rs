//! The software card as a client of vsmartcard's reader, against a reader of the tests' own on the loopback.

use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc;

use enishi_card::{CardError, End, Exchange, Fate, ImageFault, Moment, SoftwareCard, VpcdError, VpcdPlug};

use crate::support::*;

/// The reader's side of the wire.
struct FakeReader {
    listener: TcpListener,
}

struct Slot(TcpStream);

impl FakeReader {
    fn new() -> Self {
        Self { listener: TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap() }
    }

    fn address(&self) -> SocketAddr {
        self.listener.local_addr().unwrap()
    }

    fn insert(&self, card: SoftwareCard) -> (Slot, VpcdPlug) {
        let plug = VpcdPlug::insert(card, self.address()).unwrap();
        (self.accept(), plug)
    }

    fn accept(&self) -> Slot {
        Slot(self.listener.accept().unwrap().0)
    }
}

impl Slot {
    fn raw(&mut self, bytes: &[u8]) {
        self.0.write_all(bytes).unwrap();
    }

    fn say(&mut self, payload: &[u8]) {
        self.raw(&u16::try_from(payload.len()).unwrap().to_be_bytes());
        self.raw(payload);
    }

    fn hear(&mut self) -> Vec<u8> {
        let mut length = [0; 2];
        self.0.read_exact(&mut length).unwrap();
        let mut payload = vec![0; usize::from(u16::from_be_bytes(length))];
        self.0.read_exact(&mut payload).unwrap();
        payload
    }

    fn ask(&mut self, command: &str) -> String {
        self.say(&hex::decode(command).unwrap());
        hex::encode_upper(self.hear())
    }

    fn power_on(&mut self) {
        self.say(&[0x01]);
    }

    /// What is still to come when the card is out: nothing.
    fn is_empty(&mut self) -> bool {
        let mut byte = [0];
        match self.0.read(&mut byte) {
            Ok(len) => len == 0,
            Err(error) => error.kind() == ErrorKind::ConnectionReset,
        }
    }
}

#[test]
fn it_answers_polls_and_commands_through_power_cycles() {
    let reader = FakeReader::new();
    let (mut slot, plug) = reader.insert(card());
    // A reader polls for the answer to reset before there is power, and afterwards.
    for control in [&[][..], &[0x01], &[0x00], &[0x01, 0x02]] {
        for code in control {
            slot.say(&[*code]);
        }
        slot.say(&[0x04]);
        assert_eq!(slot.hear(), SoftwareCard::ATR);
    }
    assert_eq!(slot.ask(SELECT_JPKI), "9000");
    assert_eq!(slot.ask("00A4020C020018"), "9000");
    assert_eq!(slot.ask("00200080"), "63C3");
    assert_eq!(slot.ask(&verify_command(AUTH_PIN)), "9000");
    // A warm reset forgets the file and keeps the application and its PIN; a power cycle forgets all three.
    slot.say(&[0x02]);
    assert_eq!(slot.ask("00A4020C020017"), "9000");
    assert_eq!(slot.ask("802A00800401020304 00".replace(' ', "").as_str()).len(), 516);
    slot.say(&[0x00]);
    slot.power_on();
    assert_eq!(slot.ask("00A4020C020017"), "6A82");
    assert_eq!(slot.ask(SELECT_JPKI), "9000");
    assert_eq!(slot.ask("00A4020C020017"), "9000");
    assert_eq!(slot.ask("802A0080040102030400"), "6982");
    drop(plug.remove());
    assert!(slot.is_empty());
}

#[test]
fn a_reset_of_a_card_without_power_powers_it() {
    let reader = FakeReader::new();
    let (mut slot, _plug) = reader.insert(card());
    slot.say(&[0x02]);
    assert_eq!(slot.ask(SELECT_JPKI), "9000");
}

#[test]
fn a_message_may_come_octet_by_octet_and_two_may_come_at_once() {
    let reader = FakeReader::new();
    let (mut slot, _plug) = reader.insert(card());
    slot.0.set_nodelay(true).unwrap();
    let select = hex::decode(SELECT_JPKI).unwrap();
    for byte in [&[0, 1, 1, 0, u8::try_from(select.len()).unwrap()][..], &select].concat() {
        slot.raw(&[byte]);
    }
    assert_eq!(slot.hear(), [0x90, 0x00]);
    slot.raw(&[0, 1, 4, 0, 1, 4]);
    assert_eq!(slot.hear(), SoftwareCard::ATR);
    assert_eq!(slot.hear(), SoftwareCard::ATR);
}

#[test]
fn the_longest_message_is_a_command_that_the_card_refuses() {
    let reader = FakeReader::new();
    let (mut slot, _plug) = reader.insert(card());
    slot.power_on();
    let mut command = hex::decode("00A4040C00").unwrap();
    command.resize(usize::from(u16::MAX), 0xFF);
    slot.say(&command);
    assert_eq!(slot.hear(), [0x67, 0x00]);
    assert_eq!(slot.ask(SELECT_JPKI), "9000");
}

#[test]
fn a_reader_that_sends_nonsense_loses_the_card() {
    type Expected = fn(&VpcdError) -> bool;
    let cases: [(&[u8], Expected); 7] = [
        (&[0, 0], |error| matches!(error, VpcdError::NoCommand { len: 0 })),
        (&[0, 2], |error| matches!(error, VpcdError::NoCommand { len: 2 })),
        (&[0, 3, 0, 0, 0], |error| matches!(error, VpcdError::NoCommand { len: 3 })),
        (&[0, 1, 3], |error| matches!(error, VpcdError::UnknownControl { code: 3 })),
        (&[0, 1, 0xFF], |error| matches!(error, VpcdError::UnknownControl { code: 0xFF })),
        (b"GET / HTTP/1.1\r\n\r\n", |error| matches!(error, VpcdError::CutMessage)),
        (&[0, 4, 0, 0xA4, 0, 0], |error| matches!(error, VpcdError::CommandWithoutPower)),
    ];
    for (nonsense, expected) in cases {
        let reader = FakeReader::new();
        let (mut slot, plug) = reader.insert(card());
        slot.raw(nonsense);
        slot.0.shutdown(Shutdown::Write).unwrap();
        let unplugged = plug.wait();
        let error = unplugged.end.unwrap_err();
        assert!(expected(&error), "{nonsense:?}: {error:?}");
        assert!(slot.is_empty(), "{nonsense:?}");
        // The card is none the worse for it.
        let (mut slot, _plug) = reader.insert(unplugged.card);
        slot.power_on();
        assert_eq!(slot.ask(SELECT_JPKI), "9000");
    }
}

#[test]
fn a_connection_cut_inside_a_message_is_told_from_a_reader_that_closed() {
    let reader = FakeReader::new();
    let (slot, plug) = reader.insert(card());
    drop(slot);
    let unplugged = plug.wait();
    assert_eq!(unplugged.end.unwrap(), End::ReaderClosed);

    for cut in [&[0][..], &[0, 5], &[0, 5, 0, 0xA4]] {
        let (mut slot, plug) = reader.insert(card());
        slot.raw(cut);
        drop(slot);
        assert!(matches!(plug.wait().end, Err(VpcdError::CutMessage)), "{cut:?}");
    }
}

#[test]
fn a_card_without_a_reader_comes_back() {
    let reader = FakeReader::new();
    let address = reader.address();
    drop(reader);
    let refused = VpcdPlug::insert(card(), address).unwrap_err();
    assert!(matches!(refused.cause(), VpcdError::Connect { .. }));
    assert!(refused.to_string().contains(&address.to_string()), "{refused}");
    let mut card = refused.into_card();
    card.power_on();
    expect(&mut card, SELECT_JPKI, "9000");
}

#[test]
fn another_thread_pulls_the_card_while_one_waits() {
    let reader = FakeReader::new();
    let (mut slot, plug) = reader.insert(card());
    let puller = plug.puller();
    let waiting = std::thread::spawn(move || plug.wait());
    puller.clone().pull();
    assert_eq!(waiting.join().unwrap().end.unwrap(), End::Pulled);
    assert!(slot.is_empty());
    puller.pull();
}

#[test]
fn a_dropped_plug_is_a_pulled_card() {
    let reader = FakeReader::new();
    let (mut slot, plug) = reader.insert(card());
    drop(plug);
    assert!(slot.is_empty());
}

#[test]
fn a_counter_outlives_reinsertion_and_the_process() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("card.toml");
    image().create(&path).unwrap();
    let reader = FakeReader::new();

    let (mut slot, plug) = reader.insert(SoftwareCard::open(&path).unwrap());
    assert!(matches!(SoftwareCard::open(&path), Err(CardError::Image(ImageFault::InUse))));
    assert_eq!(wrong_pin(&mut slot), "63C2");
    let (mut slot, plug) = reader.insert(plug.remove());
    assert_eq!(wrong_pin(&mut slot), "63C1");
    drop(plug.remove());
    let (mut slot, plug) = reader.insert(SoftwareCard::open(&path).unwrap());
    open_pin_file(&mut slot);
    assert_eq!(slot.ask("00200080"), "63C1");
    assert_eq!(slot.ask(&verify_command(AUTH_PIN)), "9000");
    drop(plug.remove());
    let (mut slot, _plug) = reader.insert(SoftwareCard::open(&path).unwrap());
    open_pin_file(&mut slot);
    assert_eq!(slot.ask("00200080"), "63C3");
}

#[test]
fn an_observer_sees_headers_and_pulls_the_card_before_or_after_it_acts() {
    for (pull_at, tries) in [(Moment::Command, "63C3"), (Moment::Answer { status: 0x63C2 }, "63C2")] {
        let reader = FakeReader::new();
        let (tell, told) = mpsc::channel();
        let observer = move |exchange: Exchange| {
            tell.send(exchange).unwrap();
            if exchange.number == 3 && exchange.moment == pull_at { Fate::Pulled } else { Fate::Stays }
        };
        let plug = VpcdPlug::insert_with(card(), reader.address(), observer).unwrap();
        let mut slot = reader.accept();
        open_pin_file(&mut slot);
        slot.say(&hex::decode(verify_command("0000")).unwrap());
        assert!(slot.is_empty());
        let unplugged = plug.wait();
        assert_eq!(unplugged.end.unwrap(), End::Pulled);
        let seen: Vec<Exchange> = told.iter().collect();
        assert_eq!(seen[0], Exchange { number: 1, header: [0, 0xA4, 4, 0x0C], moment: Moment::Command });
        assert_eq!(seen[1].moment, Moment::Answer { status: 0x9000 });
        assert_eq!(
            *seen.last().unwrap(),
            Exchange { number: 3, header: [0, 0x20, 0, 0x80], moment: pull_at }
        );
        // What happened to the card, happened.
        let (mut slot, _plug) = reader.insert(unplugged.card);
        open_pin_file(&mut slot);
        assert_eq!(slot.ask("00200080"), tries);
    }
}

#[test]
fn a_panic_in_an_observer_comes_out_where_one_waits() {
    let reader = FakeReader::new();
    let plug = VpcdPlug::insert_with(card(), reader.address(), |_| panic!("an observer's own")).unwrap();
    let mut slot = reader.accept();
    slot.power_on();
    slot.say(&hex::decode(SELECT_JPKI).unwrap());
    let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| plug.wait())).unwrap_err();
    assert_eq!(*panic.downcast_ref::<&str>().unwrap(), "an observer's own");
}

fn open_pin_file(slot: &mut Slot) {
    slot.power_on();
    assert_eq!(slot.ask(SELECT_JPKI), "9000");
    assert_eq!(slot.ask("00A4020C020018"), "9000");
}

fn wrong_pin(slot: &mut Slot) -> String {
    open_pin_file(slot);
    slot.ask(&verify_command("0000"))
}
