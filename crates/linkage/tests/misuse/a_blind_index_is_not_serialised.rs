fn serialise<T: serde::Serialize>(_: &T) {}

fn leak(index: &enishi_linkage::BlindIndex) {
    serialise(index);
}

fn main() {}
