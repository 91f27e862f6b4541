//! What the client library and the brokers refuse, in sentences that hold no secret.

use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use rdkafka::Statistics;
use rdkafka::client::ClientContext;
use rdkafka::config::{ClientConfig, RDKafkaLogLevel};
use rdkafka::consumer::ConsumerContext;
use rdkafka::error::KafkaError;
use rdkafka::types::{RDKafkaConfRes, RDKafkaErrorCode};

use crate::config::{Kafka, certificate};

use super::absence::Absences;
use super::client::{self, Voice};

/// What the library says of everything that needs OpenSSL where it was built without.
const WITHOUT_TLS: [&str; 2] = ["OpenSSL not available", "No provider for SASL mechanism"];

/// Properties that name PEM files of our own.
const OWN_FILES: [&str; 2] = ["ssl.certificate.location", "ssl.ca.location"];

/// Finds what the library refuses before anything is sent.
///
/// # Errors
/// A sentence that names the property.
pub fn check(kafka: &Kafka) -> Result<(), String> {
    let mut producer = client::base(kafka);
    client::apply(&mut producer, &kafka.producer);
    [client::consumer(kafka), producer]
        .iter()
        .try_for_each(|config: &ClientConfig| config.create_native_config().map(drop))
        .map_err(|error| told(&error))
}

/// An error's text. That of a refused setting repeats its value, which may be a secret, so it
/// is told without.
pub fn told(error: &KafkaError) -> String {
    let lacks_tls = |why: &str| WITHOUT_TLS.iter().any(|part| why.contains(part));
    match error {
        KafkaError::ClientConfig(_, why, name, _) if lacks_tls(why) => without_tls(name),
        KafkaError::ClientCreation(why) if lacks_tls(why) => without_tls("sasl.mechanism"),
        KafkaError::ClientConfig(RDKafkaConfRes::RD_KAFKA_CONF_UNKNOWN, _, name, _) => {
            format!("the Kafka client refuses its settings: there is no property `{name}`")
        }
        KafkaError::ClientConfig(_, _, name, _) => format!(
            "the Kafka client refuses its settings: the value of `{name}` is none that this property takes"
        ),
        KafkaError::ClientCreation(_) => format!("the Kafka client refuses its settings: {error}"),
        _ => error.to_string(),
    }
}

fn without_tls(name: &str) -> String {
    format!(
        "the Kafka client refuses its settings: `{name}` needs TLS or SCRAM, and this program was built without; \
         build it with `--features tls`, as the image and the package are"
    )
}

/// How brokers that were reached did not let us in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Refusal {
    Credentials,
    Handshake,
}

impl Refusal {
    fn of(error: &KafkaError, reason: &str) -> Option<Self> {
        use RDKafkaErrorCode as Code;
        match error.rdkafka_error_code()? {
            Code::Authentication | Code::SaslAuthenticationFailed => Some(Self::Credentials),
            Code::SSL => Some(Self::Handshake),
            // In TLS 1.3 brokers refuse a client's certificate after the handshake, and the
            // library takes that for a lost connection.
            Code::BrokerTransportFailure if reason.contains("SSL routines") => {
                Some(Self::Handshake)
            }
            _ => None,
        }
    }

    fn told(self, kafka: &Kafka) -> String {
        match self {
            Self::Credentials => {
                "authentication failed: the brokers refuse the credentials in [kafka.client]"
                    .to_owned()
            }
            Self::Handshake => own_fault(kafka).unwrap_or_else(|| {
                "the TLS handshake failed: a certificate is expired, of another name, or not of a trusted authority, \
                 or the brokers ask for one and got none; see ssl.* in [kafka.client], and the brokers' certificate \
                 by `openssl s_client -connect HOST:PORT`"
                    .to_owned()
            }),
        }
    }
}

/// Listens for refusals: a look-up that fails says no more than that it took too long.
#[derive(Default)]
pub struct Ear {
    voice: Voice,
    heard: Mutex<Option<Refusal>>,
    absences: Mutex<Absences>,
}

impl Ear {
    /// The last refusal heard, as a sentence.
    pub fn heard(&self, kafka: &Kafka) -> Option<String> {
        let heard = *self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        heard.map(|refusal| refusal.told(kafka))
    }

    /// Why no connection came about, as far as anything was heard.
    pub fn absence(&self) -> Option<String> {
        let absences = self.absences.lock();
        absences.unwrap_or_else(PoisonError::into_inner).told()
    }
}

impl ClientContext for Ear {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        self.voice.log(level, facility, message);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        if let Some(refusal) = Refusal::of(&error, reason) {
            let mut heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
            *heard = Some(refusal);
        } else {
            let absences = self.absences.lock();
            absences
                .unwrap_or_else(PoisonError::into_inner)
                .hear(reason);
        }
        self.voice.error(error, reason);
    }

    fn stats(&self, _: Statistics) {}
}

impl ConsumerContext for Ear {}

/// A certificate of ours that ended is the likeliest reason of a failed handshake.
fn own_fault(kafka: &Kafka) -> Option<String> {
    OWN_FILES.iter().find_map(|name| {
        let file = kafka.client.get(name)?;
        let why = certificate::ended(Path::new(file), SystemTime::now())?;
        Some(format!(
            "the TLS handshake failed: the certificate in {file}, {name}, is not valid: {why}"
        ))
    })
}
