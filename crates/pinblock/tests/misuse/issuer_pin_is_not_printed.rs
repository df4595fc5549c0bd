fn leak(secret: &enishi_pinblock::IssuerPin) -> String {
    secret.to_string()
}

fn main() {}
