fn copy<T: Clone>(_: &T) {}

fn leak(secret: &enishi_pinblock::PinKey) {
    copy(secret);
}

fn main() {}
