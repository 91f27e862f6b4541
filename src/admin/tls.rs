//! HTTP over TLS: the certificates in force, and new ones when their files change.

mod identity;

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use arc_swap::ArcSwap;
use tokio_rustls::TlsAcceptor;
use tracing::{error, info, warn};

use crate::config::certificate::moment;
use crate::config::{Clients, HttpTls};
use crate::metrics::{CertificateUse, Metrics};

use identity::Identity;

/// The files are compared so often; three small reads cost nothing beside it.
const LOOK: Duration = Duration::from_secs(5);

/// From here on the log reminds of the end once a day.
const REMIND_BEFORE: Duration = Duration::from_secs(14 * 86_400);
const REMIND_EVERY: Duration = Duration::from_secs(86_400);

/// What came of reading the files again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Renewal {
    Unchanged,
    Taken,
    /// What is in force stays, and this is why.
    Refused(String),
}

/// The certificates of the interface. New connections take those in force; open ones keep
/// theirs.
pub struct Certificates {
    files: HttpTls,
    metrics: Metrics,
    in_force: ArcSwap<Identity>,
    said: Mutex<Said>,
}

/// What the log was told, so that it is told once.
#[derive(Default)]
struct Said {
    refused: Option<String>,
    reminded: Option<Instant>,
}

impl Certificates {
    /// Reads the files for the first time.
    ///
    /// # Errors
    /// A sentence that names the setting, the file and what is wrong with it.
    pub fn open(files: &HttpTls, metrics: Metrics) -> Result<Self, String> {
        let identity = Identity::read(files, SystemTime::now())?;
        let certificates = Self {
            files: files.clone(),
            metrics,
            in_force: ArcSwap::from_pointee(identity),
            said: Mutex::default(),
        };
        certificates.announce();
        Ok(certificates)
    }

    /// What a new connection is received with.
    pub fn acceptor(&self) -> TlsAcceptor {
        TlsAcceptor::from(Arc::clone(&self.in_force.load().config))
    }

    /// Whether only the probes may be asked without a client certificate.
    pub fn probes_only_without(&self) -> bool {
        self.files.client_ca_file.is_some() && self.files.clients == Clients::ExceptProbes
    }

    /// Compares the files with what is in force for as long as it is polled.
    pub async fn watch(self: Arc<Self>) {
        loop {
            tokio::time::sleep(LOOK).await;
            self.renew();
            self.remind();
        }
    }

    /// Takes the files' present content, if it changed and is good.
    pub fn renew(&self) -> Renewal {
        match Identity::read(&self.files, SystemTime::now()) {
            Ok(read) if read.digest == self.in_force.load().digest => {
                self.said().refused = None;
                Renewal::Unchanged
            }
            Ok(read) => {
                self.in_force.store(Arc::new(read));
                *self.said() = Said::default();
                self.metrics.http.certificate_renewed(true);
                self.announce();
                Renewal::Taken
            }
            Err(why) => {
                // The same fault is found at each look and told once.
                if self.said().refused.replace(why.clone()).as_ref() != Some(&why) {
                    self.metrics.http.certificate_renewed(false);
                    error!(reason = why, "certificates not taken; the old ones stay");
                }
                Renewal::Refused(why)
            }
        }
    }

    fn announce(&self) {
        let identity = self.in_force.load();
        let http = &self.metrics.http;
        http.certificate_expires(CertificateUse::Server, identity.server.not_after);
        let (server_until, file) = (moment(identity.server.not_after), &self.files.cert_file);
        info!(file = %file.display(), server_until, "certificate of the admin interface");
        for why in &identity.warnings {
            warn!("{why}");
        }
        if let (Some(authorities), Some(file)) = (&identity.clients, &self.files.client_ca_file) {
            http.certificate_expires(CertificateUse::ClientAuthority, authorities.not_after);
            let until = moment(authorities.not_after);
            info!(file = %file.display(), until, "authorities of client certificates");
        }
        self.remind();
    }

    fn remind(&self) {
        let identity = self.in_force.load();
        let mut said = self.said();
        if said
            .reminded
            .is_some_and(|when| when.elapsed() < REMIND_EVERY)
        {
            return;
        }
        let now = SystemTime::now();
        let ends_soon = |until: SystemTime| until < now + REMIND_BEFORE;
        let tell = |file: &Path, until: SystemTime| {
            let until = moment(until);
            warn!(file = %file.display(), until, "a certificate of the admin interface ends soon; replace the file");
        };
        if ends_soon(identity.server.not_after) {
            tell(&self.files.cert_file, identity.server.not_after);
            said.reminded = Some(Instant::now());
        }
        if let (Some(authorities), Some(file)) = (&identity.clients, &self.files.client_ca_file)
            && ends_soon(authorities.not_after)
        {
            tell(file, authorities.not_after);
            said.reminded = Some(Instant::now());
        }
    }

    fn said(&self) -> std::sync::MutexGuard<'_, Said> {
        // What was said stays true whatever stopped another thread.
        self.said.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
