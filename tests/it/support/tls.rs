//! Certificates as cert-manager makes them, in a folder as kubelet mounts a Secret.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use rcgen::{CertifiedKey, KeyPair, generate_simple_self_signed};

use super::https::Trust;

/// A certificate that vouches for itself, and its key.
pub(crate) struct Made {
    name: String,
    pair: CertifiedKey<KeyPair>,
}

impl Made {
    /// One for a server of that name.
    pub(crate) fn of(name: &str) -> Self {
        let pair = generate_simple_self_signed([name.to_owned()]).expect("there is chance enough");
        Self { name: name.to_owned(), pair }
    }

    /// The certificate, in PEM form.
    pub(crate) fn certificate(&self) -> String {
        self.pair.cert.pem()
    }

    /// The key, in PEM form.
    pub(crate) fn key(&self) -> String {
        self.pair.signing_key.serialize_pem()
    }

    /// What a client has to be told that is to take nobody else.
    pub(crate) fn trust(&self) -> Trust {
        Trust::Named(self.name.clone(), self.pair.cert.der().clone())
    }
}

/// A folder with a Secret in it.
pub(crate) struct Mounted {
    folder: tempfile::TempDir,
}

impl Mounted {
    /// With this in it.
    pub(crate) fn with(certificate: &str, key: &str) -> Self {
        let mounted = Self { folder: tempfile::tempdir().expect("there is room") };
        for name in ["tls.crt", "tls.key"] {
            symlink(Path::new("..data").join(name), mounted.path().join(name)).expect("a link can be made");
        }
        mounted.put(certificate, key);
        mounted
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Puts in something else, all at once, as kubelet does: both files lie in a folder that one link names.
    pub(crate) fn put(&self, certificate: &str, key: &str) {
        let new: PathBuf = tempfile::tempdir_in(self.path()).expect("there is room").keep();
        fs::write(new.join("tls.crt"), certificate).expect("a file can be written");
        fs::write(new.join("tls.key"), key).expect("a file can be written");
        let link = self.path().join("..data_tmp");
        symlink(new.file_name().expect("it has a name"), &link).expect("a link can be made");
        fs::rename(link, self.path().join("..data")).expect("a link can be renamed");
    }
}
