//! Random histories against a model that has nothing but a list of what happened.

use std::collections::{HashMap, HashSet};

use enishi_iso8583::Message;
use proptest::prelude::*;

use crate::pen::Buy;
use crate::world::{HANAKO, PIN, TARO, World};

/// One step of a history. Numbers choose among the messages written so far.
#[derive(Debug, Clone)]
enum Step {
    /// A new purchase is written and sent.
    Buy { who: usize, amount: u64, pin: Entered },
    /// A new purchase is written, and lost.
    Lose { who: usize, amount: u64 },
    /// A message comes, again or late.
    Send(usize),
    /// A message's reversal comes, for the first time or again.
    Reverse(usize),
    /// A message's assertion comes under a new key.
    Replay(usize),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Entered {
    Nothing,
    Right,
    Wrong,
}

fn any_step() -> impl Strategy<Value = Step> {
    let amount = prop_oneof![1_u64..20_000, 90_000_u64..110_000];
    let entered = prop_oneof![
        2 => Just(Entered::Nothing),
        4 => Just(Entered::Right),
        1 => Just(Entered::Wrong),
    ];
    prop_oneof![
        6 => (0..3_usize, amount.clone(), entered).prop_map(|(who, amount, pin)| Step::Buy { who, amount, pin }),
        2 => (0..3_usize, amount).prop_map(|(who, amount)| Step::Lose { who, amount }),
        3 => any::<usize>().prop_map(Step::Send),
        4 => any::<usize>().prop_map(Step::Reverse),
        1 => any::<usize>().prop_map(Step::Replay),
    ]
}

/// What a card company with one sheet of paper would keep.
#[derive(Default)]
struct Model {
    answers: HashMap<usize, &'static str>,
    reversed: HashSet<usize>,
    used: HashSet<usize>,
    owed: [u64; 3],
    wrong: [u8; 3],
    entries: u64,
}

/// A purchase that was written.
struct Written {
    buy: Buy,
    message: Message,
    who: usize,
    amount: u64,
    pin: Entered,
    /// The message whose assertion it carries.
    assertion: usize,
}

const CREDIT_LIMIT: [u64; 3] = [300_000, 1_000_000, 300_000];
const TRANSACTION_LIMIT: [u64; 3] = [100_000, 500_000, 100_000];
const PINS: [&str; 3] = [PIN, "2468", "1357"];

impl Model {
    fn send(&mut self, index: usize, it: &Written) -> &'static str {
        if self.reversed.contains(&index) && self.answers.get(&index).is_none_or(|code| *code == "00") {
            if self.answers.contains_key(&index) {
                return "12";
            }
            self.used.insert(it.assertion);
            self.answers.insert(index, "12");
        }
        if let Some(code) = self.answers.get(&index) {
            return code;
        }
        let code = self.decide(it);
        self.answers.insert(index, code);
        code
    }

    fn decide(&mut self, it: &Written) -> &'static str {
        if !self.used.insert(it.assertion) {
            return "94";
        }
        match it.pin {
            Entered::Nothing if it.amount > 15_000 => return "70",
            Entered::Nothing => {}
            Entered::Right | Entered::Wrong if self.wrong[it.who] == 3 => return "75",
            Entered::Wrong => {
                self.wrong[it.who] += 1;
                return "55";
            }
            Entered::Right => self.wrong[it.who] = 0,
        }
        if it.amount > TRANSACTION_LIMIT[it.who] {
            return "61";
        }
        if self.owed[it.who] + it.amount > CREDIT_LIMIT[it.who] {
            return "51";
        }
        self.owed[it.who] += it.amount;
        self.entries += 1;
        "00"
    }

    fn reverse(&mut self, index: usize, it: &Written) {
        let approved = self.answers.get(&index) == Some(&"00");
        if self.reversed.insert(index) && approved {
            self.owed[it.who] -= it.amount;
            self.entries += 1;
        }
    }
}

async fn live(steps: Vec<Step>) {
    let world = World::new().await;
    let cards = [world.tied(HANAKO, 0).await, world.tied(HANAKO, 1).await, world.tied(TARO, 0).await];
    let (mut model, mut written): (Model, Vec<Written>) = (Model::default(), Vec::new());
    let write = |who: usize, amount, pin, assertion| {
        let buy = cards[who].clone().of(amount).again(&world.pen);
        let buy = match pin {
            Entered::Nothing => buy,
            Entered::Right => buy.with_pin(PINS[who]),
            Entered::Wrong => buy.with_pin("000000"),
        };
        Written { message: world.pen.write(&buy), buy, who, amount, pin, assertion }
    };
    for step in steps {
        let chosen = |number: usize| (!written.is_empty()).then(|| number % written.len());
        match step {
            Step::Buy { who, amount, pin } => {
                let index = written.len();
                written.push(write(who, amount, pin, index));
                let expected = model.send(index, &written[index]);
                assert_eq!(world.code(&written[index].message).await, expected);
            }
            Step::Lose { who, amount } => {
                let index = written.len();
                written.push(write(who, amount, Entered::Right, index));
            }
            Step::Send(number) => {
                let Some(index) = chosen(number) else { continue };
                let expected = model.send(index, &written[index]);
                assert_eq!(world.code(&written[index].message).await, expected);
            }
            Step::Reverse(number) => {
                let Some(index) = chosen(number) else { continue };
                let reversal = world.pen.reverse(&written[index].message);
                model.reverse(index, &written[index]);
                assert_eq!(world.code(&reversal).await, "00");
            }
            Step::Replay(number) => {
                let Some(index) = chosen(number) else { continue };
                let Written { buy, who, amount, pin, assertion, .. } = &written[index];
                let replayed = Written {
                    message: world.pen.write(buy),
                    buy: buy.clone(),
                    who: *who,
                    amount: *amount,
                    pin: *pin,
                    assertion: *assertion,
                };
                let index = written.len();
                written.push(replayed);
                let expected = model.send(index, &written[index]);
                assert_eq!(world.code(&written[index].message).await, expected);
            }
        }
    }
    let owed = |lines: Vec<i64>| lines.iter().sum::<i64>();
    let expected = |sum: u64| i64::try_from(sum).unwrap();
    assert_eq!(owed(world.statement(HANAKO).await), expected(model.owed[0] + model.owed[1]));
    assert_eq!(owed(world.statement(TARO).await), expected(model.owed[2]));
    world.assert_sound(model.entries).await;
}

proptest! {
    #[test]
    fn any_history_is_answered_as_the_model_says_and_sums_to_zero(
        steps in proptest::collection::vec(any_step(), 1..40)
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(live(steps));
    }
}
