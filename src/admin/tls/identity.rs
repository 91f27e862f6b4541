//! Certificate, key and authorities, read from their files and checked against each other.

use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use sha2::{Digest as _, Sha256};
use tokio_rustls::rustls::crypto::{CryptoProvider, ring};
use tokio_rustls::rustls::pki_types::pem::{self, PemObject as _};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::server::danger::ClientCertVerifier;
use tokio_rustls::rustls::{Error, RootCertStore, ServerConfig};

use crate::config::certificate::Validity;
use crate::config::{Clients, HttpTls};

/// Everything a connection is received with.
#[derive(Debug)]
pub struct Identity {
    pub config: Arc<ServerConfig>,
    /// When all certificates of the server's chain are valid.
    pub server: Validity,
    /// When all authorities of client certificates are valid.
    pub clients: Option<Validity>,
    /// What is odd and no reason to refuse.
    pub warnings: Vec<String>,
    /// Of the files' content, to know a change.
    pub digest: [u8; 32],
}

/// A file of the settings with its content.
struct Content<'f> {
    key: &'static str,
    path: &'f Path,
    bytes: Vec<u8>,
}

/// The authorities that may vouch for clients.
struct Authorities {
    verifier: Arc<dyn ClientCertVerifier>,
    validity: Validity,
    warnings: Vec<String>,
}

impl Identity {
    /// Reads and checks the files.
    ///
    /// # Errors
    /// A sentence that names the setting, the file and what is wrong with it.
    pub fn read(files: &HttpTls, now: SystemTime) -> Result<Self, String> {
        let certificate = Content::read("http.tls.cert_file", &files.cert_file)?;
        let key = Content::read("http.tls.key_file", &files.key_file)?;
        let authorities = match &files.client_ca_file {
            Some(path) => Some(Content::read("http.tls.client_ca_file", path)?),
            None => None,
        };
        let digest = digest([&certificate, &key].into_iter().chain(&authorities));
        let provider = Arc::new(ring::default_provider());
        let authorities = match authorities {
            Some(content) => Some(content.authorities(files.clients, now, &provider)?),
            None => None,
        };
        let chain = certificate.chain()?;
        let server = certificate.validity(&chain, now)?;
        let builder = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|why| format!("TLS cannot be set up: {why}"))?;
        let builder = match &authorities {
            Some(one) => builder.with_client_cert_verifier(Arc::clone(&one.verifier)),
            None => builder.with_no_client_auth(),
        };
        let mut config = builder
            .with_single_cert(chain, key.private_key()?)
            .map_err(|why| unfit(&certificate, &key, &why))?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self {
            config: Arc::new(config),
            server,
            clients: authorities.as_ref().map(|one| one.validity),
            warnings: authorities.map_or_else(Vec::new, |one| one.warnings),
            digest,
        })
    }
}

fn digest<'c>(contents: impl Iterator<Item = &'c Content<'c>>) -> [u8; 32] {
    let mut all = Sha256::new();
    for content in contents {
        // Lengths keep bytes that move from one file to the next apart.
        all.update((content.bytes.len() as u64).to_le_bytes());
        all.update(&content.bytes);
    }
    all.finalize().into()
}

fn unfit(certificate: &Content<'_>, key: &Content<'_>, why: &Error) -> String {
    match why {
        Error::InconsistentKeys(_) => key.fault(format_args!(
            "this is not the key of the certificate in {}",
            certificate.path.display()
        )),
        Error::InvalidCertificate(_) => certificate.fault(format_args!("unusable: {why}")),
        // Errors of rustls name kinds and never a key's content.
        _ => key.fault(format_args!("the key cannot be used: {why}")),
    }
}

impl<'f> Content<'f> {
    fn read(key: &'static str, path: &'f Path) -> Result<Self, String> {
        match std::fs::read(path) {
            Ok(bytes) => Ok(Self { key, path, bytes }),
            Err(why) => Err(format!("{key}: cannot read {}: {why}", path.display())),
        }
    }

    fn fault(&self, why: impl std::fmt::Display) -> String {
        format!("{}: {}: {why}", self.key, self.path.display())
    }

    fn chain(&self) -> Result<Vec<CertificateDer<'static>>, String> {
        let read: Result<Vec<_>, pem::Error> =
            CertificateDer::pem_slice_iter(&self.bytes).collect();
        // The error's own text may repeat a line of the file.
        let chain = read.map_err(|_| self.fault("this is not PEM"))?;
        match chain.is_empty() {
            true => Err(self.fault("there is no certificate in it (`BEGIN CERTIFICATE`)")),
            false => Ok(chain),
        }
    }

    fn validity(&self, chain: &[CertificateDer<'_>], now: SystemTime) -> Result<Validity, String> {
        let mut all: Option<Validity> = None;
        for one in chain {
            let own = Validity::of(one).map_err(|why| self.fault(why))?;
            own.check(now)
                .map_err(|why| self.fault(format_args!("the certificate is not valid: {why}")))?;
            all = Some(all.map_or(own, |all| all.and(own)));
        }
        all.ok_or_else(|| self.fault("there is no certificate in it"))
    }

    fn private_key(&self) -> Result<PrivateKeyDer<'static>, String> {
        let encrypted = || self.bytes.windows(9).any(|part| part == b"ENCRYPTED");
        PrivateKeyDer::from_pem_slice(&self.bytes).map_err(|why| match why {
            _ if encrypted() => self.fault(
                "the key is encrypted; store it without a password and restrict who may read the file",
            ),
            pem::Error::NoItemsFound => {
                self.fault("there is no private key in it (`BEGIN PRIVATE KEY`)")
            }
            _ => self.fault("this is not PEM"),
        })
    }

    /// Authorities that ended are left out, as nothing else checks their dates.
    fn authorities(
        &self,
        clients: Clients,
        now: SystemTime,
        provider: &Arc<CryptoProvider>,
    ) -> Result<Authorities, String> {
        let (mut roots, mut validity) = (RootCertStore::empty(), None::<Validity>);
        let (mut warnings, mut ended) = (Vec::new(), String::new());
        for one in self.chain()? {
            let own = Validity::of(&one).map_err(|why| self.fault(why))?;
            if let Err(why) = own.check(now) {
                ended = self.fault(format_args!("an authority is not valid: {why}"));
                warnings.push(ended.clone());
                continue;
            }
            roots
                .add(one)
                .map_err(|why| self.fault(format_args!("unusable as an authority: {why}")))?;
            validity = Some(validity.map_or(own, |all| all.and(own)));
        }
        let validity = validity.ok_or(ended)?;
        let builder =
            WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider));
        let builder = match clients {
            Clients::All => builder,
            Clients::ExceptProbes => builder.allow_unauthenticated(),
        };
        let verifier = builder
            .build()
            .map_err(|why| self.fault(format_args!("unusable as authorities: {why}")))?;
        Ok(Authorities {
            verifier,
            validity,
            warnings,
        })
    }
}
