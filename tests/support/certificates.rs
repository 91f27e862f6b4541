//! Certificates made for a test: an authority, and servers and clients that it vouches for.

use std::path::{Path, PathBuf};

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, date_time_ymd,
};

/// An authority of its own; two of them know nothing of each other.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pub certificate: String,
}

/// A certificate and its key, both in PEM.
pub struct Signed {
    pub certificate: String,
    pub key: String,
}

/// From the first year up to, without, the second.
#[derive(Clone, Copy)]
pub struct Years(pub i32, pub i32);

/// Long past and long to come, whatever day the tests run on.
pub const VALID: Years = Years(2020, 2100);
pub const EXPIRED: Years = Years(2020, 2021);
pub const TO_COME: Years = Years(2090, 2100);

impl Authority {
    pub fn new(name: &str) -> Self {
        Self::within(name, VALID)
    }

    pub fn within(name: &str, years: Years) -> Self {
        let mut params = params(name, &[], years);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap().pem();
        Self {
            issuer: Issuer::new(params, key),
            certificate,
        }
    }

    /// For a server on loopback.
    pub fn server(&self, years: Years) -> Signed {
        let names = ["localhost", "127.0.0.1"];
        let mut params = params("server", &names, years);
        params.insert_extended_key_usage(ExtendedKeyUsagePurpose::ServerAuth);
        self.sign(&params)
    }

    /// For a client of that name.
    pub fn client(&self, name: &str, years: Years) -> Signed {
        let mut params = params(name, &[], years);
        params.insert_extended_key_usage(ExtendedKeyUsagePurpose::ClientAuth);
        self.sign(&params)
    }

    fn sign(&self, params: &CertificateParams) -> Signed {
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap().pem();
        Signed {
            certificate,
            key: key.serialize_pem(),
        }
    }
}

impl Signed {
    /// Writes both into a folder.
    pub fn write(&self, folder: &Path, name: &str) -> (PathBuf, PathBuf) {
        let files = (
            folder.join(format!("{name}.crt")),
            folder.join(format!("{name}.key")),
        );
        std::fs::write(&files.0, &self.certificate).unwrap();
        std::fs::write(&files.1, &self.key).unwrap();
        files
    }
}

fn params(name: &str, addresses: &[&str], Years(from, to): Years) -> CertificateParams {
    let addresses: Vec<String> = addresses.iter().map(ToString::to_string).collect();
    let mut params = CertificateParams::new(addresses).unwrap();
    params.distinguished_name.remove(DnType::CommonName);
    params.distinguished_name.push(DnType::CommonName, name);
    (params.not_before, params.not_after) = (date_time_ymd(from, 1, 1), date_time_ymd(to, 1, 1));
    params
}
