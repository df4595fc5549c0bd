//! The invented citizens of the sandbox, and their accounts at the two card companies.

use super::Company;

/// A citizen, by the part that he or she plays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PersonKey {
    /// One card, at company A.
    Taro,
    /// Cards at both companies, offered together.
    Hanako,
    /// Cards at both; the My Number Card is reported lost.
    Jiro,
    /// Linked nowhere.
    Yuki,
    /// One card at A; forgets the PIN.
    Ken,
    /// A customer of A who has not linked yet: somebody else's card is tapped on her intent.
    Sachi,
}

impl PersonKey {
    /// A number, for the token serial of the card.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::Taro => 1,
            Self::Hanako => 2,
            Self::Jiro => 3,
            Self::Yuki => 4,
            Self::Ken => 5,
            Self::Sachi => 6,
        }
    }
}

/// A citizen of the sandbox.
#[derive(Debug, Clone, Copy)]
pub struct Person {
    /// Which part.
    pub key: PersonKey,
    /// 氏名, with an ideographic space, as in the register.
    pub name: &'static str,
    /// The name for readers of English.
    pub name_en: &'static str,
    /// 生年月日.
    pub birth_date: &'static str,
    /// 住所.
    pub address: &'static str,
    /// Accounts.
    pub accounts: &'static [Account],
}

/// A credit card at one company.
#[derive(Debug, Clone, Copy)]
pub struct Account {
    /// Which company.
    pub company: Company,
    /// The customer's name at the company.
    pub customer: &'static str,
    /// The first 15 digits of the card number; the check digit is computed.
    pub pan15: &'static str,
    /// How the holder knows it.
    pub label: &'static str,
    /// The company's own PIN.
    pub pin: &'static str,
    /// Whether the holder lets it be offered beside the other company's.
    pub offer_jointly: bool,
}

impl Person {
    /// Everyone.
    pub const ALL: &'static [Self] = &[
        Self {
            key: PersonKey::Taro,
            name: "縁結　太郎",
            name_en: "Taro Enmusubi",
            birth_date: "1980-02-17",
            address: "東京都架空市見本町一丁目２番３号",
            accounts: &[Account {
                company: Company::A,
                customer: "sakura-000417",
                pan15: "990151712345601",
                label: "さくらカード ••ゴールド",
                pin: "402918365017",
                offer_jointly: false,
            }],
        },
        Self {
            key: PersonKey::Hanako,
            name: "架空原　花子",
            name_en: "Hanako Kakuubara",
            birth_date: "1992-11-03",
            address: "京都府見本市架空通四丁目５番",
            accounts: &[
                Account {
                    company: Company::A,
                    customer: "sakura-000952",
                    pan15: "990151798765402",
                    label: "さくらカード ••普段用",
                    pin: "718204936651",
                    offer_jointly: true,
                },
                Account {
                    company: Company::B,
                    customer: "minato-77120",
                    pan15: "990262612398703",
                    label: "みなとカード ••旅行用",
                    pin: "593107248862",
                    offer_jointly: true,
                },
            ],
        },
        Self {
            key: PersonKey::Jiro,
            name: "見本沢　次郎",
            name_en: "Jiro Mihonzawa",
            birth_date: "1975-06-30",
            address: "北海道架空郡見本町６番地",
            accounts: &[
                Account {
                    company: Company::A,
                    customer: "sakura-001204",
                    pan15: "990151755566604",
                    label: "さくらカード ••次郎",
                    pin: "861940275513",
                    offer_jointly: false,
                },
                Account {
                    company: Company::B,
                    customer: "minato-80331",
                    pan15: "990262655577705",
                    label: "みなとカード ••次郎",
                    pin: "274951830646",
                    offer_jointly: false,
                },
            ],
        },
        Self {
            key: PersonKey::Yuki,
            name: "試験田　雪",
            name_en: "Yuki Shikenda",
            birth_date: "2001-01-09",
            address: "新潟県架空市雪見本七丁目",
            accounts: &[],
        },
        Self {
            key: PersonKey::Ken,
            name: "仮名山　健",
            name_en: "Ken Kanayama",
            birth_date: "1968-09-21",
            address: "広島県見本市架空八丁目",
            accounts: &[Account {
                company: Company::A,
                customer: "sakura-002771",
                pan15: "990151744433306",
                label: "さくらカード ••健",
                pin: "935617480227",
                offer_jointly: false,
            }],
        },
        Self {
            key: PersonKey::Sachi,
            name: "例示川　幸",
            name_en: "Sachi Reijigawa",
            birth_date: "1988-04-12",
            address: "沖縄県架空市見本九丁目",
            accounts: &[Account {
                company: Company::A,
                customer: "sakura-003389",
                pan15: "990151722211107",
                label: "さくらカード ••幸",
                pin: "150682739944",
                offer_jointly: false,
            }],
        },
    ];

    /// The one who plays a part.
    #[must_use]
    pub fn of(key: PersonKey) -> Option<&'static Self> {
        Self::ALL.iter().find(|person| person.key == key)
    }
}

impl Account {
    /// The whole card number.
    #[must_use]
    pub fn pan(&self) -> String {
        let sum: u32 = self
            .pan15
            .bytes()
            .rev()
            .enumerate()
            .map(|(index, digit)| {
                let value = u32::from(digit.saturating_sub(b'0'));
                let doubled = if index % 2 == 0 { value * 2 } else { value };
                doubled / 10 + doubled % 10
            })
            .sum();
        format!("{}{}", self.pan15, (10 - sum % 10) % 10)
    }

    /// The password of the company's app; the sandbox has no secrets from its reader.
    #[must_use]
    pub fn password(&self) -> String {
        format!("sandbox {}", self.customer)
    }
}
