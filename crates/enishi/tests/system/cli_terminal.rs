//! `enishi terminal pay`, as a clerk and a citizen meet it.

use enishi_sandbox::sandbox::{CARD_AUTH_PIN, Company, PersonKey, RelayPlace, Shop, Town};
use tempfile::TempDir;

use crate::console::{Console, Said, piped};
use crate::world::{account, alone, enrol, root, town};

/// A town whose bookshop's terminal and whose cards are for the commands.
pub(crate) struct Counter {
    pub(crate) town: Town,
    pub(crate) folder: TempDir,
}

impl Counter {
    pub(crate) async fn open(links: &[(PersonKey, Company)]) -> Self {
        let folder = root();
        let mut town = town(folder.path(), RelayPlace::InProcess).await;
        for (person, company) in links {
            enrol(&mut town, *person, *company).await;
        }
        town.release().await;
        Self { town, folder }
    }

    pub(crate) fn config(&self) -> String {
        self.town.plan.terminal(Shop::Books).to_str().unwrap().to_owned()
    }

    pub(crate) fn card(&self, person: PersonKey) -> String {
        self.town.plan.card(person).to_str().unwrap().to_owned()
    }

    fn order<'a>(&self, yen: &'a str, config: &'a str, card: &'a str) -> Vec<&'a str> {
        vec!["terminal", "pay", "--config", config, "--card", card, "--yen", yen]
    }

    /// Pays behind pipes.
    fn pay(&self, person: PersonKey, yen: &str, more: &[&str], lines: &str) -> Said {
        let (config, card) = (self.config(), self.card(person));
        let mut order = self.order(yen, &config, &card);
        order.extend(more);
        piped(&order, lines)
    }

    /// Pays at a terminal.
    fn console(&self, person: PersonKey, yen: &str, more: &[&str]) -> Console {
        let (config, card) = (self.config(), self.card(person));
        let mut order = self.order(yen, &config, &card);
        order.extend(more);
        Console::start(&order)
    }

    fn last(&self) -> serde_json::Value {
        let said = piped(&["terminal", "last", "--config", &self.config(), "--json"], "");
        serde_json::from_str(&said.out).unwrap()
    }
}

fn json(said: &Said) -> serde_json::Value {
    serde_json::from_str(&said.out).unwrap_or_else(|error| panic!("{error}: {said:?}"))
}

const A: [&str; 2] = ["--contract", "sakura-card-credit"];
const B: [&str; 2] = ["--contract", "minato-card-credit"];

