//! What a company's refusal means, in words.

use enishi_party::Text;

/// The words for an ISO 8583 DE 39 value.
///
/// They tell the shop what to do and never what a company thinks of its customer.
pub(crate) fn words(response_code: &str) -> Text {
    match response_code {
        // 91: the relay did not hear the company; its reversal is on the way.
        "91" => Text::new(
            "取引は成立していません。商品を渡さないでください。",
            "The transaction is not completed. Do not hand over the goods.",
        ),
        "55" => Text::new("カード会社の暗証番号が違います。", "The company's PIN is wrong."),
        "75" => {
            Text::new("カード会社の暗証番号の入力回数を超えました。", "Too many wrong PINs of the company.")
        }
        "51" | "61" => Text::new("ご利用可能額を超えています。", "The amount is over the limit."),
        "96" => Text::new("ただいまご利用になれません。", "The service is not available now."),
        _ => Text::new(
            "カード会社の承認が得られませんでした。ほかの支払方法をご案内ください。",
            "The company did not approve. Offer another way to pay.",
        ),
    }
}
