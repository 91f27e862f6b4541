//! The Debian package: built by cargo-deb, installed into a root of its own, and started there.

use std::path::Path;
use std::process::{Command, Output, Stdio};

use super::tool::{must_pass, skip, tool};
use super::{root, text};
use crate::broker::deployment::Deployment;
use crate::support::{kafka, reaper};

const CARGO_DEB: &str = "cargo install cargo-deb --locked";
const DPKG: &str = "Debian: apt install dpkg";

/// The package of the program under test, installed below `root`; nothing without the tools.
fn package(test: &str) -> Option<tempfile::TempDir> {
    let mut dpkg = tool(test, "dpkg", DPKG)?;
    let mut cargo_deb = tool(test, "cargo-deb", CARGO_DEB)?;
    let folder = tempfile::tempdir().unwrap();
    let package = folder.path().join("bailiwick.deb");
    // The program that the tests were built with, where cargo-deb looks for the release.
    let built = folder.path().join("release");
    std::fs::create_dir(&built).unwrap();
    std::fs::copy(env!("CARGO_BIN_EXE_bailiwick"), built.join("bailiwick")).unwrap();
    cargo_deb
        .args(["--no-build", "--no-strip", "--fast", "--output"])
        .arg(&package)
        .env("CARGO_TARGET_DIR", folder.path());
    must_pass(&mut cargo_deb, root());
    let place = folder.path().join("root");
    let database = place.join("var/lib/dpkg");
    for part in ["info", "updates"] {
        std::fs::create_dir_all(database.join(part)).unwrap();
    }
    std::fs::write(database.join("status"), "").unwrap();
    dpkg.arg(format!("--root={}", place.display()))
        // The root has no shell and no C library; the machine's do.
        .args([
            "--force-script-chrootless",
            "--force-depends",
            "--force-not-root",
        ])
        .arg(format!("--log={}", folder.path().join("log").display()))
        .arg("--install")
        .arg(&package);
    must_pass(&mut dpkg, root());
    Some(folder)
}

/// The installed program, in the installed root.
fn installed(root: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(root.join("usr/bin/bailiwick"));
    command
        .arg("--config")
        .arg(root.join("etc/bailiwick/bailiwick.toml"))
        .args(arguments)
        .current_dir(root)
        .stdin(Stdio::null());
    command
}

fn passes(mut command: Command) -> String {
    let Output {
        status,
        stdout,
        stderr,
    } = command.output().unwrap();
    let said = String::from_utf8_lossy(&stderr);
    assert!(status.success(), "{command:?}: {said}");
    String::from_utf8(stdout).unwrap()
}

#[test]
#[ignore = "packing takes a minute: cargo test --test main -- --ignored deploy::debian (needs cargo-deb)"]
fn the_package_is_complete_and_runs() {
    let name = "the_package_is_complete_and_runs";
    let Some(folder) = package(name) else {
        return;
    };
    let place = folder.path().join("root");
    for file in [
        "usr/bin/bailiwick",
        "etc/bailiwick/bailiwick.toml",
        "usr/lib/systemd/system/bailiwick.service",
        "usr/share/doc/bailiwick/README.md",
        "usr/share/doc/bailiwick/runbooks.md",
        "usr/share/doc/bailiwick/example/plan.yaml",
        "usr/share/doc/bailiwick/example/gazetteer/us.csv",
        "usr/share/doc/bailiwick/grafana/dashboards/overview.json",
        "usr/share/doc/bailiwick/prometheus/alerts.yml",
    ] {
        assert!(place.join(file).is_file(), "{file}");
    }
    let mut about = Command::new("dpkg-deb");
    about
        .args(["--field", "../bailiwick.deb"])
        .current_dir(&place);
    let about = passes(about);
    for line in ["Package: bailiwick", "Section: net", "Depends: libc6"] {
        assert!(about.contains(line), "{line} in\n{about}");
    }
    let shown = passes(installed(&place, &["config", "show"]));
    assert!(shown.contains("kafka.group = \"bailiwick\""), "{shown}");
    passes(installed(
        &place,
        &["check", "usr/share/doc/bailiwick/example"],
    ));
    runs(name, &place);
}

/// Starts the installed daemon where the unit does, on the shipped settings, with the example
/// where its plans belong.
fn runs(name: &str, place: &Path) {
    let unit = text(&place.join("usr/lib/systemd/system/bailiwick.service"));
    for line in [
        "WorkingDirectory=/etc/bailiwick",
        "ExecStart=/usr/bin/bailiwick run --config /etc/bailiwick/bailiwick.toml",
    ] {
        assert!(unit.lines().any(|one| one == line), "{line} in\n{unit}");
    }
    let Some(brokers) = kafka::brokers(name) else {
        return skip(name, "no Kafka");
    };
    let deployment = Deployment::new(&brokers, 1);
    let settings = place.join("etc/bailiwick");
    super::live::copy_plan(&settings.join("plans/acme"));
    let mut command = installed(place, &["run"]);
    let pairs = deployment.pairs();
    for pair in pairs.iter().filter(|pair| !pair.starts_with("plans.")) {
        command.args(["--set", pair]);
    }
    let log = std::fs::File::create(deployment.log("installed")).unwrap();
    command
        .current_dir(&settings)
        .stdout(Stdio::null())
        .stderr(log);
    let _daemon = reaper::Process::spawn(&mut command);
    let producer = deployment.producer();
    let lead =
        br#"{"id": "L-1", "tenant": "acme", "address": {"country": "US", "postal_code": "90210"}}"#;
    deployment.send(&producer, "leads", 0, (None, Some(lead), None));
    deployment.flush(&producer);
    let decided = deployment.read_until("assignments", |seen| seen.len() == 1);
    assert_eq!(decided[0].json()["territory"], "beverly-hills");
}
