use async_trait::async_trait;
use enishi_party::CustomerId;

use crate::{Card, Customer, PasswordHash, StoreFault};

/// 顧客情報管理機能: the company's customers and their cards.
#[async_trait]
pub trait Register: Send + Sync {
    /// A customer.
    async fn customer(&self, id: &CustomerId) -> Result<Option<Customer>, StoreFault>;

    /// A customer's cards, by slot.
    async fn cards(&self, id: &CustomerId) -> Result<Vec<Card>, StoreFault>;

    /// What a customer's password for the company's app is checked against.
    async fn password(&self, id: &CustomerId) -> Result<Option<PasswordHash>, StoreFault>;
}
