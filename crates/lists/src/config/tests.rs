use super::*;

fn config() -> ListsConfig {
    ListsConfig::new("http://j:1/crl/{kind}/{key_id}.crl".parse().unwrap())
}

#[test]
fn each_setting_out_of_its_rule_is_named() {
    assert!(config().check().is_ok());
    type Spoil = fn(&mut ListsConfig);
    let cases: [(&str, Spoil); 4] = [
        ("lookup_timeout", |it| it.lookup_timeout = Duration::ZERO),
        ("refresh_timeout", |it| it.refresh_timeout = Duration::ZERO),
        ("list_bytes", |it| it.list_bytes = 0),
        ("list_bytes", |it| it.list_bytes = MEMORY_LIST_BYTES_MAX + 1),
    ];
    for (expected, spoil) in cases {
        let mut config = config();
        spoil(&mut config);
        let refused = config.check();
        assert!(
            matches!(refused, Err(ListError::Setting { setting, .. }) if setting == expected),
            "{expected}"
        );
    }
}

#[test]
fn large_lists_need_a_folder_and_nothing_else() {
    let kept = config().kept_in("lists");
    assert!(kept.check().is_ok());
    assert!(kept.list_bytes > MEMORY_LIST_BYTES_MAX);
}
