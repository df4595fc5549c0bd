use enishi_linkage::{AnyContract, Contract, Proxy};

fn pass_off(contract: Contract<Proxy>) -> AnyContract {
    AnyContract::Entrusted(contract)
}

fn main() {}
