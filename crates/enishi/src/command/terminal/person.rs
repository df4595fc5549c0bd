//! The holder at the terminal: what is shown and asked.

use enishi_card::{CardError, Tries};
use enishi_jpki::{AuthPin, SigningPassword};
use enishi_party::{ChoiceHandle, Money, Text, VerifierModel};
use enishi_pinblock::IssuerPin;
use enishi_terminal::{CardLost, Consent, Holder, Purpose, SecretFate, Shown, TapAgain, plain};
use enishi_wire::{Choice, ConsentTerms};

use super::screen::Screen;
use crate::command::card::keypad::{Echo, Interrupt, Keypad, Line};
use crate::command::card::secret::SpendLastTry;
use crate::command::card::source::{CardLink, CardReader};

/// How often a person may mistype something that nobody else has seen.
const ENTRIES_MAX: u8 = 3;

/// The person who holds the card.
pub(super) struct Person {
    screen: Screen,
    keypad: Keypad,
    spend: SpendLastTry,
}

impl Person {
    pub(super) fn new(screen: Screen, interrupt: Interrupt, spend: SpendLastTry) -> Self {
        Self { screen, keypad: Keypad::new(interrupt), spend }
    }

    /// Asks until the answer is of the form: a person three times, a program once. `None` is "rather not".
    fn enter<T>(
        &self,
        question: &Text,
        echo: Echo,
        rule: &Text,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        let entries = if self.keypad.is_terminal() { ENTRIES_MAX } else { 1 };
        for _ in 0..entries {
            let line = self.line(question, echo)?;
            if line.text().is_empty() {
                return None;
            }
            if let Some(answer) = parse(line.text()) {
                return Some(answer);
            }
            self.screen.say(rule);
        }
        None
    }

    fn line(&self, question: &Text, echo: Echo) -> Option<Line> {
        let line = self.keypad.line(echo, || self.screen.ask(question));
        if !self.keypad.is_terminal() || line.is_none() {
            // Nobody pressed Enter on this screen.
            self.screen.line("");
        }
        line
    }

    /// Shows the tries left; `false` if nothing may be presented.
    fn show_tries(&self, tries: Tries) -> bool {
        let text = match tries {
            Tries::Left(1) => Text::new(
                "【注意】入力できるのはあと1回です。間違えるとロックされ、解除には市区町村の窓口での手続きが必要です。",
                "WARNING: one try is left. A wrong entry locks the card, and only the municipal office unlocks it.",
            ),
            Tries::Left(left) => {
                Text::new(format!("入力できる残り回数: {left}回"), format!("Tries left: {left}"))
            }
            Tries::Blocked | Tries::Unlimited => return true,
        };
        self.screen.say(&text);
        let unwarned = tries == Tries::Left(1) && !self.keypad.is_terminal() && !self.spend.spend_last_try;
        if unwarned {
            self.screen.say(&Text::new(
                "最後の1回は、端末から入力するか --spend-last-try を付けたときだけ使います。",
                "The last try is spent only when entered at a terminal, or with --spend-last-try.",
            ));
        }
        !unwarned
    }
}

impl Holder for Person {
    fn auth_pin(&mut self, shown: &Shown<'_>) -> Option<AuthPin> {
        for line in purpose(&shown.purpose) {
            self.screen.say(&line);
        }
        if !self.show_tries(shown.tries_left) {
            return None;
        }
        self.enter(
            &Text::new(
                "利用者証明用の暗証番号(数字4桁・表示されません。Enterだけで中止): ",
                "Card PIN (4 digits, not shown; Enter alone stops): ",
            ),
            Echo::Hidden,
            &Text::new(
                "数字4桁で入力してください。カードには送られていません。",
                "Four digits, please. The card has not seen this.",
            ),
            |text| AuthPin::parse(text).ok(),
        )
    }

    fn card_lost(&mut self, lost: CardLost) -> TapAgain {
        self.screen.say(&Text::new(
            "カードが離れました。同じカードをもう一度かざして、終わるまで動かさないでください。",
            "The card was moved too early. Tap the same card again and let it lie until it is done.",
        ));
        self.screen.say(&match lost.secret {
            SecretFate::NotEntered => Text::new("お取引はそのまま続きます。", "Everything else is kept."),
            SecretFate::Kept => Text::new(
                "入力済みの暗証番号はカードに送られていないため、そのまま使います。",
                "What you entered did not reach the card and is kept.",
            ),
            SecretFate::AskedAgain => Text::new(
                "入力した内容がカードに届いたかもしれないため、残り回数を確認してもう一度お尋ねします。",
                "What you entered may have reached the card; you will see the tries left and be asked again.",
            ),
        });
        if self.keypad.is_interrupted() { TapAgain::No } else { TapAgain::Yes }
    }

    fn choose(&mut self, entries: &[Choice]) -> Option<ChoiceHandle> {
        self.screen.say(&Text::new(
            "お支払方法を選んでください(この画面はお客様だけがご覧ください)",
            "Choose how to pay (this screen is for the card holder alone)",
        ));
        for (number, Choice { label, .. }) in entries.iter().enumerate() {
            self.screen.line(&format!("  {}  {}", number + 1, plain(label)));
        }
        let last = entries.len();
        self.enter(
            &Text::new("番号(Enterだけで中止): ", "Number (Enter alone stops): "),
            Echo::Shown,
            &Text::new(format!("1から{last}までの番号です。"), format!("A number from 1 to {last}.")),
            |text| {
                let number: usize = text.trim().parse().ok()?;
                entries.get(number.checked_sub(1)?).map(|entry| entry.handle)
            },
        )
    }

