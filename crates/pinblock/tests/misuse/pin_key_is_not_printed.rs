fn leak(secret: &enishi_pinblock::PinKey) -> String {
    secret.to_string()
}

fn main() {}
