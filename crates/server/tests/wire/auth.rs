//! Passwords and TLS.

use crate::fake::FakeEngine;
use crate::{failure, start_with};
use pglitedb_passwords::{ScramVerifier, md5_verifier};
use pglitedb_server::engine::RoleAuth;
use pglitedb_server::net::{AuthMethod, ListenAddress, ServerOptions, load_tls};
use std::sync::Arc;
use tokio_postgres::NoTls;
use tokio_postgres::config::{SslMode, SslNegotiation};
use tokio_postgres_rustls::MakeRustlsConnect;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

fn engine() -> FakeEngine {
    let mut engine = FakeEngine::default();
    let scram = ScramVerifier::new("secret", b"0123456789abcdef", 4096).to_string();
    let md5 = md5_verifier("secret", "bob");
    let role = |password: Option<String>, expired| RoleAuth { password, expired };
    engine.roles.insert("alice".into(), role(Some(scram.clone()), false));
    engine.roles.insert("late".into(), role(Some(scram), true));
    engine.roles.insert("bob".into(), role(Some(md5), false));
    engine.roles.insert("nobody".into(), role(None, false));
    engine
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn passwords() {
    for (auth, bob_can) in [(AuthMethod::Scram, false), (AuthMethod::Md5, true), (AuthMethod::Password, true)]
    {
        let options = ServerOptions { auth, ..ServerOptions::default() };
        let server = start_with(engine(), options).await;
        for (user, password, works) in [
            ("alice", "secret", true),
            ("alice", "wrong", false),
            ("late", "secret", false),
            ("nobody", "secret", false),
            ("unknown", "secret", false),
            ("bob", "secret", bob_can),
            ("bob", "wrong", false),
        ] {
            let mut config = server.config();
            let result = config.user(user).password(password).connect(NoTls).await.map(drop);
            if works {
                result.unwrap_or_else(|error| panic!("{auth:?} {user} {error:?}"));
            } else {
                let text = format!("password authentication failed for user \"{user}\"");
                assert_eq!(failure(result), ("28P01".into(), text));
            }
        }
        assert!(server.config().connect(NoTls).await.is_err());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tls_and_unix_sockets() {
    let directory = std::env::temp_dir().join(format!("pglitedb-wire-{}", std::process::id()));
    std::fs::create_dir_all(&directory).unwrap();
    let certified = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let (cert, key) = (directory.join("cert.pem"), directory.join("key.pem"));
    std::fs::write(&cert, certified.cert.pem()).unwrap();
    std::fs::write(&key, certified.signing_key.serialize_pem()).unwrap();
    assert!(load_tls(&key, &cert).is_err());
    assert!(load_tls(&directory.join("none"), &key).is_err());

    let options = ServerOptions {
        auth: AuthMethod::Scram,
        tls: Some(load_tls(&cert, &key).unwrap()),
        require_tls: true,
        listen: vec![ListenAddress::Unix { directory: directory.clone(), port: 7777 }],
        ..ServerOptions::default()
    };
    let server = start_with(engine(), options).await;
    let mut config = server.config();
    config.password("secret").host("localhost").hostaddr("127.0.0.1".parse().unwrap());
    for negotiation in [SslNegotiation::Postgres, SslNegotiation::Direct] {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_file(&cert).unwrap()).unwrap();
        let mut client = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        client.alpn_protocols = vec![b"postgresql".to_vec()];
        let mut config = tokio_postgres::Config::new();
        config.host("localhost").hostaddr("127.0.0.1".parse().unwrap()).port(server.address.port());
        config.user("alice").password("secret").ssl_mode(SslMode::Require).ssl_negotiation(negotiation);
        let (client, connection) = config.connect(MakeRustlsConnect::new(client)).await.unwrap();
        tokio::spawn(connection);
        assert_eq!(client.query("rows 30000", &[]).await.unwrap().len(), 30_000);
        client.cancel_token();
    }
    assert_eq!(failure(server.config().connect(NoTls).await.map(drop)).0, "28000");

    let mut local = tokio_postgres::Config::new();
    local.host_path(&directory).port(7777).user("anyone");
    let (client, connection) = local.connect(NoTls).await.unwrap();
    tokio::spawn(connection);
    client.simple_query("select 1").await.unwrap();
    server.stop.stop();
    server.task.await.unwrap().unwrap();
    assert!(!directory.join(".s.PGSQL.7777").exists());
    std::fs::remove_dir_all(&directory).unwrap();
}
