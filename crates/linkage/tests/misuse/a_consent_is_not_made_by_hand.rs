fn forge(proven: enishi_verify::ProvenHolder) -> enishi_linkage::Consent {
    enishi_linkage::Consent { proven }
}

fn main() {}
