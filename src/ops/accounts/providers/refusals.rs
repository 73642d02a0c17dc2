//! Why a provider lets nobody in, in words.

use crate::{ops::Error, remote::oidc::OidcError};

pub(super) fn away(why: &OidcError) -> Error {
    tracing::warn!(%why, "signing in with a provider");
    match why {
        OidcError::Unfit(_) => Error::fault(
            "",
            "tokenRefused",
            "身份提供方的回答未通过校验，请重新登录；如仍不行，请与管理员联系。",
            "What the provider answered did not pass the checks; sign in again, or ask the operator.",
        ),
        OidcError::Away(_) | OidcError::Settings(_) => Error::fault(
            "",
            "providerAway",
            "暂时无法连接身份提供方，请稍后再试，或用密码登录。",
            "The provider cannot be reached; try again later, or sign in with the password.",
        ),
    }
}

pub(super) fn refused() -> Error {
    Error::fault(
        "",
        "providerRefused",
        "身份提供方没有确认您的身份。",
        "The provider did not say who you are.",
    )
}

pub(super) fn too_late() -> Error {
    Error::fault(
        "",
        "signInExpired",
        "这次登录已过时，请重新开始。",
        "This sign-in has expired; begin again.",
    )
}

pub(super) fn unknown() -> Error {
    Error::fault(
        "",
        "identityUnknown",
        "这个身份还没有与账户关联。请先用密码登录，在“登录安全”中关联；没有账户的，请用收到的邀请或先注册。",
        "No account is linked to it. Sign in with the password and link it under “Signing in”; without an account, use \
         your invitation or register first.",
    )
}

pub(super) fn not_for_you() -> Error {
    Error::fault(
        "",
        "providerNotForYou",
        "管理员没有对您的账户开放这种登录方式。",
        "The operator has not opened this way of signing in to your account.",
    )
}

pub(super) fn taken() -> Error {
    Error::fault(
        "",
        "identityTaken",
        "这个身份已与另一个账户关联。",
        "It is linked to another account.",
    )
}
