fn leak(label: &enishi_linkage::Label) {
    println!("{label}");
}

fn main() {}
