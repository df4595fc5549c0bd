use super::*;

fn config() -> RevocationConfig {
    let urls = OcspUrls { auth: "http://j/ocsp".into(), sign: "http://j/ocsp".into() };
    RevocationConfig::new(urls, "http://j:1/crl/{kind}/{key_id}.crl".parse().unwrap())
}

#[test]
fn each_setting_out_of_its_rule_is_named() {
    assert!(config().check().is_ok());
    type Spoil = fn(&mut RevocationConfig);
    let cases: [(&str, Spoil); 3] = [
        ("ocsp_url.auth", |it| it.ocsp_url.auth = "https://j/ocsp".into()),
        ("ocsp_url.sign", |it| it.ocsp_url.sign = String::new()),
        ("ocsp_timeout", |it| it.ocsp_timeout = Duration::ZERO),
    ];
    for (expected, spoil) in cases {
        let mut config = config();
        spoil(&mut config);
        let refused = config.check();
        assert!(
            matches!(refused, Err(RevocationError::Setting { setting, .. }) if setting == expected),
            "{expected}"
        );
    }
}
