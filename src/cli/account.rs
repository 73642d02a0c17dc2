//! `kaixu account`: the first officer, and the way back in when nobody else can help.

use clap::{Args, Subcommand};

use super::{open, operator, said};
use crate::{
    config::Config,
    domain::{access::Role, review::Duty},
    ops::accounts::{self, NewInvitation},
};

#[derive(Debug, Subcommand)]
pub enum Account {
    /// Invite somebody; prints the one-time address where they choose a password
    Add(AddAccount),
    /// List the accounts
    List,
    /// End an account and its sessions at once
    Disable {
        #[arg(value_name = "LOGIN")]
        login: String,
    },
    /// Take an account's second factor away: a lost phone, and nobody else who could help
    ResetSecondFactor {
        #[arg(value_name = "LOGIN")]
        login: String,
    },
}

#[derive(Debug, Args)]
pub struct AddAccount {
    /// E-mail address or telephone number
    #[arg(long)]
    login: String,
    /// The business contact
    #[arg(long)]
    name: String,
    /// holder, enterprise, office or administrator
    #[arg(long, value_parser = |s: &str| Role::parse(s).ok_or("holder, enterprise, office or administrator"))]
    role: Role,
    /// The organisation that a holder or an enterprise acts for, by USCC or id
    #[arg(long, value_name = "USCC")]
    organisation: Option<String>,
}

impl Account {
    pub async fn run(self, config: &Config) -> anyhow::Result<()> {
        let services = open(config).await?;
        match self {
            Self::Add(new) => {
                let new = NewInvitation {
                    login: new.login,
                    name: new.name,
                    role: new.role,
                    organisation: new.organisation,
                    duty: Duty::Officer,
                };
                let made = said(accounts::invite(&services, &operator(), new).await)?;
                eprintln!(
                    "invitation for {} ({}), good until {}; open this address once:",
                    made.invitation.login.as_str(),
                    made.invitation.role.as_str(),
                    made.invitation.expires_at.in_beijing()
                );
                println!("/invitation/{}", made.token.reveal());
            }
            Self::List => {
                let mut after = String::new();
                loop {
                    let page = said(accounts::list(&services, &operator(), &after, 200).await)?;
                    let Some(last) = page.last() else {
                        return Ok(());
                    };
                    after = last.id.to_string();
                    for account in page {
                        println!(
                            "{}  {}  {}  {}  {}",
                            account.id,
                            account.role.as_str(),
                            account.state.as_str(),
                            account.login.as_str(),
                            account.name
                        );
                    }
                }
            }
            Self::Disable { login } => {
                let account = said(accounts::find(&services, &operator(), &login).await)?;
                said(accounts::disable(&services, &operator(), &account.id).await)?;
                println!("{} disabled", account.login.as_str());
            }
            Self::ResetSecondFactor { login } => {
                let account = said(accounts::find(&services, &operator(), &login).await)?;
                let operator = operator();
                let reset = accounts::second_factor::reset(&services, &operator, &account.id);
                said(reset.await)?;
                println!("{} has no second factor", account.login.as_str());
            }
        }
        Ok(())
    }
}
