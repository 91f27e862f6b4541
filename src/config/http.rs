//! `[http]`: where the admin interface listens, and whom it lets in.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use super::reader::Reader;
use super::sources::Origin;
use super::{ms, secs};

/// `[http]`: the admin interface.
#[derive(Clone, Debug)]
pub struct Http {
    pub listen: SocketAddr,
    /// The file with the bearer token that mutations need; without one they are refused.
    pub token_file: Option<PathBuf>,
    /// Whether personal data of leads is shown unmasked.
    pub personal_data: PersonalData,
    /// A request that takes longer is cut off, and so is a client that takes no bytes for so long.
    pub request_timeout: Duration,
    /// A larger request body is refused.
    pub body_bytes: usize,
    /// How many recent decisions `/api/v1/decisions` remembers.
    pub recent_decisions: usize,
    /// `None`: plain HTTP.
    pub tls: Option<HttpTls>,
}

/// What the admin interface does with personal data of leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PersonalData {
    Masked,
    Shown,
}

/// `[http.tls]`: certificates of the admin interface, all in PEM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpTls {
    /// The server's certificate, followed by those between it and its authority.
    pub cert_file: PathBuf,
    pub key_file: PathBuf,
    /// The authorities of client certificates; `None` asks clients for none.
    pub client_ca_file: Option<PathBuf>,
    /// Who needs a client certificate, if there are authorities.
    pub clients: Clients,
}

/// Which requests need a client certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clients {
    /// All: without one there is no connection.
    All,
    /// All but `/livez` and `/readyz`, which orchestrators ask without one.
    ExceptProbes,
}

impl Http {
    pub(super) fn read(reader: &mut Reader<'_>) -> Self {
        // Loopback: whoever wants the network to see it says so.
        let loopback = SocketAddr::from((Ipv4Addr::LOCALHOST, 7170));
        let words = [
            ("masked", PersonalData::Masked),
            ("shown", PersonalData::Shown),
        ];
        Self {
            listen: reader.parsed("http.listen", loopback, "an address such as 127.0.0.1:7170"),
            token_file: reader.path("http.token_file"),
            personal_data: reader.choice("http.personal_data", PersonalData::Masked, &words),
            request_timeout: reader.duration("http.request_timeout", secs(10), ms(10)..=secs(600)),
            body_bytes: reader.bytes("http.body_bytes", 64 << 10, 1 << 10..=16 << 20),
            recent_decisions: reader.count("http.recent_decisions", 1_000, 0..=100_000) as usize,
            tls: HttpTls::read(reader),
        }
    }
}

impl HttpTls {
    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let words = [
            ("all", Clients::All),
            ("except_probes", Clients::ExceptProbes),
        ];
        let cert_file = reader.path("http.tls.cert_file");
        let key_file = reader.path("http.tls.key_file");
        let client_ca_file = reader.path("http.tls.client_ca_file");
        let clients = reader.choice("http.tls.clients", Clients::All, &words);
        let chosen = reader.shown["http.tls.clients"].origin != Origin::Default;
        let fault = match (&cert_file, &key_file, &client_ca_file) {
            (Some(_), None, _) => Some("http.tls.cert_file needs http.tls.key_file beside it"),
            (None, Some(_), _) => Some("http.tls.key_file needs http.tls.cert_file beside it"),
            // Whoever asks for client certificates must not be left with plain HTTP.
            (None, None, Some(_)) => Some(
                "http.tls.client_ca_file needs http.tls.cert_file and http.tls.key_file beside it",
            ),
            (_, _, None) if chosen => {
                Some("http.tls.clients needs http.tls.client_ca_file beside it")
            }
            _ => None,
        };
        reader.problems.extend(fault.map(str::to_owned));
        Some(Self {
            cert_file: cert_file?,
            key_file: key_file?,
            client_ca_file,
            clients,
        })
    }
}
