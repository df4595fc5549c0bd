//! How to drive a sandbox that stays up: commands that can be copied.

use std::io;

use enishi_party::Text;

use super::screen::Screen;
use crate::sandbox::{Blueprint, Company, Person, Shop};

pub(crate) fn print(plan: &Blueprint, screen: &mut Screen<'_>) -> io::Result<()> {
    let root = plan.root.display();
    let places = &plan.places;
    let curl = |shop: Shop| {
        let tls = format!("{root}/{}/tls", shop.folder());
        format!(
            "curl --cacert {root}/party-ca/ca.crt.pem --cert {tls}/party.crt.pem --key {tls}/party.key.pem"
        )
    };
    screen.heading(&Text::new(
        "すべて動いたままです。終えるにはCtrl-C。試せること:",
        "Everything stays up; Ctrl-C ends it. What you can do:",
    ))?;
    screen.note(&Text::new("店の端末としてチケットを取る", "fetch tickets as the bookshop's terminal"))?;
    let relay = format!("https://localhost:{}", places.relay.port());
    screen.command(&format!("{} -d '{{\"count\":1}}' {relay}/v1/tickets", curl(Shop::Books)))?;
    screen.note(&Text::new("J-LIS(模擬)の失効リストを読む", "read the sandbox J-LIS's revocation list"))?;
    let anchors = format!("{root}/relay/anchors");
    screen.command(&format!(
        "for ca in {anchors}/*.cer; do id=$(openssl x509 -inform der -in $ca -noout -ext subjectKeyIdentifier \
         | tail -1 | tr -d ' :' | tr A-F a-f); kind=$(openssl x509 -inform der -in $ca -noout -subject | grep -q signature \
         && echo sign || echo auth); curl -s http://{}/crl/$kind/$id.crl | openssl crl -inform der -noout -text | head -8; done",
        places.authority_public
    ))?;
    if let Some((person, account)) = Person::ALL.iter().find_map(|it| Some((it, it.accounts.first()?))) {
        let app = format!("http://{}", places.app_of(account.company));
        screen.note(&Text::new(
            format!("{}さんとして{}のアプリに入り、明細を見る", person.name, Company::A.name().ja),
            format!("log in at {}'s app as {} and read the statement", Company::A.name().en, person.name_en),
        ))?;
        screen.command(&format!(
            "session=$(curl -s {app}/app/login -d '{{\"customer\":\"{}\",\"password\":\"{}\"}}' | cut -d'\"' -f4)",
            account.customer,
            account.password()
        ))?;
        screen.command(&format!("curl -s -H \"Authorization: Bearer $session\" {app}/app/statement"))?;
    }
    screen.note(&Text::new("各社のデータベースを見る", "look into each party's database"))?;
    screen.command(&format!("find {root} -name '*.sqlite'"))
}
