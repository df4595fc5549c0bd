fn serialise<T: serde::Serialize>(_: &T) {}

fn leak(secret: &enishi_pinblock::PinKey) {
    serialise(secret);
}

fn main() {}