    fn issuer_pin(&mut self) -> Option<IssuerPin> {
        self.enter(
            &Text::new(
                "カード会社の暗証番号(表示されません。マイナンバーカードのものではありません。Enterだけで中止): ",
                "PIN of the card company (not shown; not the My Number Card's; Enter alone stops): ",
            ),
            Echo::Hidden,
            &Text::new("数字4桁から12桁です。", "Four to twelve digits."),
            |text| IssuerPin::parse(text).ok(),
        )
    }

    fn consent(&mut self, terms: &ConsentTerms) -> Consent {
        for line in consent_text(terms) {
            self.screen.say(&line);
        }
        let agreed = self.enter(
            &Text::new("同意しますか? はい=y、いいえ=n: ", "Do you agree? yes = y, no = n: "),
            Echo::Shown,
            &Text::new("y か n でお答えください。", "y or n, please."),
            |text| match text.trim().to_lowercase().as_str() {
                "y" | "yes" | "はい" => Some(Consent::Yes),
                "n" | "no" | "いいえ" => Some(Consent::No),
                _ => None,
            },
        );
        agreed.unwrap_or(Consent::No)
    }

    fn signing_password(&mut self, tries_left: Tries) -> Option<SigningPassword> {
        self.screen.say(&Text::new(
            "申込みに署名します(署名用電子証明書)。氏名と生年月日がカード会社に伝わります。",
            "You are about to sign the application (signing certificate). The company learns your name and birth date.",
        ));
        if !self.show_tries(tries_left) {
            return None;
        }
        self.enter(
            &Text::new(
                "署名用パスワード(英数字6から16文字・表示されません。Enterだけで中止): ",
                "Signing password (6 to 16 letters and digits, not shown; Enter alone stops): ",
            ),
            Echo::Hidden,
            &Text::new(
                "英数字6から16文字です。カードには送られていません。",
                "Six to sixteen letters and digits. The card has not seen this.",
            ),
            |text| SigningPassword::parse(text).ok(),
        )
    }
}

/// What the PIN is for; the holder reads it right before entering one.
fn purpose(purpose: &Purpose<'_>) -> Vec<Text> {
    match purpose {
        Purpose::Pay { amount, payee } => vec![pay(*amount, payee)],
        Purpose::PayUnbound { amount, payee } => vec![
            pay(*amount, payee),
            Text::new(
                "この金額はカードの署名に含まれません(金額後決め)。",
                "This amount does not stand under the card's signature (amount after the tap).",
            ),
        ],
        Purpose::Enrol { provider } => vec![Text::new(
            format!("{}への登録に、カードで本人確認をします。", plain(&provider.ja)),
            format!("To register with {}, prove with the card that it is you.", plain(&provider.en)),
        )],
    }
}

fn pay(amount: Money, payee: &Text) -> Text {
    Text::new(
        format!("{}に{amount}を支払います。", plain(&payee.ja)),
        format!("Pay {amount} to {}.", plain(&payee.en)),
    )
}

fn consent_text(terms: &ConsentTerms) -> Vec<Text> {
    let label = plain(&terms.label);
    let rows = [
        Text::new("――― カードの登録: 内容をお読みください ―――", "--- Registering the card: please read ---"),
        Text::new(
            format!("登録先: {}", plain(&terms.provider.ja)),
            format!("Company: {}", plain(&terms.provider.en)),
        ),
        Text::new(format!("登録するもの: {label}"), format!("What is linked: {label}")),
        match terms.model {
            VerifierModel::Proxy => Text::new(
                "確認する人: 当社(代行)。証明書の番号は登録先に伝わりません。",
                "Who verifies: the platform, on the company's behalf. The company never learns the certificate's number.",
            ),
            VerifierModel::Entrusted => Text::new(
                "確認する人: 登録先(委託)。当社は事務を取り次ぎます。",
                "Who verifies: the company itself. The platform works for it.",
            ),
        },
        if terms.offer_jointly {
            Text::new(
                "お支払いのとき、ほかの会社のカードと並べて表示します。",
                "At the till it is offered beside cards of other companies.",
            )
        } else {
            Text::new(
                "お支払いのとき、ほかの会社のカードと並べて表示しません。",
                "At the till it is not offered beside cards of other companies.",
            )
        },
    ];
    let mut lines = rows.to_vec();
    let (ja, en) = (terms.statement.ja.lines(), terms.statement.en.lines());
    // Each language is read on its own; a shorter one ends earlier.
    let (ja, en): (Vec<_>, Vec<_>) = (ja.map(plain).collect(), en.map(plain).collect());
    lines.push(Text::new(ja.join("\n"), en.join("\n")));
    lines
}

/// Connects, and asks for the card where it has to come.
pub(super) fn connect(
    screen: &Screen,
    reader: &CardReader,
    interrupt: &Interrupt,
) -> Result<CardLink, CardError> {
    if let Some(name) = reader.to_tap() {
        let name = plain(name);
        screen.say(&Text::new(
            format!("カードをかざしてください({name})。終わるまで動かさないでください。"),
            format!("Tap the card ({name}) and let it lie until it is done."),
        ));
    }
    reader.connect(interrupt)
}
