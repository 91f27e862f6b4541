//! Until when the certificates that the settings name are valid.

use std::path::Path;
use std::time::{Duration, SystemTime};

use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use x509_cert::certificate::{CertificateInner, Raw};
use x509_cert::der::Decode as _;

/// From when to when, of one certificate or of all in a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Validity {
    pub not_before: SystemTime,
    pub not_after: SystemTime,
}

impl Validity {
    /// Reads a certificate's own.
    pub fn of(certificate: &CertificateDer<'_>) -> Result<Self, String> {
        // The lenient profile: whether a serial number is too long matters to nobody here.
        let read = CertificateInner::<Raw>::from_der(certificate)
            .map_err(|why| format!("a certificate in it cannot be read: {why}"))?;
        let validity = read.tbs_certificate.validity;
        let at = |since_epoch: Duration| SystemTime::UNIX_EPOCH + since_epoch;
        Ok(Self {
            not_before: at(validity.not_before.to_unix_duration()),
            not_after: at(validity.not_after.to_unix_duration()),
        })
    }

    /// The time in which both are valid.
    pub fn and(self, other: Self) -> Self {
        Self {
            not_before: self.not_before.max(other.not_before),
            not_after: self.not_after.min(other.not_after),
        }
    }

    /// `Err` says why it is not valid now.
    pub fn check(self, now: SystemTime) -> Result<(), String> {
        if now > self.not_after {
            return Err(format!("it expired at {}", moment(self.not_after)));
        }
        if now < self.not_before {
            return Err(format!(
                "it is not valid before {}; is the clock right?",
                moment(self.not_before)
            ));
        }
        Ok(())
    }
}

/// Why the certificates in a PEM file cannot be valid now; `None` if they are, or if that
/// cannot be told.
pub fn ended(path: &Path, now: SystemTime) -> Option<String> {
    let bytes = std::fs::read(path).ok()?;
    CertificateDer::pem_slice_iter(&bytes)
        .filter_map(Result::ok)
        .filter_map(|one| Validity::of(&one).ok())
        .find_map(|one| one.check(now).err())
}

/// A moment as logs and errors show it.
pub fn moment(at: SystemTime) -> String {
    let shown = jiff::Timestamp::try_from(at);
    shown.map_or_else(|_| "a time out of range".to_owned(), |at| at.to_string())
}
