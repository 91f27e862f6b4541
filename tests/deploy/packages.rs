//! Image, compose file, Kubernetes files and the systemd unit, by the tools that read them.

use std::path::Path;

use serde_json::Value;

use super::tool::{
    CHECK_JSONSCHEMA, HADOLINT, KUBECTL, KUBERNETES_VALIDATE, SYSTEMD_ANALYZE, must_pass, tool,
};
use super::{at, deploy, files, json, list, root, text, yaml};

/// Folders that `kubectl kustomize` builds.
const KUSTOMIZATIONS: [&str; 3] = ["base", "overlays/development", "overlays/production"];

/// systemd's own measure of what a service could do; under 2 is what we promise.
const EXPOSURE: f64 = 2.0;

#[test]
fn every_yaml_and_json_file_parses() {
    let mut seen = 0;
    for path in files(&[".yaml", ".yml"]) {
        seen += yaml(&path).len();
    }
    for path in files(&[".json"]) {
        assert!(json(&path).is_object(), "{}", path.display());
        seen += 1;
    }
    assert!(seen > 20, "{seen}");
}

#[test]
fn the_image_has_no_shell_and_no_rights() {
    let dockerfile = text(&deploy("docker/Dockerfile"));
    let last = dockerfile.rsplit("\nFROM ").next().unwrap();
    assert!(
        last.contains("distroless") && last.contains("nonroot"),
        "{last}"
    );
    assert!(last.contains("\nUSER 65532:65532\n"), "{last}");
    assert!(
        !last.contains("\nRUN "),
        "nothing can run in the last stage"
    );
}

#[test]
fn hadolint_finds_nothing() {
    if let Some(mut hadolint) = tool("hadolint_finds_nothing", "hadolint", HADOLINT) {
        must_pass(hadolint.arg("docker/Dockerfile"), &deploy(""));
    }
}

#[test]
fn the_compose_file_is_valid() {
    let name = "the_compose_file_is_valid";
    if let Some(mut check) = tool(name, "check-jsonschema", CHECK_JSONSCHEMA) {
        check.args([
            "--builtin-schema",
            "vendor.compose-spec",
            "compose/compose.yaml",
        ]);
        must_pass(&mut check, &deploy(""));
    }
}

#[test]
fn what_compose_mounts_is_there() {
    let compose = &yaml(&deploy("compose/compose.yaml"))[0];
    let services = compose["services"].as_object().unwrap();
    let mounts: Vec<&str> = services
        .values()
        .flat_map(|service| list(service, "/volumes"))
        .filter_map(|volume| volume.as_str()?.split(':').next())
        .filter(|source| source.starts_with('.'))
        .collect();
    assert!(mounts.len() >= 4, "{mounts:?}");
    for mount in mounts {
        assert!(deploy("compose").join(mount).exists(), "{mount}");
    }
}

#[test]
fn grafana_is_told_the_scrape_interval() {
    let sources = &yaml(&deploy("grafana/provisioning/datasources/prometheus.yaml"))[0];
    let prometheus = &yaml(&deploy("prometheus/prometheus.yml"))[0];
    let interval = at(prometheus, "/global/scrape_interval");
    assert_eq!(
        at(sources, "/datasources/0/jsonData/timeInterval"),
        interval
    );
}

/// The documents that a kustomization becomes, if `kubectl` is here.
fn built(test: &str, folder: &str) -> Option<(String, Vec<Value>)> {
    let mut kubectl = tool(test, "kubectl", KUBECTL)?;
    let text = must_pass(kubectl.args(["kustomize", folder]), &deploy("kubernetes"));
    let documents = serde_saphyr::from_multiple(&text).unwrap();
    Some((text, documents))
}

#[test]
fn kustomizations_build_and_are_valid() {
    let name = "kustomizations_build_and_are_valid";
    for folder in KUSTOMIZATIONS {
        let Some((text, _)) = built(name, folder) else {
            return;
        };
        let Some(mut validate) = tool(name, "kubernetes-validate", KUBERNETES_VALIDATE) else {
            return;
        };
        let file = tempfile::NamedTempFile::with_suffix(".yaml").unwrap();
        std::fs::write(file.path(), text).unwrap();
        must_pass(validate.arg("--strict").arg(file.path()), root());
    }
}

#[test]
fn pods_have_probes_and_no_rights() {
    for folder in KUSTOMIZATIONS {
        let Some((_, documents)) = built("pods_have_probes_and_no_rights", folder) else {
            return;
        };
        let kinds: Vec<&str> = documents.iter().map(|one| at(one, "/kind")).collect();
        for kind in [
            "Deployment",
            "PodDisruptionBudget",
            "NetworkPolicy",
            "ConfigMap",
        ] {
            assert!(kinds.contains(&kind), "{folder}: {kinds:?}");
        }
        let deployment = documents
            .iter()
            .find(|one| at(one, "/kind") == "Deployment")
            .unwrap();
        let pod = &deployment["spec"]["template"]["spec"];
        let container = &pod["containers"][0];
        assert_eq!(at(container, "/livenessProbe/httpGet/path"), "/livez");
        assert_eq!(at(container, "/readinessProbe/httpGet/path"), "/readyz");
        assert_eq!(at(container, "/startupProbe/httpGet/path"), "/livez");
        assert_eq!(container["securityContext"]["readOnlyRootFilesystem"], true);
        assert_eq!(
            container["securityContext"]["allowPrivilegeEscalation"],
            false
        );
        assert_eq!(at(container, "/securityContext/capabilities/drop/0"), "ALL");
        assert_eq!(pod["securityContext"]["runAsNonRoot"], true);
        assert_eq!(pod["automountServiceAccountToken"], false);
    }
}

