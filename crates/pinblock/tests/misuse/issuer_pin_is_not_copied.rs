fn copy<T: Clone>(_: &T) {}

fn leak(secret: &enishi_pinblock::IssuerPin) {
    copy(secret);
}

fn main() {}
