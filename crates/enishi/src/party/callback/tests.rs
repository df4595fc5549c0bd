use super::{CallbackOrigin, WayBack};

fn origin(text: &str) -> Option<CallbackOrigin> {
    CallbackOrigin::try_from(text.to_owned()).ok()
}

#[test]
fn a_callback_origin_is_plain_http_on_this_machine_with_a_port_and_nothing_else() {
    for text in ["http://127.0.0.1:14988", "http://localhost:1", "http://[::1]:80"] {
        assert!(origin(text).is_some(), "{text}");
    }
    for text in [
        "",
        "http://127.0.0.1",
        "http://127.0.0.1:0",
        "http://127.0.0.1:70000",
        "http://127.0.0.1:80/",
        "http://127.0.0.1:80/path",
        "http://u@127.0.0.1:80",
        "http://127.0.0.2:80",
        "http://app.example:80",
        "https://127.0.0.1:80",
        "https://app.example",
        "127.0.0.1:80",
    ] {
        assert!(origin(text).is_none(), "{text}");
    }
}

#[test]
fn only_an_origin_of_the_list_is_posted_to_and_anything_else_becomes_a_link() {
    let allowed = [origin("http://127.0.0.1:14988").unwrap()];
    let way = |callback: &str| WayBack::to(callback, "st/ate", "c=de", &allowed);
    let WayBack::Here(delivery) = way("http://127.0.0.1:14988/app/back?x=1") else { panic!("not here") };
    assert_eq!((delivery.authority.as_str(), delivery.path.as_str()), ("127.0.0.1:14988", "/app/back?x=1"));
    for callback in [
        "https://127.0.0.1:14988/app",
        "http://127.0.0.1:14989/app",
        "http://127.0.0.1:14988.evil.example/app",
        "http://127.0.0.1:14988@evil.example/app",
        "http://user@127.0.0.1:14988/app",
        "https://app.example/back",
    ] {
        let WayBack::Link(link) = way(callback) else { panic!("{callback} was posted to") };
        assert_eq!(link, format!("{callback}?state=st%2Fate&code=c%3Dde"));
    }
    let WayBack::Link(link) = way("https://app.example/back?a=b") else { panic!("not a link") };
    assert_eq!(link, "https://app.example/back?a=b&state=st%2Fate&code=c%3Dde");
    assert!(!format!("{:?}", way("https://app.example/back")).contains("de"));
}
