//! The demonstration's people: one account per role to sign in with, and those who wait for an officer.

use std::fmt::Write as _;

use super::market::Cast;
use crate::{
    cli::{operator, said},
    domain::{access::Role, codes::Uscc, id::Id, review::Duty},
    ops::{
        Services,
        accounts::{self, NewInvitation, Registrant, Registration},
        organisations,
    },
};

/// Of every account of the demonstration, which is for one's own computer.
const PASSWORD: &str = "kaixu-demo-2026";

/// Makes the accounts and says how to sign in with them.
pub async fn enter(services: &Services, cast: &Cast) -> anyhow::Result<String> {
    let people = [
        ("holder", Role::Holder, Some(&cast.holder), "持有人"),
        (
            "enterprise",
            Role::Enterprise,
            Some(&cast.enterprise),
            "企业",
        ),
        ("office", Role::Office, None, "主管部门"),
    ];
    let mut text = format!("  Sign in / 登录 /signin, 密码 password: {PASSWORD}\n");
    for (name, role, party, title) in people {
        let login = format!("{name}@demo.example");
        invited(services, &login, role, party).await?;
        let of = match party {
            Some(id) => {
                let found = organisations::get(services, &operator(), &id.to_string()).await;
                format!("（{}）", said(found)?.value.name)
            }
            None => String::new(),
        };
        writeln!(text, "    {title} {name}  {login}{of}")?;
    }
    waiting(services, cast).await?;
    Ok(text)
}

async fn invited(
    services: &Services,
    login: &str,
    role: Role,
    party: Option<&Id>,
) -> anyhow::Result<()> {
    let new = NewInvitation {
        login: login.to_owned(),
        name: "演示联系人（虚构）".to_owned(),
        role,
        organisation: party.map(ToString::to_string),
        duty: Duty::Officer,
    };
    let made = said(accounts::invite(services, &operator(), new).await)?;
    said(accounts::accept(services, made.token.reveal(), PASSWORD).await)?;
    Ok(())
}

/// A new enterprise and an individual to be checked, a colleague who asks to act for a registered enterprise, and an
/// invitation that was not answered yet.
async fn waiting(services: &Services, cast: &Cast) -> anyhow::Result<()> {
    let registered =
        said(organisations::get(services, &operator(), &cast.enterprise.to_string()).await)?;
    let enterprise = |uscc: String, name: &str| Registrant::Enterprise {
        uscc,
        organisation: name.to_owned(),
        service_body: false,
        district: "371002".to_owned(),
    };
    let new =
        Uscc::complete("9137100297779999").ok_or_else(|| anyhow::anyhow!("demo enterprise"))?;
    let registrants = [
        (
            enterprise(new.to_string(), "海澄新材料有限公司（虚构）"),
            "new",
        ),
        (
            enterprise(registered.value.uscc.to_string(), &registered.value.name),
            "colleague",
        ),
        (Registrant::Individual, "person"),
    ];
    for (registrant, login) in registrants {
        let registration = Registration {
            registrant,
            name: "演示联系人（虚构）".to_owned(),
            login: format!("{login}@demo.example"),
            password: PASSWORD.to_owned(),
        };
        said(accounts::register(services, registration).await)?;
    }
    let new = NewInvitation {
        login: "invited@demo.example".to_owned(),
        name: "演示联系人（虚构）".to_owned(),
        role: Role::Holder,
        organisation: Some(cast.holder.to_string()),
        duty: Duty::Officer,
    };
    said(accounts::invite(services, &operator(), new).await)?;
    Ok(())
}
