//! A small HTTPS client: whom it trusts, what it shows of itself, and what came of it.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use super::certificates::{Authority, Signed};
use super::http::{self, Answer};

/// Sends one request to a server that `authority` must vouch for. An error if they did not
/// agree upon a connection, whichever side refused.
pub fn request(
    address: SocketAddr,
    authority: &Authority,
    shows: Option<&Signed>,
    text: &str,
) -> io::Result<Answer> {
    let name = address.ip().into();
    let config = Arc::new(config(authority, shows));
    let connection = ClientConnection::new(config, name).map_err(io::Error::other)?;
    let stream = StreamOwned::new(connection, http::connect(address));
    http::exchange(stream, text)
}

pub fn get(
    address: SocketAddr,
    authority: &Authority,
    shows: Option<&Signed>,
    path: &str,
) -> io::Result<Answer> {
    request(address, authority, shows, &http::text("GET", path, &[], ""))
}

fn config(authority: &Authority, shows: Option<&Signed>) -> ClientConfig {
    let mut roots = RootCertStore::empty();
    roots.add(certificate(&authority.certificate)).unwrap();
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots);
    match shows {
        None => builder.with_no_client_auth(),
        Some(signed) => {
            let key = PrivateKeyDer::from_pem_slice(signed.key.as_bytes()).unwrap();
            let chain = vec![certificate(&signed.certificate)];
            builder.with_client_auth_cert(chain, key).unwrap()
        }
    }
}

fn certificate(pem: &str) -> CertificateDer<'static> {
    CertificateDer::from_pem_slice(pem.as_bytes()).unwrap()
}
