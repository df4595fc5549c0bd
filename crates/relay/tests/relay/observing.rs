//! What an observer is told: once for each end, and never for an answer that is told again.

use std::sync::Mutex;
use std::time::Duration;

use enishi_party::RefusalCode;
use enishi_relay::{End, Event, Hop, Observer, Question, Stopped};

use crate::company::Act;
use crate::world::{A, B, PIN_FROM, World, provider};

/// Keeps what it is told, without the times.
#[derive(Default)]
pub(crate) struct Notebook(Mutex<Vec<String>>);

impl Notebook {
    /// Takes what was told so far.
    pub(crate) fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

impl Observer for Notebook {
    fn hop(&self, hop: Hop, _: Duration) {
        self.0.lock().unwrap().push(hop.word().to_owned());
    }

    fn event(&self, event: &Event<'_>) {
        self.0.lock().unwrap().push(match event {
            Event::Payment { contract, end, .. } => {
                let contract = contract.map_or("none", |contract| contract.as_str());
                let end = match end {
                    End::Approved => "approved".to_owned(),
                    End::Declined(code) => format!("declined {code}"),
                    End::Stopped(stopped) => stopped.code().to_owned(),
                };
                format!("{contract} {end}")
            }
            Event::Asked(Question::Pin) => "asked pin".to_owned(),
            Event::Asked(Question::Choice) => "asked choice".to_owned(),
            Event::Tickets(count) => format!("tickets {count}"),
            Event::Repeated => "repeated".to_owned(),
            other => format!("{other:?}"),
        });
    }
}

#[test]
fn a_fault_has_a_code_that_is_no_refusals() {
    assert_eq!(Stopped::Failed.code(), "fault");
    assert!(RefusalCode::ALL.iter().all(|code| code.code() != Stopped::Failed.code()));
}

#[tokio::test]
async fn each_end_is_told_once_with_its_contract_and_parts() {
    let world = World::new();
    world.linked(A).await;
    world.company.does([Act::Approve, Act::Code("51")]);
    let purchase = world.purchase(Some(A), 1_980);
    let again = world.purchase(Some(A), 1_980);
    world.notebook.take();

    world.pay(&purchase).await.unwrap();
    let passed = ["prove", "link", "clear", "provider", "sakura-credit approved"];
    assert_eq!(world.notebook.take(), passed);
    world.pay(&purchase).await.unwrap();
    assert_eq!(world.notebook.take(), ["repeated"]);
    world.pay(&again).await.unwrap();
    assert_eq!(world.notebook.take().last().unwrap(), "sakura-credit declined 51");
}

#[tokio::test]
async fn what_is_refused_before_the_company_has_no_part_there() {
    let world = World::new();
    let unlinked = world.purchase(None, 1_980);
    world.notebook.take();
    world.pay(&unlinked).await.unwrap();
    assert_eq!(world.notebook.take(), ["prove", "link", "none not_linked"]);
    let mut elsewhere = world.purchase(Some(A), 1_980);
    elsewhere.request.contract = Some("nobodys-credit".parse().unwrap());
    world.notebook.take();
    drop(world.pay(&elsewhere).await);
    let told = world.notebook.take();
    assert!(told.last().unwrap().starts_with("none "), "a contract of the caller's own making: {told:?}");
}

#[tokio::test]
async fn a_question_is_no_end() {
    let world = World::new();
    world.linked(B).await;
    let purchase = world.purchase(Some(B), PIN_FROM);
    world.notebook.take();
    world.pay(&purchase).await.unwrap();
    assert_eq!(world.notebook.take(), ["prove", "link", "asked pin"]);
    world.pay(&purchase).await.unwrap();
    assert_eq!(world.notebook.take(), ["repeated"], "the same question again");
}

#[tokio::test]
async fn a_reversal_is_told_each_time_that_it_is_sent() {
    let world = World::new();
    world.linked(A).await;
    world.company.does([Act::Unanswered, Act::Unanswered, Act::Approve]);
    world.pay(&world.purchase(Some(A), 1_980)).await.unwrap();
    assert_eq!(world.notebook.take().last().unwrap(), "sakura-credit declined 91");
    let provider = provider(A);
    for advice in ["Unanswered", "Acknowledged"] {
        world.relay.drain_reversals(&provider).await.unwrap();
        let told = world.notebook.take();
        assert!(told.len() == 1 && told[0].contains(advice) && told[0].contains("Reversal"), "{told:?}");
        world.pass(60);
    }
}
