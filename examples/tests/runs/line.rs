//! The relay's line to the company, with its TLS key and the key of its assertions: a relay that says what it likes.

use std::sync::Arc;
use std::time::Duration;

use enishi_iso8583::{
    AdditionalData, Amount, CurrencyNumber, InstitutionId, MerchantCode, Message, Mti, OriginalData,
    PaymentTerms, ProcessingCode, Rrn, SlipNumber, Stan, TerminalCode, TransmissionTime, japan_credit,
};
use enishi_party::{
    AssertionId, Clock, Entropy, Environment, InstrumentRef, Money, PartyRole, PartyUri, PaymentType,
    SurrogatePan, VerifierModel,
};
use enishi_sandbox::sandbox::{Company, Shop};
use enishi_transport::{
    CancellationToken, Identity, IsoClient, IsoClientConfig, IsoClientLimits, SystemClock, SystemEntropy,
    TrustedCa,
};
use enishi_wire::{AmountBinding, Assertion, AssertionKey, Assurance, RevocationMethod, Subject};

use crate::world::World;

const PATIENCE: Duration = Duration::from_secs(10);

pub(crate) struct Line {
    client: IsoClient,
    key: AssertionKey,
    company: Company,
    _shutdown: tokio_util::sync::DropGuard,
}

pub(crate) fn random() -> [u8; 16] {
    let entropy: &dyn Entropy = &SystemEntropy;
    entropy.octets()
}

impl Line {
    pub(crate) async fn to(world: &World) -> Self {
        let folder = world.relay_folder();
        let identity = Identity::load(&folder.join("tls"), Environment::Sandbox).unwrap();
        let ca = TrustedCa::load(&folder.join("party-ca.crt.pem"), Environment::Sandbox).unwrap();
        let iso = world.plan.places.iso[usize::from(world.company == Company::B)];
        let config = IsoClientConfig {
            address: iso.to_string().parse().unwrap(),
            expected: PartyUri::new(Environment::Sandbox, PartyRole::Provider, world.company.id()).unwrap(),
            dialect: japan_credit(),
            limits: IsoClientLimits::default(),
            now: Arc::new(|| SystemClock.now()),
            on_stray: Arc::new(|_| {}),
            tap: None,
        };
        let shutdown = CancellationToken::new();
        let client = IsoClient::start(config, &identity, &ca, shutdown.clone()).unwrap();
        tokio::time::timeout(PATIENCE, client.wait_signed_on()).await.unwrap();
        let key = AssertionKey::from_pkcs8(&std::fs::read(folder.join("assertions.pk8")).unwrap()).unwrap();
        Self { client, key, company: world.company, _shutdown: shutdown.drop_guard() }
    }

    /// An assertion as the relay would make it, for a purchase of ¥500.
    pub(crate) fn assertion(&self, subject: Subject, instrument: InstrumentRef) -> Assertion {
        let model = match subject {
            Subject::Pairwise(_) => VerifierModel::Proxy,
            Subject::Customer(_) => VerifierModel::Entrusted,
        };
        Assertion {
            id: AssertionId::from_random(random()),
            issuer: PartyUri::new(Environment::Sandbox, PartyRole::Relay, "relay").unwrap(),
            audience: self.company.contract().parse().unwrap(),
            issued_at: SystemClock.now().as_second(),
            subject,
            instrument,
            terminal: Shop::Books.terminal().parse().unwrap(),
            merchant: Shop::Books.merchant().parse().unwrap(),
            slip: "00990".parse().unwrap(),
            amount: Money::yen(500).unwrap(),
            payment_type: PaymentType::LumpSum,
            surrogate_pan: SurrogatePan::from_random(7),
            amount_binding: AmountBinding::Bound,
            assurance: Assurance::PinByProxy,
            revocation: RevocationMethod::Crl { age_h: 1 },
            verifier: "enishi-platform".parse().unwrap(),
            model,
        }
    }

    /// The 0100 of a purchase of ¥500 that carries this assertion.
    pub(crate) fn purchase(&self, assertion: &Assertion, trace: u32) -> Message {
        let mut message = Message::new(Mti::AUTHORISATION_REQUEST);
        let sent_at = SystemClock.now().strftime("%m%d%H%M%S").to_string();
        message
            .set_processing_code(ProcessingCode::PURCHASE)
            .set_amount(Amount::new(500).unwrap())
            .set_transmitted_at(TransmissionTime::parse(&sent_at).unwrap())
            .set_stan(Stan::new(trace).unwrap())
            .set_acquirer(InstitutionId::parse("49800000017").unwrap())
            .set_rrn(Rrn::parse(&format!("{trace:012}")).unwrap())
            .set_terminal(TerminalCode::parse(Shop::Books.terminal()).unwrap())
            .set_merchant(MerchantCode::parse(Shop::Books.merchant()).unwrap())
            .set_additional_data(&AdditionalData {
                payment: Some(PaymentTerms::parse("1000").unwrap()),
                slip: Some(SlipNumber::parse("00990").unwrap()),
                goods: None,
            })
            .set_currency(CurrencyNumber::JPY)
            .set_assertion(&self.key.seal(assertion).unwrap());
        message
    }

    /// The 0420 that takes a 0100 back.
    pub(crate) fn reversal(&self, original: &Message, trace: u32) -> Message {
        let mut message = Message::new(Mti::REVERSAL_ADVICE);
        message
            .set_processing_code(original.processing_code().unwrap())
            .set_amount(original.amount().unwrap())
            .set_transmitted_at(original.transmitted_at().unwrap())
            .set_stan(Stan::new(trace).unwrap())
            .set_acquirer(original.acquirer().unwrap())
            .set_rrn(original.rrn().unwrap())
            .set_terminal(original.terminal().unwrap())
            .set_merchant(original.merchant().unwrap())
            .set_currency(original.currency().unwrap())
            .set_original_data(&OriginalData::of(original).unwrap());
        message
    }

    /// The response code of the answer, and its approval number.
    pub(crate) async fn say(&self, message: &Message) -> (String, Option<String>) {
        let answer = self.client.exchange(message.clone(), PATIENCE).await.unwrap();
        let number = answer.approval_number().ok().map(|number| number.to_string());
        (answer.response_code().unwrap().as_str().to_owned(), number)
    }
}
