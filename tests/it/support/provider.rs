//! A provider to sign in with, on loopback: discovery, keys, and an answer to a code whose ID token is what the test says.
//! It checks of us what a provider checks: the client, its secret, where the browser comes back to, and PKCE.

use std::{
    collections::BTreeMap,
    sync::{Arc, LazyLock, Mutex},
};

use axum::{
    Json, Router,
    extract::State,
    http::{HeaderMap, StatusCode},
    routing::{get, post},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use kaixu::{
    domain::provider::{self, Circle, ClaimRule},
    ops::{Services, accounts::providers::Provider as Known},
    remote::{http::Guarded, oidc},
};
use ring::signature::KeyPair as _;
use rsa::{
    pkcs1v15::SigningKey,
    signature::{SignatureEncoding as _, Signer as _},
    traits::PublicKeyParts as _,
};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

pub const BACK: &str = "https://kaixu.test/signin/with/haida";
const CLIENT: &str = "kaixu-test";
const SECRET: &str = "s3cr3t of the client";

/// Keys take a while to make.
static RSA: LazyLock<rsa::RsaPrivateKey> =
    LazyLock::new(|| rsa::RsaPrivateKey::new(&mut rsa::rand_core::OsRng, 2048).expect("a key"));
static ELSE: LazyLock<rsa::RsaPrivateKey> =
    LazyLock::new(|| rsa::RsaPrivateKey::new(&mut rsa::rand_core::OsRng, 2048).expect("a key"));
static EC: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let kind = &ring::signature::ECDSA_P256_SHA256_FIXED_SIGNING;
    let made =
        ring::signature::EcdsaKeyPair::generate_pkcs8(kind, &ring::rand::SystemRandom::new());
    made.expect("a key").as_ref().to_vec()
});

fn ec() -> ring::signature::EcdsaKeyPair {
    let kind = &ring::signature::ECDSA_P256_SHA256_FIXED_SIGNING;
    ring::signature::EcdsaKeyPair::from_pkcs8(kind, &EC, &ring::rand::SystemRandom::new())
        .expect("a key")
}

/// How the next token is signed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Signed {
    #[default]
    Rs256,
    Es256,
    /// A key that is not shown.
    Stranger,
    /// A key that is shown only when asked again.
    Fresh,
    /// `alg: none`, without a signature.
    None,
    /// HMAC with the client's secret.
    Hs256,
    /// A right signature over another text.
    Forged,
}

/// What the next ID token says, over what it says by itself.
#[derive(Clone, Debug, Default)]
pub struct Said {
    pub signed: Signed,
    /// Claims in place of the ordinary ones; `null` leaves one out.
    pub claims: BTreeMap<&'static str, Value>,
}

#[derive(Default)]
struct Inner {
    base: String,
    said: Said,
    /// Seconds since 1970, as the test's clock has it.
    now: i64,
    /// The challenge and the nonce of the browser that was let through.
    challenge: String,
    nonce: String,
    /// The document names another issuer.
    lying: bool,
    /// How often the keys were asked for.
    keys: u32,
}

/// The provider, listening.
#[derive(Clone)]
pub struct Provider(Arc<Mutex<Inner>>);

impl Provider {
    pub async fn start(now: kaixu::domain::time::Instant) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("listens");
        let base = format!("http://{}", listener.local_addr().expect("an address"));
        let provider = Self(Arc::new(Mutex::new(Inner {
            base,
            now: now.micros() / 1_000_000,
            ..Inner::default()
        })));
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(document))
            .route("/keys", get(keys))
            .route("/token", post(token))
            .route(
                "/moved",
                get(|| async { (StatusCode::FOUND, [("location", "/keys")]) }),
            )
            .route("/long", get(|| async { "x".repeat(4 << 20) }))
            .with_state(provider.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        provider
    }

    pub fn base(&self) -> String {
        self.0.lock().expect("inner").base.clone()
    }

    /// What the next token says.
    pub fn says(&self, signed: Signed, claims: &[(&'static str, Value)]) {
        let claims = claims.iter().cloned().collect();
        self.0.lock().expect("inner").said = Said { signed, claims };
    }

    pub fn lies(&self) {
        self.0.lock().expect("inner").lying = true;
    }

    /// The services with this provider as the operator has set it up.
    pub fn known_to(&self, services: &Services, circles: &[Circle]) -> Services {
        self.set_up(services, circles, None, false)
    }

    pub fn set_up(
        &self,
        services: &Services,
        circles: &[Circle],
        rule: Option<ClaimRule>,
        trusts_email: bool,
    ) -> Services {
        let http = Guarded::new(&["127.0.0.1".to_owned()]).expect("a client");
        let settings = oidc::Settings {
            issuer: &self.base(),
            client_id: CLIENT,
            secret: SECRET,
            scopes: &["email".to_owned()],
            back: BACK,
        };
        let known = Known {
            about: provider::Provider {
                name: "haida".into(),
                label: "海大统一认证".into(),
                circles: circles.to_vec(),
                rule,
                trusts_email,
            },
            remote: oidc::Provider::new(http, &settings).expect("fits"),
        };
        Services {
            providers: Arc::new([known]),
            ..services.clone()
        }
    }

    /// Lets the browser through that comes with this address; returns where it is sent back to.
    pub fn let_through(&self, address: &str) -> String {
        let address = url::Url::parse(address).expect("an address");
        let asked: BTreeMap<String, String> = address.query_pairs().into_owned().collect();
        assert_eq!(asked["client_id"], CLIENT);
        assert_eq!(asked["redirect_uri"], BACK);
        assert_eq!(asked["response_type"], "code");
        assert_eq!(asked["code_challenge_method"], "S256");
        assert!(
            asked["scope"].split(' ').any(|s| s == "openid"),
            "{asked:?}"
        );
        let mut inner = self.0.lock().expect("inner");
        inner.challenge.clone_from(&asked["code_challenge"]);
        inner.nonce.clone_from(&asked["nonce"]);
        format!("/signin/with/haida?code=the-code&state={}", asked["state"])
    }
}

async fn document(State(provider): State<Provider>) -> Json<Value> {
    let inner = provider.0.lock().expect("inner");
    let base = &inner.base;
    let issuer = if inner.lying {
        "https://other.test"
    } else {
        base
    };
    Json(json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{base}/authorize"),
        "token_endpoint": format!("{base}/token"),
        "jwks_uri": format!("{base}/keys"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256", "ES256"],
    }))
}

