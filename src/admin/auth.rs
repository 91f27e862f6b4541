//! Who may ask, and who may change anything: client certificates, and the bearer token.

use std::path::Path;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use super::Context;
use super::reply::Refusal;

/// What orchestrators ask without a certificate where `http.tls.clients` is `except_probes`.
const PROBES: [&str; 2] = ["/livez", "/readyz"];

/// How a request's connection was received.
#[derive(Clone, Copy, Debug)]
pub struct Peer {
    /// The client showed a certificate of an authority in `http.tls.client_ca_file`.
    pub certified: bool,
}

/// Turns away those who showed no certificate where one is needed. Where all need one, they
/// do not come so far.
pub async fn identified(State(context): State<Context>, request: Request, next: Next) -> Response {
    let open = match &context.certificates {
        Some(certificates) => !certificates.probes_only_without(),
        None => true,
    };
    let peer = request.extensions().get::<Peer>();
    let certified = peer.is_some_and(|peer| peer.certified);
    if open || certified || PROBES.contains(&request.uri().path()) {
        return next.run(request).await;
    }
    let sentence = "this needs a client certificate of an authority in http.tls.client_ca_file";
    Refusal::new(StatusCode::FORBIDDEN, sentence).into_response()
}

/// A shorter token can be guessed, which is said at the start; it is the owner's to choose.
const SAFE_TOKEN: usize = 16;

/// Lets a request pass that bears the token. The file is read each time, so that a new token
/// holds at once.
pub fn permit(token_file: Option<&Path>, headers: &HeaderMap) -> Result<(), Refusal> {
    let Some(path) = token_file else {
        return Err(Refusal::new(
            StatusCode::FORBIDDEN,
            "nothing can be changed over HTTP because http.token_file is not set; name a file \
             with a token there and send it as `Authorization: Bearer …`",
        ));
    };
    let expected = token(path).map_err(|why| Refusal::new(StatusCode::FORBIDDEN, why))?;
    let given = bearer(headers)?;
    // Digests have one length, so the comparison tells neither length nor first difference.
    let same = Sha256::digest(given.as_bytes()).ct_eq(&Sha256::digest(expected.as_bytes()));
    match bool::from(same) {
        true => Ok(()),
        false => Err(Refusal::new(
            StatusCode::FORBIDDEN,
            "the bearer token is not the right one: send what is in http.token_file",
        )),
    }
}

/// The token in the file, or a sentence on why there is none that may be used.
fn token(path: &Path) -> Result<String, String> {
    let unusable = |why: String| format!("http.token_file {}: {why}", path.display());
    let content = std::fs::read_to_string(path).map_err(|why| unusable(why.to_string()))?;
    match content.trim() {
        "" => Err(unusable("there is no token in it".to_owned())),
        token => Ok(token.to_owned()),
    }
}

/// What should be said of the token file at the start: that it cannot be used, or that its
/// token is easily guessed.
pub fn token_warning(path: &Path) -> Option<String> {
    match token(path) {
        Err(why) => Some(format!(
            "{why}; nothing can be changed over HTTP until there is one"
        )),
        Ok(token) if token.len() < SAFE_TOKEN => Some(format!(
            "http.token_file {}: a token of fewer than {SAFE_TOKEN} characters can be guessed",
            path.display()
        )),
        Ok(_) => None,
    }
}

fn bearer(headers: &HeaderMap) -> Result<&str, Refusal> {
    let header = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok());
    let token = header.and_then(|text| {
        let (scheme, token) = text.split_once(' ')?;
        scheme
            .eq_ignore_ascii_case("bearer")
            .then_some(token.trim())
    });
    token.ok_or_else(|| {
        let sentence = "this needs the token of http.token_file as `Authorization: Bearer …`";
        Refusal::new(StatusCode::UNAUTHORIZED, sentence)
    })
}
