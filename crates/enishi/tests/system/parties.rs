//! The same folders, each party in a process of its own.

use enishi_sandbox::sandbox::{Company, PersonKey, RelayPlace, Shop};

use crate::child::{PartyProcess, run_enishi};
use crate::world::{alone, enrol, root, town};

#[tokio::test(flavor = "multi_thread")]
async fn every_party_runs_by_itself_and_a_purchase_goes_through_all_of_them() {
    let _alone = alone();
    let folder = root();
    let mut town = town(folder.path(), RelayPlace::InProcess).await;
    enrol(&mut town, PersonKey::Taro, Company::A).await;
    enrol(&mut town, PersonKey::Hanako, Company::B).await;
    let plan = town.plan.clone();
    town.stop().await;

    let log = |name: &str| plan.root.join(format!("{name}.log"));
    let mut parties = vec![PartyProcess::serving("authority", &plan.authority(), &log("authority"))];
    for company in Company::ALL {
        let log = log(company.id());
        parties.push(PartyProcess::serving("provider", &plan.company(company), &log));
    }
    // The cables between relay and company A, and between bookshop and relay, went with the town.
    repoint(&plan.relay(), &plan.places.iso_a_for_relay.to_string(), &plan.places.iso[0].to_string());
    parties.push(PartyProcess::serving("relay", &plan.relay(), &log("relay")));

    for (person, company) in [(PersonKey::Taro, Company::A), (PersonKey::Hanako, Company::B)] {
        let (config, card) = (plan.terminal(Shop::Coffee), plan.card(person));
        let sold = run_enishi(&[
            "party",
            "terminal-sell",
            "--config",
            config.to_str().unwrap(),
            "--card",
            card.to_str().unwrap(),
            "--contract",
            company.contract(),
            "--count",
            "2",
        ]);
        let said = String::from_utf8(sold.stdout).unwrap();
        assert!(sold.status.success(), "{}", String::from_utf8_lossy(&sold.stderr));
        // The relay may still be signing on when the first purchase comes.
        assert!(said.trim_end().ends_with(" approved"), "{company:?}: {said}");
    }
    for party in parties.into_iter().rev() {
        let logged = party.logged();
        let status = party.terminate();
        assert_eq!(status.code(), Some(0), "a clean stop: {logged}");
        // What stdout says ("relay ready") is for whoever waits, what stderr says for whoever keeps logs.
        for line in logged.lines().filter(|line| !line.ends_with(" ready")) {
            let line: serde_json::Value = serde_json::from_str(line).unwrap();
            assert!(line["level"].is_string() && line["timestamp"].is_string(), "{line}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_configuration_ends_with_2_and_says_which_file_and_why() {
    let _alone = alone();
    let folder = root();
    let town = town(folder.path(), RelayPlace::InProcess).await;
    let plan = town.plan.clone();
    town.stop().await;
    let secrets = ["tickets.key", "indexes.key"]
        .map(|name| std::fs::read_to_string(plan.relay().parent().unwrap().join(name)).unwrap());
    let files = [
        ("relay", plan.relay()),
        ("authority", plan.authority()),
        ("provider", plan.company(Company::A)),
        ("terminal-sell", plan.terminal(Shop::Books)),
    ];
    for (role, file) in files {
        let card = plan.card(PersonKey::Taro);
        let run = |file: &std::path::Path| {
            let words = if role == "terminal-sell" { ["party", role] } else { [role, "serve"] };
            let mut arguments = words.to_vec();
            arguments.extend(["--config", file.to_str().unwrap()]);
            if role == "terminal-sell" {
                arguments.extend(["--card", card.to_str().unwrap(), "--count", "0"]);
            }
            let output = run_enishi(&arguments);
            (output.status.code(), String::from_utf8(output.stderr).unwrap())
        };
        let missing = plan.root.join("missing.toml");
        let (code, said) = run(&missing);
        assert_eq!(code, Some(2), "{role}: {said}");
        assert!(said.contains("missing.toml"), "{role}: {said}");

        let text = std::fs::read_to_string(&file).unwrap();
        let broken = [
            ("an unknown key", format!("colour = \"red\"\n{text}"), "colour"),
            ("not TOML", text.replacen(" = ", " : ", 1), "line "),
            ("a missing key", text.replacen("party_ca", "# party_ca", 1), "party_ca"),
            ("the other environment", text.replacen("sandbox = true", "sandbox = false", 1), "sandbox"),
        ];
        for (what, text, expected) in broken {
            std::fs::write(&file, text).unwrap();
            let (code, said) = run(&file);
            assert_eq!(code, Some(2), "{role}, {what}: {said}");
            assert!(said.contains(expected), "{role}, {what}: {said}");
            assert!(secrets.iter().all(|secret| !said.contains(secret.trim())), "{role}, {what}");
        }
    }
}

fn repoint(config: &std::path::Path, from: &str, to: &str) {
    let text = std::fs::read_to_string(config).unwrap();
    assert!(text.contains(from));
    std::fs::write(config, text.replace(from, to)).unwrap();
}
