//! One OpenID Connect provider: where to send a browser, and who came back. The code flow with PKCE; the ID token's
//! signature, issuer, audience, nonce and time are checked before a word of it is believed, and nothing else is asked.

use std::{sync::Arc, time::Duration};

use base64::Engine as _;
use openidconnect::{
    AccessTokenHash, AuthType, AuthorizationCode, ClaimsVerificationError, ClientId, ClientSecret,
    CsrfToken, EndpointMaybeSet, EndpointNotSet, EndpointSet, HttpRequest, HttpResponse, IssuerUrl,
    Nonce, OAuth2TokenResponse as _, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, Scope,
    SignatureVerificationError,
    core::{
        CoreAuthenticationFlow, CoreClient, CoreClientAuthMethod, CoreIdToken,
        CoreJwsSigningAlgorithm, CoreProviderMetadata, CoreTokenResponse,
    },
};
use serde_json::{Map, Value};

use super::http::{Guarded, HttpError};
use crate::domain::{provider::Person, time::Instant};

/// Documents, keys and tokens are far smaller.
const MOST_BYTES: usize = 1 << 20;
/// The provider's document and keys are asked for again after this, or when a key is unknown.
const KEPT: Duration = Duration::from_mins(10);
/// Signatures with a key that only the provider has.
const ALGORITHMS: [CoreJwsSigningAlgorithm; 8] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
];

type Client = CoreClient<
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// The operator's settings.
pub struct Settings<'a> {
    pub issuer: &'a str,
    pub client_id: &'a str,
    /// Empty: the provider knows us by PKCE alone.
    pub secret: &'a str,
    pub scopes: &'a [String],
    /// Where the browser comes back to.
    pub back: &'a str,
}

/// Why nobody came back. Its text is for the operator's log.
#[derive(Debug, thiserror::Error)]
pub enum OidcError {
    /// The settings do not fit.
    #[error("[[oidc]] {0}")]
    Settings(String),
    /// The provider could not be asked.
    #[error("provider: {0}")]
    Away(String),
    /// It was asked, and what it gave is not to be believed.
    #[error("not believed: {0}")]
    Unfit(String),
}

/// What binds one sign-in to one browser; made of the browser's own secret.
pub struct Attempt<'a> {
    pub state: &'a str,
    pub nonce: &'a str,
    /// PKCE's verifier, 43 to 128 characters.
    pub verifier: &'a str,
}

/// Speaks with one provider. Cheap to clone.
#[derive(Clone)]
pub struct Provider(Arc<Inner>);

struct Inner {
    http: Guarded,
    issuer: IssuerUrl,
    client_id: ClientId,
    secret: Option<ClientSecret>,
    scopes: Vec<Scope>,
    back: RedirectUrl,
    kept: tokio::sync::Mutex<Option<(std::time::Instant, Client)>>,
}

impl std::fmt::Debug for Provider {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Provider").field(&self.0.issuer).finish()
    }
}

impl Provider {
    pub fn new(http: Guarded, settings: &Settings<'_>) -> Result<Self, OidcError> {
        let unfit =
            |what: &str, why: url::ParseError| OidcError::Settings(format!("{what}: {why}"));
        let issuer = IssuerUrl::new(settings.issuer.to_owned()).map_err(|e| unfit("issuer", e))?;
        let back = RedirectUrl::new(settings.back.to_owned()).map_err(|e| unfit("site", e))?;
        let secret = (!settings.secret.is_empty()).then(|| settings.secret.to_owned());
        Ok(Self(Arc::new(Inner {
            http,
            issuer,
            client_id: ClientId::new(settings.client_id.to_owned()),
            secret: secret.map(ClientSecret::new),
            scopes: settings.scopes.iter().cloned().map(Scope::new).collect(),
            back,
            kept: tokio::sync::Mutex::default(),
        })))
    }

    /// Who names the provider in its tokens.
    pub fn issuer(&self) -> &str {
        &self.0.issuer
    }

