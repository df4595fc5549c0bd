//! 委託: the company of `entrusted_provider` looks at the evidence itself.

use enishi_sandbox::sandbox::{Company, PersonKey};
use enishi_wire::Subject;

use crate::line::Line;
use crate::world::{PIN, World, text};

#[tokio::test(flavor = "multi_thread")]
async fn evidence_carries_a_purchase_and_the_relays_word_alone_does_not() {
    let world = World::start(Company::B, env!("CARGO_BIN_EXE_entrusted_provider")).await;
    assert_eq!(world.enrol("minato-77120", PersonKey::Hanako).await.unwrap(), "みなとカード ••旅行用");
    let paid = world.pay(PersonKey::Hanako, "1200", &["--contract", "minato-card-credit"], PIN);
    assert_eq!(paid.status.code(), Some(0), "{paid:?}");
    assert!(text(&paid.stdout).contains("Amount: ¥1,200"), "{paid:?}");
    assert_eq!(world.debits(), 1);

    // Signed by the relay, of a customer and a card that are tied, and no tap behind it.
    let sql = "SELECT instrument FROM tie";
    let instrument: String = world.books().query_row(sql, [], |row| row.get(0)).unwrap();
    let line = Line::to(&world).await;
    let subject = Subject::Customer("minato-77120".parse().unwrap());
    let invented = line.assertion(subject, instrument.parse().unwrap());
    assert_eq!(line.say(&line.purchase(&invented, 200)).await.0, "63");
    assert_eq!(world.debits(), 1);

    // Another's card on an invitation: her name is not the customer's.
    assert_eq!(world.enrol("minato-77120", PersonKey::Sachi).await.unwrap_err(), "identity_mismatch");
    // No customer's and no card's serial number, certificate or name is in the company's books.
    let columns = "SELECT group_concat(sql) FROM sqlite_schema";
    let schema: String = world.books().query_row(columns, [], |row| row.get(0)).unwrap();
    assert!(schema.contains("instrument") && !schema.contains("serial") && !schema.contains("certificate"));
    drop(line);
    world.stop().await;
}
