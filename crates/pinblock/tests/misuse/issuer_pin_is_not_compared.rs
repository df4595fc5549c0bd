fn oracle(left: &enishi_pinblock::IssuerPin, right: &enishi_pinblock::IssuerPin) -> bool {
    left == right
}

fn main() {}
