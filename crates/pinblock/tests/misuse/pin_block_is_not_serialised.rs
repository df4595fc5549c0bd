fn serialise<T: serde::Serialize>(_: &T) {}

fn leak(secret: &enishi_pinblock::PinBlock) {
    serialise(secret);
}

fn main() {}
