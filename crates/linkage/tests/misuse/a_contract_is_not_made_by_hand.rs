use enishi_linkage::{Contract, ContractTerms, Proxy};

fn forge(terms: ContractTerms) -> Contract<Proxy> {
    Contract { id: terms.id, provider: terms.provider }
}

fn main() {}
