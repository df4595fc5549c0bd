//! Who comes to hold what, as it is measured. The snapshot beside this file is to be read, not waved through.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::PathBuf;

use enishi_sandbox::sandbox::{
    Blueprint, Company, Item, Needle, Party, Person, PersonKey, RelayPlace, Shop, Town,
};

use crate::day::{Day, live};
use crate::haystack::{Haystack, rows, wire};
use crate::log::WholeLog;
use crate::world::{account, alone, root, town};

/// One datum of the person: how the table calls it, and how it is found.
struct Datum {
    name: String,
    needle: Needle,
}

#[tokio::test(flavor = "multi_thread")]
async fn the_privacy_matrix_is_as_reviewed() {
    let _alone = alone();
    let folder = root();
    let log = folder.path().join("whole.log");
    let whole_log = WholeLog::into_file(&log);
    let mut town = town(folder.path(), RelayPlace::InProcess).await;
    let day = live(&mut town).await;
    let matrix = Matrix::begin(&town, &day);
    town.stop().await;
    drop(whole_log);
    let log = Haystack::new("log", std::fs::read(&log).unwrap());
    assert!(log.bytes.len() > 1_000);
    // Tasks of one process share one log: whatever is in it, each of them may have said.
    matrix.expect_as_reviewed(&Party::ALL.map(|_| vec![log.clone()]));
}

/// What was on the wires, before the parties stop; what they keep is looked at afterwards.
pub(crate) struct Matrix {
    data: Vec<Datum>,
    wires: [Vec<Haystack>; 5],
    plan: Blueprint,
}

impl Matrix {
    pub(crate) fn begin(town: &Town, day: &Day) -> Self {
        let wires = Party::ALL.map(|party| wire(town, party));
        Self { data: data(town, day), wires, plan: town.plan.clone() }
    }

    /// Compares with the snapshot; `logs` are each party's.
    pub(crate) fn expect_as_reviewed(&self, logs: &[Vec<Haystack>; 5]) {
        let Self { data, wires, plan } = self;
        let folders: [Vec<PathBuf>; 5] = [
            Shop::ALL.iter().map(|shop| plan.terminal(*shop).parent().unwrap().join("journal")).collect(),
            vec![plan.root.join("relay/store")],
            vec![plan.company(Company::A).parent().unwrap().to_owned()],
            vec![plan.company(Company::B).parent().unwrap().to_owned()],
            vec![plan.root.join("authority/register")],
        ];
        let kept = folders.map(|folders| folders.iter().flat_map(|folder| rows(folder)).collect::<Vec<_>>());

        let mut table = String::from(LEGEND);
        writeln!(table, "{:<40}terminal  relay     A (代行)  B (委託)  J-LIS", "").unwrap();
        for Datum { name, needle } in data {
            write!(table, "{name:<40}").unwrap();
            for ((wire, rows), log) in wires.iter().zip(&kept).zip(logs) {
                let mark = |haystacks: &[Haystack], letter: char| {
                    if haystacks.iter().any(|it| needle.is_in(&it.bytes)) { letter } else { '·' }
                };
                write!(table, "{}{}{}       ", mark(wire, 'w'), mark(log, 'L'), mark(rows, 'r')).unwrap();
            }
            let end = table.trim_end().len();
            table.truncate(end);
            table.push('\n');
        }
        println!("{table}");
        insta::with_settings!({ prepend_module_to_snapshot => false }, {
            insta::assert_snapshot!("privacy_matrix", table);
        });
    }
}

const LEGEND: &str = "\
Hanako, who has a card at each company, after a whole day with every story of slide 9.
w on the party's wires, sent or received    L in its log at TRACE    r kept in its rows or files
";

fn data(town: &Town, day: &Day) -> Vec<Datum> {
    let hanako = PersonKey::Hanako;
    let mut data = Vec::new();
    for needle in town.needles(hanako) {
        // Of company's and customer's things each is a row of its own, below.
        if matches!(needle.item, Item::Serial | Item::SigningSerial | Item::Certificate | Item::Name) {
            let kind = match needle.item {
                Item::Serial => "serial number",
                Item::SigningSerial => "signing",
                Item::Certificate => "authentication",
                _ => "name",
            };
            for part in needle.parts() {
                let name = format!("{kind} {part}").trim_end().to_owned();
                data.push(Datum { name, needle: needle.part(part) });
            }
        }
    }
    let person = Person::of(hanako).unwrap();
    let compact = person.birth_date.replace('-', "");
    let birth_date = [person.birth_date, compact.as_str()].map(|text| Needle::text(Item::Name, text));
    data.push(Datum { name: "birth date".to_owned(), needle: Needle::any(Item::Name, birth_date) });
    data.push(Datum { name: "address".to_owned(), needle: Needle::text(Item::Name, person.address) });
    data.push(Datum { name: "card signature".to_owned(), needle: day.signatures.clone() });
    data.push(Datum { name: "card PIN (VERIFY)".to_owned(), needle: day.card_pin.clone() });
    let pairwise =
        day.pairwise.iter().filter(|(person, _)| *person == hanako).map(|(_, needle)| needle.clone());
    let pairwise = Needle::any(Item::PairwiseId, pairwise);
    data.push(Datum { name: "pairwise ID at A".to_owned(), needle: pairwise });
    for company in Company::ALL {
        let account = account(hanako, company);
        let of = [
            (Item::CustomerId, "customer ID", account.customer.to_owned()),
            (Item::CardNumber, "card number", account.pan()),
            (Item::CompanyPin, "company PIN", account.pin.to_owned()),
            (Item::CardNumber, "label", account.label.to_owned()),
        ];
        for (item, what, text) in of {
            data.push(Datum { name: format!("{what} at {company:?}"), needle: Needle::text(item, &text) });
        }
    }
    let names: BTreeSet<_> = data.iter().map(|datum| &datum.name).collect();
    assert_eq!(names.len(), data.len(), "each row has a name of its own");
    data
}
