fn copy<T: Clone>(_: &T) {}

fn leak(secret: &enishi_pinblock::PinBlock) {
    copy(secret);
}

fn main() {}
