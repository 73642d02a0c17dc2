//! `kaixu key` and `kaixu organisation`: what an operator sets up before anybody can sign in.

use clap::{Args, Subcommand};

use super::{open, operator, said};
use crate::{
    config::Config,
    domain::{
        access::{Role, Scope},
        codes::Uscc,
        id::Id,
        party::OrganisationKind,
        time::Day,
    },
    ops::{keys, organisations},
};

#[derive(Debug, Subcommand)]
pub enum Key {
    /// Make a key; its secret is shown this once
    Add(AddKey),
    /// List the keys, without their secrets
    List,
    /// End a key at once
    Revoke {
        #[arg(value_name = "ID")]
        id: String,
    },
}

#[derive(Debug, Args)]
pub struct AddKey {
    /// What the key is for
    #[arg(long)]
    name: String,
    /// holder, enterprise, platform, office or administrator
    #[arg(long, value_parser = |s: &str| Role::parse(s).ok_or("holder, enterprise, platform, office or administrator"))]
    role: Role,
    /// The organisation that a holder's or enterprise's key acts for, by USCC or id
    #[arg(long, value_name = "USCC")]
    organisation: Option<String>,
    /// read, register, trade, office or keys; repeatable [default: all that the role can use]
    #[arg(long = "scope", value_parser = |s: &str| Scope::parse(s).ok_or("read, register, trade, office or keys"))]
    scopes: Vec<Scope>,
    /// First day on which it no longer works
    #[arg(long, value_name = "DAY", value_parser = |s: &str| s.parse::<Day>().map_err(|_| "a day such as 2027-01-31"))]
    expires: Option<Day>,
}

impl Key {
    pub async fn run(self, config: &Config) -> anyhow::Result<()> {
        let services = open(config).await?;
        match self {
            Self::Add(new) => {
                let new = keys::NewKey {
                    name: new.name,
                    role: new.role,
                    organisation: new.organisation,
                    scopes: new.scopes,
                    expires_at: new.expires.map(crate::domain::time::Instant::start_of),
                };
                let (key, secret) = said(keys::add(&services, new).await)?;
                eprintln!(
                    "key {} ({}); keep the line below, it is shown only now:",
                    key.id,
                    key.role.as_str()
                );
                println!("{}", secret.reveal());
            }
            Self::List => {
                for key in said(keys::list(&services).await)? {
                    let scopes: Vec<_> = key.scopes.iter().map(|s| s.as_str()).collect();
                    let state = if key.revoked_at.is_some() {
                        "revoked"
                    } else {
                        "active"
                    };
                    let used = key.last_used_at.map_or_else(
                        || "never used".to_owned(),
                        |at| format!("used {}", at.day()),
                    );
                    println!(
                        "{}  {}  {}  {}  {state}  {used}",
                        key.id,
                        key.role.as_str(),
                        scopes.join(","),
                        key.name
                    );
                }
            }
            Self::Revoke { id } => {
                let id = Id::parse(&id).ok_or_else(|| anyhow::anyhow!("{id} is not a key's id"))?;
                let operator = operator();
                let key = said(keys::get(&services, &operator, &id).await)?;
                anyhow::ensure!(key.revoked_at.is_none(), "{id} was revoked before");
                said(keys::revoke(&services, &operator, &id).await)?;
                println!("{id} revoked");
            }
        }
        Ok(())
    }
}

#[derive(Debug, Subcommand)]
pub enum Organisation {
    /// Register an organisation
    Add(AddOrganisation),
    /// List the registered organisations
    List,
}

#[derive(Debug, Args)]
pub struct AddOrganisation {
    /// 统一社会信用代码
    #[arg(long, value_parser = |s: &str| Uscc::parse(s).map_err(|e| e.to_string()))]
    uscc: Uscc,
    #[arg(long)]
    name: String,
    /// Former or other registered name; repeatable
    #[arg(long = "alias")]
    aliases: Vec<String>,
    /// university, institute, stateOwnedEnterprise, enterprise, serviceBody or government
    #[arg(long, value_parser = |s: &str| OrganisationKind::parse(s).ok_or("university, institute, stateOwnedEnterprise, enterprise, serviceBody or government"))]
    kind: OrganisationKind,
    /// GB/T 2260 division by which it is counted
    #[arg(long, default_value = "371002")]
    district: String,
    /// Town or street (镇街) within the district, nine digits
    #[arg(long)]
    town: Option<String>,
}

impl Organisation {
    pub async fn run(self, config: &Config) -> anyhow::Result<()> {
        let services = open(config).await?;
        match self {
            Self::Add(new) => {
                let new = organisations::NewOrganisation {
                    uscc: new.uscc,
                    name: new.name,
                    aliases: new.aliases,
                    kind: new.kind,
                    district: new.district,
                    town: new.town,
                    fictional: false,
                };
                let made = said(organisations::create(&services, &operator(), None, new).await)?;
                println!("{}", made.record.value.id);
            }
            Self::List => {
                let mut after = None;
                loop {
                    let (page, _) = said(
                        organisations::list(&services, &operator(), None, after.as_deref(), 200)
                            .await,
                    )?;
                    let Some(last) = page.last() else {
                        return Ok(());
                    };
                    after = Some(last.value.uscc.to_string());
                    for o in page {
                        println!(
                            "{}  {}  {}  {}",
                            o.value.uscc,
                            o.value.district,
                            o.value.kind.as_str(),
                            o.value.name
                        );
                    }
                }
            }
        }
        Ok(())
    }
}
