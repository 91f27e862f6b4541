//! Who may change anything: the bearer of the token in `http.token_file`.

use std::path::Path;

use axum::http::{HeaderMap, StatusCode, header};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use super::reply::Refusal;

/// A shorter token could be guessed.
const SHORTEST_TOKEN: usize = 16;

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
    let expected = read_token(path)?;
    let given = bearer(headers)?;
    // Digests have one length, so the comparison tells neither length nor first difference.
    let same = Sha256::digest(given.as_bytes()).ct_eq(&Sha256::digest(expected.as_bytes()));
    match bool::from(same) {
        true => Ok(()),
        false => Err(Refusal::new(
            StatusCode::FORBIDDEN,
            "the bearer token is not the right one",
        )),
    }
}

fn read_token(path: &Path) -> Result<String, Refusal> {
    let unusable = |why: String| {
        let sentence = format!("http.token_file {}: {why}", path.display());
        Refusal::new(StatusCode::FORBIDDEN, sentence)
    };
    let content = std::fs::read_to_string(path).map_err(|why| unusable(why.to_string()))?;
    let token = content.trim();
    match token.len() >= SHORTEST_TOKEN {
        true => Ok(token.to_owned()),
        false => Err(unusable(format!(
            "the token has fewer than {SHORTEST_TOKEN} characters"
        ))),
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