#[tokio::test(flavor = "multi_thread")]
async fn a_purchase_at_a_terminal_shows_everything_but_the_pin() {
    let _alone = alone();
    let counter = Counter::open(&[(PersonKey::Taro, Company::A)]).await;
    let languages = [
        ("ja", "縁むすび書店", "金額: ¥1,980", "残り回数: 3回", "暗証番号(", "承認番号"),
        ("en", "Enmusubi Books", "Amount: ¥1,980", "Tries left: 3", "Card PIN (", "Approval: "),
    ];
    for (language, payee, amount, tries, prompt, approval) in languages {
        let mut console = counter.console(PersonKey::Taro, "1980", &[&A[..], &["--lang", language]].concat());
        for words in [payee, amount, tries, prompt] {
            console.until(words);
        }
        assert!(!console.echoes(), "the terminal shows nothing while a PIN is entered");
        console.enter(CARD_AUTH_PIN);
        console.until(" ms");
        console.until(approval);
        assert!(console.echoes(), "and everything afterwards");
        let (code, said) = console.end();
        assert_eq!(code, Some(0), "{said}");
        // Behind it stand random numbers, which may hold any four digits.
        let before = said.split(approval).next().unwrap();
        assert!(!before.contains(CARD_AUTH_PIN), "{before}");
    }
    counter.town.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn behind_pipes_one_line_is_the_pin_and_json_is_one_object() {
    let _alone = alone();
    let counter = Counter::open(&[(PersonKey::Taro, Company::A)]).await;
    let pin = format!("{CARD_AUTH_PIN}\n");
    let said = counter.pay(PersonKey::Taro, "1980", &[&A[..], &["--json", "--lang", "en"]].concat(), &pin);
    assert_eq!(said.code, Some(0), "{said:?}");
    let told = json(&said);
    assert_eq!(told["outcome"], "approved");
    assert_eq!((&told["slip"], &told["amount"]["minor"]), (&"000001".into(), &1980.into()));
    assert!(told["receipt"].as_str().unwrap().contains("RECEIPT"), "{told}");
    assert!(said.err.contains("Pay ¥1,980 to Enmusubi Books."), "{}", said.err);
    assert!(!said.err.contains("asking the relay"), "hops are for people: {}", said.err);

    let unlinked = counter.pay(PersonKey::Ken, "700", &["--lang", "ja"], &pin);
    assert_eq!(unlinked.code, Some(1), "{unlinked:?}");
    assert!(unlinked.out.contains("このカードはまだ登録されていません。"), "{unlinked:?}");
    let declined = counter.pay(PersonKey::Taro, "60000", &[&A[..], &["--json"]].concat(), &pin);
    assert_eq!((declined.code, &json(&declined)["response_code"]), (Some(1), &"61".into()), "{declined:?}");
    for stopped in ["", "\n", "12345\n"] {
        let said = counter.pay(PersonKey::Taro, "100", &["--json"], stopped);
        assert_eq!((said.code, &json(&said)["outcome"]), (Some(1), &"withdrawn".into()), "{said:?}");
    }
    assert_eq!(counter.last()["last"]["response_code"], "61", "without a PIN no slip is taken");
    let last = piped(&["terminal", "last", "--config", &counter.config(), "--lang", "ja"], "");
    assert!(last.out.contains("カード会社が拒否 61"), "{last:?}");
    counter.town.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_pin_counts_down_and_the_last_try_is_spent_only_on_purpose() {
    let _alone = alone();
    let counter = Counter::open(&[]).await;
    let wrong = |more: &[&str]| counter.pay(PersonKey::Taro, "100", &[&["--json"], more].concat(), "0000\n");
    for left in [2, 1] {
        let said = wrong(&[]);
        let told = json(&said);
        assert_eq!(
            (said.code, &told["code"], &told["tries_left"]),
            (Some(1), &"pin_wrong".into(), &left.into())
        );
    }
    let said = wrong(&["--lang", "en"]);
    assert_eq!((said.code, &json(&said)["outcome"]), (Some(1), &"withdrawn".into()), "{said:?}");
    assert!(said.err.contains("one try is left") && said.err.contains("--spend-last-try"), "{said:?}");
    let card = counter.card(PersonKey::Taro);
    let tries = || json(&piped(&["card", "tries", "--card", &card, "--json"], ""))["authentication"].clone();
    assert_eq!(tries(), 1);

    // At a terminal the warning is read, and the right PIN restores the count.
    let mut console = counter.console(PersonKey::Taro, "100", &["--lang", "en"]);
    console.until("WARNING: one try is left");
    console.until("Card PIN");
    console.enter(CARD_AUTH_PIN);
    let (code, said) = console.end();
    assert_eq!(code, Some(1), "not linked: {said}");
    assert_eq!(tries(), 3);

    for _ in 0..2 {
        wrong(&[]);
    }
    let said = wrong(&["--spend-last-try"]);
    assert_eq!((said.code, &json(&said)["code"]), (Some(1), &"pin_locked".into()), "{said:?}");
    let said = wrong(&["--lang", "ja"]);
    assert_eq!((said.code, &json(&said)["code"]), (Some(1), &"pin_locked".into()), "{said:?}");
    assert!(said.err.contains("市区町村の窓口で解除"), "{said:?}");
    assert_eq!(tries(), "blocked");
    counter.town.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_holder_chooses_and_the_companys_pin_is_another_secret() {
    let _alone = alone();
    let counter = Counter::open(&[(PersonKey::Hanako, Company::A), (PersonKey::Hanako, Company::B)]).await;
    let mut console = counter.console(PersonKey::Hanako, "880", &["--lang", "ja"]);
    console.until("暗証番号(");
    console.enter(CARD_AUTH_PIN);
    console.until("お客様だけ");
    console.until("  1  ");
    console.until("  2  ");
    console.until("番号(");
    assert!(console.echoes());
    console.enter("3");
    console.until("1から2まで");
    console.enter("2");
    console.until("承認番号");
    assert_eq!(console.end().0, Some(0));

    let pin = account(PersonKey::Hanako, Company::B).pin;
    let mut console = counter.console(PersonKey::Hanako, "12000", &[&B[..], &["--lang", "en"]].concat());
    console.until("Card PIN");
    console.enter(CARD_AUTH_PIN);
    console.until("PIN of the card company");
    assert!(!console.echoes());
    console.enter(pin);
    console.until("Approval: ");
    let (code, said) = console.end();
    assert_eq!(code, Some(0), "{said}");
    assert!(!said.contains(pin), "{said}");

    // A holder who does not choose takes the request back; so does one who gives no company's PIN.
    for (yen, more, lines) in [("880", &[][..], "4071\n\n"), ("12000", &B[..], "4071\n")] {
        let said = counter.pay(PersonKey::Hanako, yen, &[more, &["--json"]].concat(), lines);
        let told = json(&said);
        assert_eq!((said.code, &told["outcome"]), (Some(1), &"withdrawn".into()), "{said:?}");
        assert_eq!(told["cancellation"], "closed", "{told}");
    }
    let wrong =
        counter.pay(PersonKey::Hanako, "12500", &[&B[..], &["--json"]].concat(), "4071\n649201847735\n");
    assert_eq!((wrong.code, &json(&wrong)["response_code"]), (Some(1), &"55".into()), "{wrong:?}");
    counter.town.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ctrl_c_before_the_proof_sends_nothing_and_after_it_is_settled_by_resume() {
    let _alone = alone();
    let counter = Counter::open(&[(PersonKey::Hanako, Company::A), (PersonKey::Hanako, Company::B)]).await;
    let mut console = counter.console(PersonKey::Hanako, "880", &["--lang", "en"]);
    console.until("Card PIN");
    console.interrupt();
    let (code, said) = console.end();
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("Nothing was sent") || said.contains("nothing was sent"), "{said}");

    let mut console = counter.console(PersonKey::Hanako, "880", &["--lang", "en"]);
    console.until("Card PIN");
    console.enter(CARD_AUTH_PIN);
    console.until("Number (");
    console.interrupt();
    console.until("terminal resume --config");
    let (code, said) = console.end();
    assert_eq!(code, Some(4), "{said}");

    let last = counter.last();
    assert_eq!(last["open"], 1, "{last}");
    let resumed = piped(&["terminal", "resume", "--config", &counter.config(), "--json"], "");
    assert_eq!(resumed.code, Some(0), "{resumed:?}");
    let told = json(&resumed);
    assert_eq!((&told["open"], &told["slips"][0]["outcome"]), (&0.into(), &"withdrawn".into()), "{told}");
    assert_eq!(told["slips"][0]["cancellation"], "closed");
    let again = piped(&["terminal", "resume", "--config", &counter.config(), "--lang", "ja"], "");
    assert_eq!((again.code, again.out.trim()), (Some(0), "未処理の取引はありません。"), "{again:?}");
    counter.town.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_missing_is_named_with_what_to_do() {
    let _alone = alone();
    let counter = Counter::open(&[]).await;
    let config = counter.config();
    let pay = |more: &[&str]| {
        piped(&[&["terminal", "pay", "--config", &config, "--yen", "100"], more].concat(), "")
    };
    let said = pay(&[]);
    assert_eq!(said.code, Some(2));
    assert!(said.err.contains("--card FILE") && said.err.contains("--reader NAME"), "{said:?}");
    let text = std::fs::read_to_string(&config).unwrap();
    assert!(text.contains("reader = \"software\""), "{text}");
    if !cfg!(feature = "pcsc") {
        let said = pay(&["--reader", "any"]);
        assert_eq!(said.code, Some(2));
        assert!(said.err.contains("without PC/SC") && said.err.contains("--features pcsc"), "{said:?}");
        std::fs::write(&config, text.replace("reader = \"software\"", "reader.pcsc.name = \"any\"")).unwrap();
        let said = pay(&[]);
        assert!(said.code == Some(2) && said.err.contains("without PC/SC"), "{said:?}");
        let said = piped(&["card", "readers"], "");
        assert!(said.code == Some(2) && said.err.contains("without PC/SC"), "{said:?}");
    }
    for (wrong, expected) in [
        ("reader = \"software\"\ncolour = \"red\"", "colour"),
        ("reader = \"hardware\"", "hardware"),
        ("# no reader", "reader"),
        ("reader.pcsc = { name = \"a\", slot = 1 }", "slot"),
    ] {
        std::fs::write(&config, text.replace("reader = \"software\"", wrong)).unwrap();
        let said = pay(&[]);
        assert!(said.code == Some(2) && said.err.contains(expected), "{wrong}: {said:?}");
    }
    std::fs::write(&config, &text).unwrap();
    let card = counter.card(PersonKey::Taro);
    for yen in ["0", "-1", "1000000000000", "x"] {
        let said =
            piped(&["terminal", "pay", "--config", &config, "--card", &card, &format!("--yen={yen}")], "");
        assert!(said.code == Some(2) && said.err.contains("yen"), "{yen}: {said:?}");
    }
    // Nobody answers: nothing was asked of anyone.
    counter.town.stop().await;
    let said = piped(&["terminal", "pay", "--config", &config, "--card", &card, "--yen", "100"], "4071\n");
    assert_eq!(said.code, Some(3), "{said:?}");
    assert!(said.err.contains("is the relay running"), "{said:?}");
    assert!(!said.out.contains("PIN"), "{said:?}");
    drop(counter.folder);
}
