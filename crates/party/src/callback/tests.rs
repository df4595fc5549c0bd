use super::CallbackUrl;
use crate::Environment;

fn origin(text: &str) -> Option<String> {
    text.parse::<CallbackUrl>().ok().map(|url| url.origin().to_owned())
}

#[test]
fn an_https_address_and_plain_http_on_this_machine_are_read() {
    for (text, expected, path) in [
        ("https://app.sakura.example/link-callback", "https://app.sakura.example", "/link-callback"),
        ("https://app.sakura.example", "https://app.sakura.example", "/"),
        ("https://app.sakura.example:8443?way=card", "https://app.sakura.example:8443", "?way=card"),
        ("https://[2001:db8::1]:443/a%20b", "https://[2001:db8::1]:443", "/a%20b"),
        (
            "http://127.0.0.1:14984/app/invitation-callback",
            "http://127.0.0.1:14984",
            "/app/invitation-callback",
        ),
        ("http://[::1]/x", "http://[::1]", "/x"),
    ] {
        let url: CallbackUrl = text.parse().unwrap();
        assert_eq!((url.as_str(), url.origin(), url.path()), (text, expected, path));
    }
}

#[test]
fn plain_http_is_for_the_sandbox_alone() {
    let plain: CallbackUrl = "http://127.0.0.1:14984/x".parse().unwrap();
    assert!(plain.is_for(Environment::Sandbox) && !plain.is_for(Environment::Production));
    let encrypted: CallbackUrl = "https://app.example/x".parse().unwrap();
    assert!(encrypted.is_for(Environment::Sandbox) && encrypted.is_for(Environment::Production));
}

#[test]
fn whatever_could_lead_elsewhere_is_refused() {
    for text in [
        "",
        "app.example/x",
        "//app.example/x",
        "https:app.example",
        "https:///x",
        "https://",
        "HTTPS://app.example/",
        "ftp://app.example/",
        "javascript:alert(1)",
        "http://app.example/x",
        "http://localhost/x",
        "http://127.0.0.1.evil.example/x",
        "http://2130706433/x",
        "http://127.1/x",
        "http://128.0.0.1/x",
        "http://[::2]/x",
        "https://user@app.example/x",
        "https://app.example@evil.example/x",
        "https://app.example\\@evil.example/x",
        "https://app.example/x#fragment",
        "https://app.example#x",
        "https://app.example:0/x",
        "https://app.example:65536/x",
        "https://app.example:+443/x",
        "https://app.example:/x",
        "https://app..example/x",
        "https://-app.example/x",
        "https://app_.example/x",
        "https://appé.example/x",
        "https://app.example/a b",
        "https://app.example/a\r\nLocation: x",
        "https://app.example/%4",
        "https://app.example/%zz",
        "https://[::1/x",
        "https://[::1]evil/x",
        "https://::1]/x",
    ] {
        assert_eq!(origin(text), None, "{text:?}");
    }
    assert_eq!(origin(&format!("https://app.example/{}", "x".repeat(500))), None, "too long");
    assert!(origin(&format!("https://app.example/{}", "x".repeat(492))).is_some(), "just not too long");
}

#[test]
fn debug_keeps_path_and_query_to_itself() {
    let url: CallbackUrl = "https://app.example/back?customer=17".parse().unwrap();
    assert_eq!(format!("{url:?}"), "CallbackUrl(https://app.example…)");
}
