fn serialise<T: serde::Serialize>(_: &T) {}

fn leak(serial: &enishi_jpki::Serial) {
    serialise(serial);
    println!("{serial}");
}

fn main() {}
