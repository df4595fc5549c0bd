enum Borrowed {}

impl enishi_linkage::Model for Borrowed {
    type Subject = String;
    const WORD: enishi_party::VerifierModel = enishi_party::VerifierModel::Proxy;
}

fn main() {}
