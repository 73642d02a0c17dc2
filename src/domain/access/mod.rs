//! Who asks, and may they: the actor, the roles, the check against the permission table.

mod fields;
mod network;
mod operations;
mod sentences;

use std::collections::BTreeSet;

use super::{
    event::Sight,
    id::Id,
    review::{Reach, Standing, Want},
    words::words,
};
pub use fields::{FIELDS, Shown};
pub use network::{Network, address};
pub use operations::{NARROW, Operation, PERMISSIONS, Permission};

words! {
    /// What an actor is. Later roles are added here and nowhere else.
    pub enum Role {
        /// Nobody signed in.
        Anonymous = "anonymous";
        /// A patent holder (高校、院所、国企), for its own organisation.
        Holder = "holder";
        /// An enterprise (企业) or other taker of licences, for its own organisation.
        Enterprise = "enterprise";
        /// Another platform reading the public data.
        Platform = "platform";
        /// An officer of the district.
        Office = "office";
        /// Runs the installation.
        Administrator = "administrator";
    }
}

words! {
    /// What a key may be used for; a key can do what its role may do within its scopes, never more.
    pub enum Scope {
        /// Search and read.
        Read = "read";
        /// Import and edit stock.
        Register = "register";
        /// Declare, give notice, record payments and filings, upload evidence.
        Trade = "trade";
        /// Keep organisations, confirm holdings, record what happened elsewhere.
        Office = "office";
        /// Make, change, rotate and revoke the organisation's keys.
        Keys = "keys";
    }
}

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    pub role: Role,
    /// Stable text for the audit: `anonymous`, `key:ID`, `cli`, `system`.
    pub name: String,
    /// The organisation that a holder or an enterprise acts for.
    pub organisation: Option<Id>,
    pub scopes: BTreeSet<Scope>,
    /// Among the stock records of its organisation; anything but all of them closes everything else that is the
    /// organisation's own.
    pub reach: Reach,
}

impl Role {
    /// What it can use at all.
    pub fn scopes(self) -> &'static [Scope] {
        match self {
            Self::Anonymous | Self::Platform => &[Scope::Read],
            Self::Holder => &[Scope::Read, Scope::Register, Scope::Trade, Scope::Keys],
            Self::Enterprise => &[Scope::Read, Scope::Trade, Scope::Keys],
            Self::Office | Self::Administrator => &Scope::ALL,
        }
    }

    /// Does it act for an organisation, and see what is that organisation's own?
    pub const fn is_member(self) -> bool {
        matches!(self, Self::Holder | Self::Enterprise)
    }
}

impl Actor {
    pub fn anonymous() -> Self {
        Self {
            role: Role::Anonymous,
            name: "anonymous".into(),
            organisation: None,
            scopes: [Scope::Read].into(),
            reach: Reach::All,
        }
    }

    /// The operator at the command line and the process itself.
    pub fn operator(name: &str) -> Self {
        Self {
            role: Role::Administrator,
            name: name.into(),
            organisation: None,
            scopes: Scope::ALL.into(),
            reach: Reach::All,
        }
    }

    /// Does somebody act for another than their own party?
    pub fn is_delegate(&self) -> bool {
        self.name.contains(" for ")
    }

    /// The account that acts, where it is one.
    pub fn account(&self) -> Option<Id> {
        let id = self.name.strip_prefix("account:")?;
        Id::parse(id.split(' ').next().unwrap_or_default())
    }

    /// Does it have a narrower duty than its organisation's officers?
    pub fn is_narrow(&self) -> bool {
        self.reach != Reach::All
    }

    /// May it say who fills in a record, of some unit at least?
    pub fn may_assign(&self) -> bool {
        !matches!(self.reach, Reach::Assigned(_))
    }

    /// May it do this with a record that stands so, as far as its duty goes?
    pub fn reaches(&self, want: Want, standing: Standing<'_>) -> bool {
        self.reach.may(want, standing)
    }

    /// What it sees of records that only its duty opens; `reaches` then says which of them.
    pub fn sight_within(&self) -> Sight {
        self.whole_sight()
    }

    /// What it sees: with a narrower duty nothing of its organisation's own but what that duty opens.
    pub fn sight(&self) -> Sight {
        if self.is_narrow() {
            return Sight::Public;
        }
        self.whole_sight()
    }

    fn whole_sight(&self) -> Sight {
        match (self.role, &self.organisation) {
            (Role::Office | Role::Administrator, _) => Sight::Office,
            (role, Some(id)) if role.is_member() => Sight::Own(id.clone()),
            _ => Sight::Public,
        }
    }
}

/// Why an actor may not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    #[error("sign in first")]
    Unauthenticated,
    #[error("this key lacks the scope")]
    Scope,
    #[error("this role may not do that")]
    Role,
    #[error("this belongs to another organisation")]
    NotYours,
    #[error("this is not within the account's duty")]
    Duty,
    /// The key is right, and may not be used from there.
    #[error("the key may not be used from this address")]
    Address,
}

impl Denied {
    /// What this role may not do: whoever is nobody yet is asked to sign in.
    pub fn to(actor: &Actor) -> Self {
        if actor.role == Role::Anonymous {
            Self::Unauthenticated
        } else {
            Self::Role
        }
    }
}

/// May `actor` do this to a record of organisation `owner` (`None`: a record that is nobody's)?
pub fn check(actor: &Actor, operation: Operation, owner: Option<&Id>) -> Result<(), Denied> {
    let row = check_role(actor, operation)?;
    let any = row.any.contains(&actor.role);
    if any || (owner.is_some() && actor.organisation.as_ref() == owner) {
        Ok(())
    } else {
        Err(Denied::NotYours)
    }
}

/// May `actor` do this to any record at all? Asked before a record is looked up.
pub fn check_role(actor: &Actor, operation: Operation) -> Result<&'static Permission, Denied> {
    let row = PERMISSIONS
        .iter()
        .find(|row| row.operation == operation)
        .ok_or(Denied::Role)?;
    if !row.any.contains(&actor.role) && !row.own.contains(&actor.role) {
        return Err(Denied::to(actor));
    }
    // What everybody may do stays open; of the organisation's own affairs only the records are.
    let everyones = row.any.contains(&Role::Anonymous);
    if actor.is_narrow() && !everyones && !NARROW.contains(&operation) {
        return Err(Denied::Duty);
    }
    if actor.scopes.contains(&row.scope) {
        Ok(row)
    } else {
        Err(Denied::Scope)
    }
}
