//! Cards, readers and their service come and go; the terminal stays.

use enishi_card::{CardError, PcscReaders, PinKind, Tries};
use enishi_sandbox::sandbox::PersonKey;

use crate::cards::{CardFile, Certificate, fresh};
use crate::desk::Desk;
use crate::opensc::{certificate, certificate_at};
use crate::ours::{Books, connect, reader, tries};
use crate::pcscd::Pcscd;

#[tokio::test(flavor = "multi_thread")]
async fn a_card_that_was_taken_out_and_put_in_again_pays_again() {
    let Some(desk) = Desk::set("card-again") else { return };
    let mut books = Books::open(desk.folder.path()).await;
    let reader = reader();
    let mut inserted = desk.put(books.card());
    books.enrol(&reader).await;
    for yen in [310, 320, 330] {
        books.sell_well(&reader, yen).await;
        let card = inserted.pull();
        assert!(matches!(reader.connect(), Err(CardError::NoCard)));
        inserted = desk.put(card);
    }
    assert_eq!(books.statement().await, [310, 320, 330]);
    books.town.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_card_in_the_same_reader_is_another_card() {
    let Some(desk) = Desk::set("another-card") else { return };
    let mut books = Books::open(desk.folder.path()).await;
    let reader = reader();
    let inserted = desk.put(books.card());
    books.enrol(&reader).await;
    books.sell_well(&reader, 410).await;
    drop(inserted.pull());
    let other = books.town.reader(PersonKey::Yuki).unwrap().remove().unwrap();
    let inserted = desk.put(other);
    let report = books.sell(&reader, 420, &mut enishi_sandbox::demo::Citizen::new()).await;
    assert_eq!(enishi_sandbox::demo::of_outcome(&report.outcome), "refused not_linked");
    drop(inserted.pull());
    assert_eq!(books.statement().await, [410]);
    books.town.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_the_reader_service_was_restarted_the_same_terminal_pays() {
    let Some(mut desk) = Desk::set("service-restarted") else { return };
    let mut books = Books::open(desk.folder.path()).await;
    let readers = PcscReaders::new().unwrap();
    let reader = reader();
    let mut inserted = desk.put(books.card());
    books.enrol(&reader).await;
    for yen in [510, 520] {
        books.sell_well(&reader, yen).await;
        desk.stop_pcscd();
        assert!(matches!(readers.names(), Err(CardError::NoService)));
        assert!(matches!(reader.connect(), Err(CardError::NoService)));
        let card = inserted.ended();
        desk.start_pcscd();
        inserted = desk.put(card);
    }
    books.sell_well(&reader, 530).await;
    assert_eq!(books.statement().await, [510, 520, 530]);
    books.town.stop().await;
}

#[test]
fn two_cards_in_two_readers_are_two_cards() {
    let Some(desk) = Desk::set("two-readers") else { return };
    let folders = ["first", "second"].map(|name| desk.folder.path().join(name));
    folders.iter().for_each(|folder| std::fs::create_dir(folder).unwrap());
    let (first, second) = (fresh(&folders[0], PersonKey::Hanako), fresh(&folders[1], PersonKey::Ken));
    let _first = desk.insert(&first);
    let _second = desk.insert_second(&second);
    let readers = PcscReaders::new().unwrap();
    assert_eq!(readers.names().unwrap(), [Pcscd::FIRST.reader, Pcscd::SECOND.reader]);

    // Ours holds the first while OpenSC reads the second.
    let held = connect(&reader()).unwrap();
    let which = Certificate::Authentication;
    let read = certificate_at(&desk, "1", which);
    assert!(read == CardFile::read(&second).certificate(which));
    assert!(read != CardFile::read(&first).certificate(which));
    drop(held);
    assert!(certificate(&desk, which) == CardFile::read(&first).certificate(which));
    assert_eq!(tries(PinKind::Authentication), Tries::Left(3));
}
