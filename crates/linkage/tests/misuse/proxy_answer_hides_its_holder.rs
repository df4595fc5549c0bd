fn leak(answer: &enishi_linkage::Answer<enishi_linkage::Proxy>) {
    let _ = &answer.verified;
}

fn main() {}