fn rsa_key(key: &rsa::RsaPrivateKey, kid: &str) -> Value {
    let (n, e) = (key.n().to_bytes_be(), key.e().to_bytes_be());
    json!({ "kty": "RSA", "use": "sig", "alg": "RS256", "kid": kid, "n": BASE64.encode(n), "e": BASE64.encode(e) })
}

async fn keys(State(provider): State<Provider>) -> Json<Value> {
    let mut inner = provider.0.lock().expect("inner");
    inner.keys += 1;
    let pair = ec();
    let point = pair.public_key().as_ref();
    let mut all = vec![
        rsa_key(&RSA, "r"),
        json!({
            "kty": "EC", "use": "sig", "alg": "ES256", "kid": "e", "crv": "P-256",
            "x": BASE64.encode(&point[1..33]), "y": BASE64.encode(&point[33..]),
        }),
    ];
    if inner.said.signed == Signed::Fresh && inner.keys > 1 {
        all.push(rsa_key(&ELSE, "new"));
    }
    Json(json!({ "keys": all }))
}

async fn token(
    State(provider): State<Provider>,
    headers: HeaderMap,
    body: String,
) -> Result<Json<Value>, (StatusCode, Json<Value>)> {
    let form: BTreeMap<String, String> = url::form_urlencoded::parse(body.as_bytes())
        .into_owned()
        .collect();
    let inner = provider.0.lock().expect("inner");
    let refused = |code: &str| (StatusCode::BAD_REQUEST, Json(json!({ "error": code })));
    let secret: String = url::form_urlencoded::byte_serialize(SECRET.as_bytes()).collect();
    let basic = base64::engine::general_purpose::STANDARD.encode(format!("{CLIENT}:{secret}"));
    let shown = headers.get("authorization").and_then(|v| v.to_str().ok());
    if shown != Some(format!("Basic {basic}").as_str()) {
        return Err(refused("invalid_client"));
    }
    let verifier = form.get("code_verifier").map_or("", String::as_str);
    let challenge = BASE64.encode(Sha256::digest(verifier.as_bytes()));
    let fits = form.get("code").map(String::as_str) == Some("the-code")
        && form.get("redirect_uri").map(String::as_str) == Some(BACK)
        && challenge == inner.challenge;
    if !fits {
        return Err(refused("invalid_grant"));
    }
    Ok(Json(json!({
        "access_token": "an access token", "token_type": "Bearer", "expires_in": 300, "id_token": id_token(&inner),
    })))
}

fn id_token(inner: &Inner) -> String {
    let mut claims = json!({
        "iss": inner.base, "sub": "20260001", "aud": CLIENT, "nonce": inner.nonce,
        "iat": inner.now, "exp": inner.now + 300,
    });
    for (name, value) in &inner.said.claims {
        let all = claims.as_object_mut().expect("claims");
        if value.is_null() {
            all.remove(*name);
        } else {
            all.insert((*name).to_owned(), value.clone());
        }
    }
    let (algorithm, kid) = match inner.said.signed {
        Signed::Rs256 | Signed::Forged => ("RS256", "r"),
        Signed::Es256 => ("ES256", "e"),
        Signed::Stranger => ("RS256", "unknown"),
        Signed::Fresh => ("RS256", "new"),
        Signed::None => ("none", ""),
        Signed::Hs256 => ("HS256", ""),
    };
    let mut header = json!({ "alg": algorithm, "typ": "JWT" });
    if !kid.is_empty() {
        header["kid"] = kid.into();
    }
    let part = |value: &Value| BASE64.encode(value.to_string());
    let text = format!("{}.{}", part(&header), part(&claims));
    let rs256 = |key: &rsa::RsaPrivateKey, text: &str| {
        SigningKey::<rsa::sha2::Sha256>::new(key.clone())
            .sign(text.as_bytes())
            .to_vec()
    };
    let signature = match inner.said.signed {
        Signed::Rs256 => rs256(&RSA, &text),
        Signed::Stranger | Signed::Fresh => rs256(&ELSE, &text),
        Signed::Forged => rs256(&RSA, &format!("{text} ")),
        Signed::Es256 => {
            let random = ring::rand::SystemRandom::new();
            ec().sign(&random, text.as_bytes())
                .expect("signs")
                .as_ref()
                .to_vec()
        }
        Signed::None => Vec::new(),
        Signed::Hs256 => {
            let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, SECRET.as_bytes());
            ring::hmac::sign(&key, text.as_bytes()).as_ref().to_vec()
        }
    };
    format!("{text}.{}", BASE64.encode(signature))
}
