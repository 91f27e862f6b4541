//! `[traces]`: where spans go, if anywhere, and which batches have some.

use super::reader::Reader;

/// `[traces]`: OpenTelemetry spans.
#[derive(Clone, Debug)]
pub struct Traces {
    /// The collector's address, `http://host:port`; nothing is traced without one.
    pub endpoint: Option<Endpoint>,
    /// The share of batches that have spans though none of their records was sampled upstream.
    pub batches: f64,
}

/// Where a collector takes OTLP over HTTP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// `host:port`.
    pub authority: String,
    /// The path of its traces.
    pub path: String,
}

/// Where a collector takes traces unless told otherwise.
const DEFAULT_PATH: &str = "/v1/traces";
/// OTLP over HTTP has a port of its own.
const DEFAULT_PORT: &str = "4318";

impl Traces {
    pub(super) fn read(reader: &mut Reader<'_>) -> Self {
        let text = reader.checked("traces.endpoint", "", |text| match text {
            "" => Ok(()),
            _ => Endpoint::parse(text).map(drop),
        });
        Self {
            endpoint: Endpoint::parse(&text).ok(),
            batches: reader.share("traces.batches", 0.01),
        }
    }
}

impl Endpoint {
    /// Reads `http://host[:port][/path]`.
    ///
    /// # Errors
    /// A sentence that says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let Some(rest) = text.strip_prefix("http://") else {
            return Err(format!(
                "`{text}` is no address such as http://localhost:4318; spans go to a collector nearby without TLS, \
                 and it sends them on"
            ));
        };
        let (authority, path) = match rest.split_once('/') {
            Some((authority, path)) if !path.is_empty() => (authority, format!("/{path}")),
            Some((authority, _)) => (authority, DEFAULT_PATH.to_owned()),
            None => (rest, DEFAULT_PATH.to_owned()),
        };
        let sound = |text: &str| text.bytes().all(|byte| byte.is_ascii_graphic());
        if authority.is_empty() || authority.contains('@') || !sound(authority) || !sound(&path) {
            return Err(format!(
                "`{text}` is no address such as http://localhost:4318"
            ));
        }
        let has_port = authority
            .rsplit_once(':')
            .is_some_and(|(_, port)| port.parse::<u16>().is_ok());
        Ok(Self {
            authority: match has_port {
                true => authority.to_owned(),
                false => format!("{authority}:{DEFAULT_PORT}"),
            },
            path,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Endpoint;

    #[test]
    fn addresses_are_completed() {
        for (given, authority, path) in [
            ("http://localhost", "localhost:4318", "/v1/traces"),
            ("http://[::1]:4318/", "[::1]:4318", "/v1/traces"),
            ("http://otel.local:80/in", "otel.local:80", "/in"),
        ] {
            let parsed = Endpoint::parse(given).unwrap();
            assert_eq!((&*parsed.authority, &*parsed.path), (authority, path));
        }
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for bad in [
            "localhost:4318",
            "https://x",
            "http://",
            "http://a b",
            "http://u@x",
            "http:///x",
        ] {
            assert!(Endpoint::parse(bad).is_err(), "{bad}");
        }
    }
}
