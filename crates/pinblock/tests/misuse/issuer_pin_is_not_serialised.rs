fn serialise<T: serde::Serialize>(_: &T) {}

fn leak(secret: &enishi_pinblock::IssuerPin) {
    serialise(secret);
}

fn main() {}
