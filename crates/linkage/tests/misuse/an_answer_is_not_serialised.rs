fn serialise<T: serde::Serialize>(_: &T) {}

fn leak(answer: &enishi_linkage::Answer<enishi_linkage::Entrusted>) {
    serialise(answer);
}

fn main() {}
