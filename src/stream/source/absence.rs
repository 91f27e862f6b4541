//! Why brokers cannot be reached, one by one, from what the client library reports of them.

use std::collections::BTreeMap;

/// More brokers than this are not told apart; whoever names more looks at the first.
const MOST: usize = 16;

/// What was last heard of each broker that no connection came about to.
#[derive(Debug, Default)]
pub struct Absences(BTreeMap<String, String>);

impl Absences {
    /// Takes note of a report such as `b:1/bootstrap: Connect to ipv4#… failed: … (after …)`.
    pub fn hear(&mut self, reason: &str) {
        let Some((name, report)) = reason.split_once(": ") else {
            return;
        };
        let Some((address, _)) = name.rsplit_once('/') else {
            return;
        };
        let address = address.rsplit('/').next().unwrap_or(address);
        if self.0.len() < MOST || self.0.contains_key(address) {
            self.0.insert(address.to_owned(), cause(report));
        }
    }

    /// All of it in one line; of a single broker without its address.
    pub fn told(&self) -> Option<String> {
        match self.0.len() {
            0 => None,
            1 => self.0.values().next().cloned(),
            _ => {
                let each = self
                    .0
                    .iter()
                    .map(|(address, why)| format!("{address}: {why}"));
                Some(each.collect::<Vec<_>>().join("; "))
            }
        }
    }
}

/// What a report means. Reports that say enough by themselves are passed on.
fn cause(report: &str) -> String {
    let report = report.split(" (after ").next().unwrap_or(report);
    let last = report.rsplit(": ").next().unwrap_or(report);
    let told = match report {
        _ if report.contains("Failed to resolve") => {
            return format!("the host's name is not resolved ({last})");
        }
        _ if report.contains("Connection refused") => "connection refused, nothing listens there",
        _ if report.contains("timed out in state CONNECT") || last == "Connection timed out" => {
            "no answer, the host is away or something between drops what is sent"
        }
        _ if report.contains("setup timed out") || report.contains("Invalid response size") => {
            "connected, but what is there does not answer as a Kafka broker: see the port, and security.protocol \
             in [kafka.client]"
        }
        _ => report,
    };
    told.to_owned()
}

#[cfg(test)]
mod tests {
    use super::Absences;

    #[test]
    fn each_broker_has_its_last_cause() {
        for (reports, told) in [
            (&["2/2 brokers are down"][..], None),
            (
                &[
                    "127.0.0.1:1/bootstrap: Connect to ipv4#127.0.0.1:1 failed: Connection refused (after 0ms in state CONNECT)",
                ],
                Some("connection refused, nothing listens there"),
            ),
            (
                &[
                    "no.invalid:9092/bootstrap: Failed to resolve 'no.invalid:9092': Name or service not known (after 3ms in state CONNECT)",
                ],
                Some("the host's name is not resolved (Name or service not known)"),
            ),
            (
                &[
                    "sasl_ssl://a:1/bootstrap: Connection setup timed out in state CONNECT (after 5001ms in state CONNECT)",
                ],
                Some("no answer, the host is away or something between drops what is sent"),
            ),
            (
                &[
                    "a:1/bootstrap: Connect to ipv4#10.0.0.1:1 failed: Connection refused (after 0ms in state CONNECT)",
                    "b:2/bootstrap: Disconnected: verify that security.protocol is correctly configured (after 1ms in state APIVERSION_QUERY)",
                    "a:1/bootstrap: Connection setup timed out in state APIVERSION_QUERY (after 5000ms in state APIVERSION_QUERY, 1 identical error(s) suppressed)",
                ],
                Some(
                    "a:1: connected, but what is there does not answer as a Kafka broker: see the port, and security.protocol in [kafka.client]; \
                     b:2: Disconnected: verify that security.protocol is correctly configured",
                ),
            ),
        ] {
            let mut absences = Absences::default();
            reports.iter().for_each(|one| absences.hear(one));
            assert_eq!(absences.told().as_deref(), told);
        }
    }
}
