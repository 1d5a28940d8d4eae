//! The operator's image, as it is put together without a container engine.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::support::built::root;

/// An image with that file for an operator.
fn image(operator: &Path, to: &Path) -> Vec<u8> {
    let mut command = Command::new(root().join("dist/image"));
    command.arg(operator).args(["amd64", "2.0.0"]).arg(to).env("SOURCE_DATE_EPOCH", "1700000000");
    // Any certificates do: which they are is the machine's business.
    let made = command.env("SSL_CERT_FILE", root().join("LICENSE")).output().expect("it can be run");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    std::fs::read(to).expect("it is there")
}

fn digest(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    Sha256::digest(bytes).iter().fold("sha256:".to_owned(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// What `tar` says of an archive.
fn tar(args: &[&str], archive: &Path) -> Vec<u8> {
    let told = Command::new("tar").args(args).arg("-f").arg(archive).output().expect("tar can be run");
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
    told.stdout
}

#[test]
fn an_image_holds_the_operator_and_nothing_that_could_start_another_program() {
    let folder = tempfile::tempdir().expect("there is room for a folder");
    let operator = folder.path().join("operator");
    std::fs::write(&operator, "as good as any").expect("it can be written");
    let archive = folder.path().join("image.tar");
    let whole = image(&operator, &archive);
    assert_eq!(whole, image(&operator, &folder.path().join("again.tar")), "the same sources make the same image");

    tar(&["-C", folder.path().to_str().expect("plain letters"), "-x"], &archive);
    let read = |path: &str| std::fs::read(folder.path().join(path)).expect("it is in the layout");
    let blob = |named: &Value| {
        let name = named["digest"].as_str().expect("a digest");
        let bytes = read(&format!("blobs/{}", name.replace(':', "/")));
        assert_eq!((digest(&bytes), json!(bytes.len())), (name.to_owned(), named["size"].clone()));
        bytes
    };
    let parse = |bytes: Vec<u8>| serde_json::from_slice::<Value>(&bytes).expect("it is JSON");
    let index = parse(read("index.json"));
    let manifest = parse(blob(&index["manifests"][0]));
    let config = parse(blob(&manifest["config"]));
    assert_eq!(config["config"]["Entrypoint"], json!(["/sagemaker-operator"]));
    assert_eq!(config["config"]["User"], json!("65532:65532"));

    let layer = folder.path().join("layer.tar.gz");
    std::fs::write(&layer, blob(&manifest["layers"][0])).expect("it can be written");
    let unpacked = Command::new("gzip").args(["-dc"]).arg(&layer).output().expect("gzip can be run").stdout;
    assert_eq!(config["rootfs"]["diff_ids"], json!([digest(&unpacked)]));
    let listed = String::from_utf8(tar(&["-tvz", "--numeric-owner"], &layer)).expect("plain letters");
    let files: Vec<&str> = listed.lines().filter(|line| !line.starts_with('d')).collect();
    let names: Vec<&str> = files.iter().filter_map(|line| line.rsplit(' ').next()).collect();
    assert_eq!(names, ["etc/group", "etc/passwd", "etc/ssl/certs/ca-certificates.crt", "sagemaker-operator"]);
    assert!(files.iter().all(|line| line.contains(" 0/0 ")), "{listed}");
}
