use std::path::PathBuf;

/// Why keys, certificates or a configuration cannot be used; nothing was connected yet.
///
/// Never repeats the contents of a file.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// A file could not be read or written.
    #[error("{path}: {source}")]
    File {
        /// The file or folder.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// A private key that others than its owner may read or write.
    #[error("{path} has mode {mode:04o}; a private key must be closed to group and others (chmod 600)")]
    KeyReadableByOthers {
        /// The key file.
        path: PathBuf,
        /// The permission bits found.
        mode: u32,
    },
    /// A file larger than any that this crate writes.
    #[error("{path} is larger than {limit} bytes")]
    FileTooLarge {
        /// The file.
        path: PathBuf,
        /// The bound in bytes.
        limit: u64,
    },
    /// PEM or DER that does not parse, or a key that does not fit its certificate.
    #[error("{what} is not usable: {reason}")]
    Malformed {
        /// What was being read.
        what: &'static str,
        /// The rule that was broken.
        reason: String,
    },
    /// A sandbox key, certificate or name where production is configured.
    #[error("{what} belongs to the sandbox, but the configuration says production")]
    SandboxInProduction {
        /// What was being used.
        what: &'static str,
    },
    /// A production key, certificate or name where the sandbox is configured.
    #[error("{what} belongs to production, but the configuration says sandbox")]
    ProductionInSandbox {
        /// What was being used.
        what: &'static str,
    },
    /// A certificate could not be made.
    #[error("making a certificate failed: {0}")]
    Issue(#[from] rcgen::Error),
    /// TLS refused the combination of key, certificate and CA.
    #[error("TLS configuration: {0}")]
    Tls(#[from] rustls::Error),
    /// An address that is not HOST:PORT.
    #[error("an address must be HOST:PORT")]
    Address,
    /// A limit of zero, or one that a library cannot keep.
    #[error("limit {name} is out of range")]
    Limit {
        /// The field's name.
        name: &'static str,
    },
}