#[test]
fn pods_are_given_the_time_that_a_stop_takes() {
    let settings = bailiwick::config::Settings::load(&Default::default()).unwrap();
    let stop = settings.lanes.shutdown_timeout.as_secs();
    let pod = yaml(&deploy("kubernetes/base/deployment.yaml"));
    let grace = pod[0].pointer("/spec/template/spec/terminationGracePeriodSeconds");
    assert!(grace.unwrap().as_u64().unwrap() > stop);
    let compose = &yaml(&deploy("compose/compose.yaml"))[0];
    assert_eq!(at(compose, "/services/bailiwick/stop_grace_period"), "40s");
    let unit = text(&deploy("systemd/bailiwick.service"));
    assert!(unit.contains("TimeoutStopSec=40s") && stop < 40);
}

#[test]
fn the_unit_gave_up_when_brokers_stayed_away() {
    let unit = text(&deploy("systemd/bailiwick.service"));
    let begins = |line: &&str| line.starts_with("StartLimit") || line.starts_with("Restart");
    let settings: Vec<&str> = unit.lines().filter(begins).collect();
    assert_eq!(
        settings,
        [
            "StartLimitIntervalSec=0",
            "Restart=on-failure",
            "RestartSec=15s",
            "RestartPreventExitStatus=2 78",
        ]
    );
}

#[test]
fn scaling_and_scraping_name_what_is_there() {
    let settings = bailiwick::config::Settings::load(&Default::default()).unwrap();
    let deployment = &yaml(&deploy("kubernetes/base/deployment.yaml"))[0];
    let scaled = &yaml(&deploy("kubernetes/keda/scaledobject.yaml"))[0];
    assert_eq!(
        at(scaled, "/spec/scaleTargetRef/name"),
        at(deployment, "/metadata/name")
    );
    let trigger = &scaled["spec"]["triggers"][0]["metadata"];
    assert_eq!(at(trigger, "/consumerGroup"), settings.kafka.group);
    assert_eq!(at(trigger, "/topic"), settings.kafka.topics.leads);
    let least = scaled["spec"]["minReplicaCount"].as_u64().unwrap();
    let most = scaled["spec"]["maxReplicaCount"].as_u64().unwrap();
    // As many as `topics --create` makes partitions; the guide says the same.
    assert!(least <= most && most == 12, "{least} to {most}");
    assert!(text(&deploy("README.md")).contains("--partitions 12"));
    let monitor = &yaml(&deploy("kubernetes/monitoring/podmonitor.yaml"))[0];
    let container = "/spec/template/spec/containers/0";
    assert_eq!(
        at(monitor, "/spec/podMetricsEndpoints/0/port"),
        at(deployment, &format!("{container}/ports/0/name"))
    );
    // A job is a consumer group: dashboards and alerts rely on it.
    assert_eq!(
        at(
            monitor,
            "/spec/podMetricsEndpoints/0/relabelings/0/replacement"
        ),
        settings.kafka.group
    );
}

#[test]
fn shipped_settings_and_plans_are_valid() {
    for file in ["base/bailiwick.toml", "overlays/production/bailiwick.toml"] {
        let path = deploy("kubernetes").join(file);
        let faults = faults_of_settings(&path);
        assert!(faults.is_empty(), "{file}: {faults:?}");
    }
    let loaded = bailiwick::plan::load(&deploy("kubernetes/base/plan"));
    let said = loaded.problems.render_text(false);
    assert!(loaded.plan.is_some() && said.is_empty(), "{said}");
}

/// Everything but secrets that lie where only the pod has them.
fn faults_of_settings(path: &Path) -> Vec<String> {
    let sources = bailiwick::config::Sources {
        file: Some(path.to_owned()),
        ..Default::default()
    };
    let faults = bailiwick::config::Settings::load(&sources).err();
    let faults = faults.map_or_else(Vec::new, |bad| bad.0);
    faults
        .into_iter()
        .filter(|fault| !fault.contains("/run/secrets/"))
        .collect()
}

#[test]
fn the_unit_exposes_little() {
    let name = "the_unit_exposes_little";
    let Some(mut analyze) = tool(name, "systemd-analyze", SYSTEMD_ANALYZE) else {
        return;
    };
    analyze.args([
        "security",
        "--offline=true",
        "--no-pager",
        "systemd/bailiwick.service",
    ]);
    let said = must_pass(&mut analyze, &deploy(""));
    let level = said
        .rsplit("exposure level for bailiwick.service: ")
        .next()
        .unwrap();
    let level: f64 = level.split_whitespace().next().unwrap().parse().unwrap();
    assert!(level < EXPOSURE, "{said}");
}

#[test]
fn the_unit_has_no_unknown_settings() {
    let name = "the_unit_has_no_unknown_settings";
    let Some(mut analyze) = tool(name, "systemd-analyze", SYSTEMD_ANALYZE) else {
        return;
    };
    let done = analyze
        .args(["verify", "--man=no"])
        .arg(deploy("systemd/bailiwick.service"));
    let said = String::from_utf8_lossy(&done.output().unwrap().stderr).into_owned();
    // The program is not installed where it is built.
    let faults: Vec<&str> = said
        .lines()
        .filter(|line| line.contains("bailiwick.service") && !line.contains("is not executable"))
        .collect();
    assert!(faults.is_empty(), "{faults:?}");
}
