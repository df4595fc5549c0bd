use std::net::SocketAddr;

use proptest::prelude::*;

use super::Address;

#[test]
fn names_and_addresses_with_a_port_read_back() {
    for text in ["bank-a.example:8583", "127.0.0.1:443", "[::1]:443", "localhost:1"] {
        assert_eq!(text.parse::<Address>().unwrap().to_string(), text);
    }
}

#[test]
fn anything_else_is_refused() {
    for text in [
        "",
        ":",
        ":1",
        "host",
        "host:",
        "host:0",
        "host:65536",
        "host:+1",
        "::1:443",
        "[::1]",
        "[host]:1",
        "a b:1",
        "a/b:1",
        "a@b:1",
        "ホスト:1",
    ] {
        assert!(text.parse::<Address>().is_err(), "{text}");
    }
}

proptest! {
    #[test]
    fn every_socket_address_reads_back(ip: std::net::IpAddr, port in 1_u16..) {
        let address = Address::from(SocketAddr::new(ip, port));
        prop_assert_eq!(address.to_string().parse::<Address>().unwrap(), address);
    }

    #[test]
    fn no_text_makes_it_panic(text: String) {
        let _ = text.parse::<Address>();
    }
}
