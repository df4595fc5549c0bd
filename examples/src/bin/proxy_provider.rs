//! A card company under 代行: the relay is the verifier of the law, tells a pairwise ID, and vouches.
//!
//! ```text
//! enishi keys init sandbox town
//! cargo run -p enishi-examples --bin proxy_provider -- --config town/company-a/provider.toml \
//!     serve --customers examples/customers.toml
//! ```
//!
//! Stands where `enishi provider serve` would: same folder, same sockets, its own books (`own-books.sqlite`).

use clap::Parser;
use enishi_examples::{Company, Fault, Folder, Model, Order, Verification};

#[tokio::main]
async fn main() -> Result<(), Fault> {
    let order = Order::parse();
    let folder = Folder::read(&order.config)?;
    match folder.model {
        Model::Proxy => Company::open(&folder, Verification::ByRelay)?.run(&folder, order.act).await,
        Model::Entrusted(_) => Err("this contract is under 委託; run entrusted_provider".into()),
    }
}
