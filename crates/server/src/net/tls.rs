//! Certificates and keys.

use pglitedb_sqlstate::{Result, bail, err};
use std::path::Path;
use std::sync::Arc;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// Protocol name in the TLS handshake, required when a client begins with TLS directly.
pub(crate) const ALPN: &[u8] = b"postgresql";

/// Loads a certificate chain and its private key, both in PEM.
pub fn load_tls(certificates: &Path, key: &Path) -> Result<Arc<ServerConfig>> {
    let cannot_load = |what: &str, path: &Path, why: &dyn std::fmt::Display| {
        err!(CONFIG_FILE_ERROR, "could not load {what} file \"{}\": {why}", path.display())
    };
    let chain = CertificateDer::pem_file_iter(certificates)
        .and_then(|items| items.collect::<std::result::Result<Vec<_>, _>>())
        .map_err(|error| cannot_load("server certificate", certificates, &error))?;
    if chain.is_empty() {
        bail!(CONFIG_FILE_ERROR, "no certificate in file \"{}\"", certificates.display());
    }
    let private_key =
        PrivateKeyDer::from_pem_file(key).map_err(|error| cannot_load("private key", key, &error))?;
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| err!(CONFIG_FILE_ERROR, "could not set up TLS: {error}"))?
        .with_no_client_auth()
        .with_single_cert(chain, private_key)
        .map_err(|error| cannot_load("private key", key, &error))?;
    config.alpn_protocols = vec![ALPN.to_vec()];
    Ok(Arc::new(config))
}
