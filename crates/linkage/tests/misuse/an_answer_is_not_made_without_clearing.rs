use enishi_linkage::{Answer, Candidate, Proxy};

fn forge(candidate: Candidate<Proxy>) -> Answer<Proxy> {
    Answer { serving: candidate.serving }
}

fn main() {}
