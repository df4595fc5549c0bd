use enishi_party::{Instalments, Language, Money, PaymentId, PaymentType, Text};

use super::{Receipt, japan_date, printable};

fn receipt() -> Receipt {
    Receipt {
        merchant_name: Text::new("縁結び商店", "Enmusubi Store"),
        terminal: "4980000000012".parse().unwrap(),
        slip: "000042".parse().unwrap(),
        at: "2026-03-31T15:30:05Z".parse().unwrap(),
        amount: Money::yen(12_345).unwrap(),
        payment_type: PaymentType::LumpSum,
        label: Some("カードA ••1234".to_owned()),
        approval_number: "A1B2C3".to_owned(),
        payment: PaymentId::from_random([0xAB; 16]),
        language: Language::Ja,
    }
}

#[test]
fn the_japanese_receipt_is_laid_out_as_expected() {
    let expected = "\
縁結び商店
ご利用票（お客様控え）

端末番号: 4980000000012
伝票番号: 000042
ご利用日時: 2026-04-01 00:30:05
金額: ¥12,345
支払区分: 一括払い
お支払方法: カードA ••1234
承認番号: A1B2C3
取引ID: pay_abababababababababababababababab

マイナンバーカードで署名しました
";
    assert_eq!(receipt().to_string(), expected);
}

#[test]
fn the_english_receipt_is_laid_out_as_expected() {
    let expected = "\
Enmusubi Store
RECEIPT (customer copy)

Terminal: 4980000000012
Slip: 000042
Date (JST): 2026-04-01 00:30:05
Amount: ¥12,345
Payment: in 12 instalments
Paid with: -
Approval: A1B2C3
Transaction: pay_abababababababababababababababab

Signed with a My Number Card
";
    let parts = PaymentType::Instalments(Instalments::try_from(12).unwrap());
    let receipt = Receipt { payment_type: parts, label: None, ..receipt() };
    assert_eq!(receipt.text(Language::En), expected);
}

#[test]
fn every_way_to_pay_has_words_of_its_own() {
    let parts = PaymentType::Instalments(Instalments::try_from(3).unwrap());
    let kinds = [PaymentType::LumpSum, PaymentType::Revolving, PaymentType::Bonus, parts];
    for language in [Language::Ja, Language::En] {
        let mut words: Vec<_> =
            kinds.iter().map(|kind| Receipt { payment_type: *kind, ..receipt() }.text(language)).collect();
        words.sort();
        words.dedup();
        assert_eq!(words.len(), kinds.len());
    }
}

#[test]
fn the_business_date_is_japans() {
    assert_eq!(japan_date("2026-03-31T14:59:59Z".parse().unwrap()), "2026-03-31");
    assert_eq!(japan_date("2026-03-31T15:00:00Z".parse().unwrap()), "2026-04-01");
}

#[test]
fn a_label_cannot_command_the_printer_nor_fill_the_roll() {
    let hostile = format!("A\u{1b}@\u{202e}B\n\r\0{}", "x".repeat(10_000));
    let printed = printable(&hostile);
    assert!(printed.starts_with("A@Bxxx"));
    assert_eq!(printed.chars().count(), 48);
    let text = Receipt { label: Some("a\nApproval: 999999".to_owned()), ..receipt() }.text(Language::En);
    assert_eq!(text.lines().filter(|line| line.starts_with("Approval: ")).count(), 1);
}

#[test]
fn a_receipt_is_silent_about_its_label_in_debug_output() {
    let printed = format!("{:?}", receipt());
    assert!(!printed.contains("••1234") && !printed.contains("カード"));
}
