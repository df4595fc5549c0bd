fn leak(secret: &enishi_pinblock::PinBlock) -> String {
    secret.to_string()
}

fn main() {}