    /// Where to send the browser.
    pub async fn address(&self, attempt: &Attempt<'_>) -> Result<String, OidcError> {
        let client = self.client(false).await?;
        let verifier = PkceCodeVerifier::new(attempt.verifier.to_owned());
        let state = CsrfToken::new(attempt.state.to_owned());
        let nonce = Nonce::new(attempt.nonce.to_owned());
        let (address, ..) = client
            .authorize_url(
                CoreAuthenticationFlow::AuthorizationCode,
                || state,
                || nonce,
            )
            .add_scopes(self.0.scopes.iter().cloned())
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier))
            .url();
        Ok(address.into())
    }

    /// Who came back with this code.
    pub async fn identify(
        &self,
        code: &str,
        attempt: &Attempt<'_>,
        now: Instant,
    ) -> Result<Person, OidcError> {
        let client = self.client(false).await?;
        let call = |request| ask(self.0.http.clone(), request);
        let answer = client
            .exchange_code(AuthorizationCode::new(code.to_owned()))
            .map_err(|e| OidcError::Unfit(e.to_string()))?
            .set_pkce_verifier(PkceCodeVerifier::new(attempt.verifier.to_owned()))
            .request_async(&call)
            .await
            .map_err(|error| match error {
                openidconnect::RequestTokenError::Request(why) => OidcError::Away(why.to_string()),
                openidconnect::RequestTokenError::ServerResponse(why) => {
                    OidcError::Unfit(format!("the code was refused: {}", why.error()))
                }
                // The answer may hold tokens.
                _ => OidcError::Unfit("the answer to the code cannot be read".into()),
            })?;
        match self.believed(&client, &answer, attempt, now) {
            Err(Doubt::Key) => {
                let client = self.client(true).await?;
                self.believed(&client, &answer, attempt, now)
            }
            outcome => outcome,
        }
        .map_err(|doubt| match doubt {
            Doubt::Key => {
                OidcError::Unfit("signed with a key that the provider does not show".into())
            }
            Doubt::Other(why) => OidcError::Unfit(why),
        })
    }

    /// The person of an answer whose ID token passes every check.
    fn believed(
        &self,
        client: &Client,
        answer: &CoreTokenResponse,
        attempt: &Attempt<'_>,
        now: Instant,
    ) -> Result<Person, Doubt> {
        let token = answer
            .extra_fields()
            .id_token()
            .ok_or_else(|| Doubt::Other("no ID token".into()))?;
        let at = chrono::DateTime::from_timestamp_micros(now.micros()).unwrap_or_default();
        let verifier = client
            .id_token_verifier()
            .set_allowed_algs(ALGORITHMS)
            .set_time_fn(move || at);
        let claims = token.claims(&verifier, &Nonce::new(attempt.nonce.to_owned()))?;
        // Core, 3.1.3.7, 5: a token that was made for another party's use is not for us.
        if claims
            .authorized_party()
            .is_some_and(|party| *party != self.0.client_id)
        {
            return Err(Doubt::Other("made for another party".into()));
        }
        if let Some(expected) = claims.access_token_hash() {
            let unfit = |_| Doubt::Other("the access token's hash cannot be computed".into());
            let key = token.signing_key(&verifier).map_err(|_| Doubt::Key)?;
            let algorithm = token
                .signing_alg()
                .map_err(|_| Doubt::Other("algorithm".into()))?;
            let actual = AccessTokenHash::from_token(answer.access_token(), algorithm, key)
                .map_err(unfit)?;
            if actual != *expected {
                return Err(Doubt::Other("another access token".into()));
            }
        }
        Ok(Person {
            issuer: claims.issuer().to_string(),
            subject: claims.subject().to_string(),
            email: claims.email().map(|email| email.to_string()),
            email_verified: claims.email_verified() == Some(true),
            claims: payload(token)
                .ok_or_else(|| Doubt::Other("the claims cannot be read".into()))?,
        })
    }

    /// Discovery (OpenID Connect Discovery 1.0, 4) and keys, kept for a while.
    async fn client(&self, anew: bool) -> Result<Client, OidcError> {
        let mut kept = self.0.kept.lock().await;
        if let Some((since, client)) = kept.as_ref().filter(|_| !anew)
            && since.elapsed() < KEPT
        {
            return Ok(client.clone());
        }
        let call = |request| ask(self.0.http.clone(), request);
        let document = CoreProviderMetadata::discover_async(self.0.issuer.clone(), &call)
            .await
            .map_err(|error| match error {
                openidconnect::DiscoveryError::Request(why) => OidcError::Away(why.to_string()),
                // It names the other issuer, and no secret.
                other => OidcError::Unfit(other.to_string()),
            })?;
        let by_body = document
            .token_endpoint_auth_methods_supported()
            .is_some_and(|ways| {
                ways.contains(&CoreClientAuthMethod::ClientSecretPost)
                    && !ways.contains(&CoreClientAuthMethod::ClientSecretBasic)
            });
        let mut client = CoreClient::from_provider_metadata(
            document,
            self.0.client_id.clone(),
            self.0.secret.clone(),
        )
        .set_redirect_uri(self.0.back.clone());
        if by_body {
            client = client.set_auth_type(AuthType::RequestBody);
        }
        *kept = Some((std::time::Instant::now(), client.clone()));
        Ok(client)
    }
}

async fn ask(http: Guarded, request: HttpRequest) -> Result<HttpResponse, HttpError> {
    http.send(request, MOST_BYTES).await
}

/// Why an ID token is not believed; an unknown key may be a new one.
enum Doubt {
    Key,
    Other(String),
}

impl From<ClaimsVerificationError> for Doubt {
    fn from(error: ClaimsVerificationError) -> Self {
        match error {
            ClaimsVerificationError::SignatureVerification(
                SignatureVerificationError::NoMatchingKey,
            ) => Self::Key,
            other => Self::Other(other.to_string()),
        }
    }
}

/// All that a token says, once it has been verified.
fn payload(token: &CoreIdToken) -> Option<Map<String, Value>> {
    let text = token.to_string();
    let part = text.split('.').nth(1)?;
    let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD
        .decode(part)
        .ok()?;
    serde_json::from_slice(&bytes).ok()
}
