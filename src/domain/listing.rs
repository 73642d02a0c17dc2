//! A line of an announced list from outside, beside what is declared here. It changes nothing by itself: every difference is
//! taken or rejected by an officer with a reason. A pilot listing (试点, before the statutory regime) is kept apart: it is no
//! declaration and no indicator counts it; its holder may make a draft of it.

use serde::{Deserialize, Serialize};

use super::{
    codes::AppNo,
    declaration::{Declaration, DeclarationState},
    event::{Audience, canonical_json, sha256_hex},
    file::FileRef,
    id::Id,
    merge::Choice,
    party::{Contact, name_key},
    terms::Terms,
    time::Day,
    words::words,
};

words! {
    /// Where a line stands.
    pub enum ListingState {
        /// A holder of ours, and no declaration here.
        Unknown = "unknown", "本平台没有声明", "Not declared here";
        /// It differs from our declaration, and nobody has decided.
        Differing = "differing", "有差异待处理", "Differs, to be decided";
        /// Nothing is left to decide: the announcement can be entered.
        Ready = "ready", "可登记公告", "To be entered";
        /// Our announced declaration says the same, or stands by decision.
        Agreed = "agreed", "一致", "Agrees";
        /// An officer has entered it.
        Entered = "entered", "已登记", "Entered";
        /// 试点信息: no statutory open licence.
        Pilot = "pilot", "试点信息", "Pilot listing";
        /// A draft was made of a pilot listing.
        Converted = "converted", "已转为声明草稿", "Made into a draft";
    }
}

words! {
    /// What of a declaration a list can say otherwise.
    pub enum ListedItem {
        Terms = "terms", "使用费", "Fee";
        Until = "until", "许可期限", "Period";
        /// Its texts are kept beside the record, as all contacts are.
        Contact = "contact", "联系方式", "Contact";
    }
}

/// One thing that the list and our declaration say differently.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ListedDifference)]
pub struct Difference {
    pub item: ListedItem,
    /// What our declaration says; empty for a contact.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub ours: String,
    /// What the list says; empty for a contact.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub theirs: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decision: Option<Decision>,
}

/// What an officer has decided of a difference, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ListedDecision)]
pub struct Decision {
    pub choice: Choice,
    pub reason: String,
    #[schema(value_type = String, format = "date")]
    pub on: Day,
}

/// A line of an announced list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Listing {
    pub id: Id,
    pub number: AppNo,
    /// The holder, where it is registered here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organisation: Option<Id>,
    /// The holder as the list names it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub holder: String,
    /// 开放许可声明编号 or the number of the announcement.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub declaration_number: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = "date")]
    pub announced_on: Option<Day>,
    /// 许可期限 as the list says it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub period_text: String,
    /// Its last day, where the text is certain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = "date")]
    pub until: Option<Day>,
    /// 支付方式、标准 as the list says them.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub terms_text: String,
    /// The same as data, where the text is certain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub terms: Option<Terms>,
    /// 试点: announced before the statutory regime, so no open licence and never counted.
    pub pilot: bool,
    /// The list.
    pub source: FileRef,
    /// The row of the list, as a person sees it.
    pub row: u64,
    /// Our declaration of the patent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub declaration: Option<Id>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub differences: Vec<Difference>,
    pub state: ListingState,
    /// The day on which it was first read here.
    #[schema(value_type = String, format = "date")]
    pub listed_on: Day,
    /// The day on which it was entered or made into a draft.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = "date")]
    pub settled_on: Option<Day>,
}

/// Two contacts, of which the second is the list's.
pub type Contacts<'a> = (Option<&'a Contact>, Option<&'a Contact>);

impl Listing {
    /// By what a line is known again: the patent, and the announcement by its number or else its day.
    pub fn line(&self) -> String {
        let day = self.announced_on.map(|day| day.to_string());
        let announcement = self.declaration_number.clone().or(day);
        format!("{}/{}", self.number, announcement.unwrap_or_default())
    }

    /// Whether both say the same, wherever they stand in their lists.
    pub fn says_the_same(&self, other: &Self) -> bool {
        let said = |l: &Self| {
            (
                l.line(),
                l.organisation.clone(),
                l.holder.clone(),
                l.announced_on,
                (l.period_text.clone(), l.until),
                (l.terms_text.clone(), l.terms.clone()),
                l.pilot,
            )
        };
        said(self) == said(other)
    }

    /// Which of these declarations of the patent the line speaks of: the one of its number, else one that is submitted,
    /// else one announced on its day.
    pub fn meant<'a>(&self, ours: &'a [Declaration]) -> Option<&'a Declaration> {
        let of_number =
            |d: &&Declaration| d.number == self.number && d.state != DeclarationState::Void;
        let known = |d: &&Declaration| {
            d.state.was_announced()
                && self.declaration_number.is_some()
                && d.declaration_number == self.declaration_number
        };
        let party = |d: &&Declaration| {
            self.organisation
                .as_ref()
                .is_none_or(|holder| *holder == d.organisation)
        };
        let submitted = |d: &&Declaration| d.state == DeclarationState::Submitted && party(d);
        let same_day = |d: &&Declaration| {
            d.state.was_announced()
                && self.declaration_number.is_none()
                && d.effective_on == self.announced_on
                && party(d)
        };
        let all = || ours.iter().filter(of_number);
        all()
            .find(known)
            .or_else(|| all().find(submitted))
            .or_else(|| all().find(same_day))
    }

    /// Holds the line against our declaration: what differs, and where it stands. A decision stands while both sides
    /// say what they said.
    pub fn compare(&mut self, ours: Option<&Declaration>, contacts: Contacts<'_>) {
        if self.pilot {
            let settled = self.state == ListingState::Converted;
            self.differences = Vec::new();
            if !settled {
                self.state = ListingState::Pilot;
                self.declaration = None;
            }
            return;
        }
        let before = std::mem::take(&mut self.differences);
        self.declaration = ours.map(|declaration| declaration.id.clone());
        let Some(declaration) = ours else {
            self.state = ListingState::Unknown;
            return;
        };
        self.differences = self.found(declaration, contacts);
        for difference in &mut self.differences {
            let decided = before.iter().find(|known| {
                (known.item, &known.ours, &known.theirs)
                    == (difference.item, &difference.ours, &difference.theirs)
            });
            difference.decision = decided.and_then(|known| known.decision.clone());
        }
        self.state = self.standing(declaration);
    }

    fn found(&self, ours: &Declaration, (here, there): Contacts<'_>) -> Vec<Difference> {
        let mut found = Vec::new();
        let mut differs = |item, ours: String, theirs: String| {
            found.push(Difference {
                item,
                ours,
                theirs,
                decision: None,
            });
        };
        if !self.terms_text.is_empty() && self.terms.as_ref() != Some(&ours.terms) {
            let text = self.terms_text.clone();
            differs(ListedItem::Terms, ours.terms.sentence(), text);
        }
        if !self.period_text.is_empty() && self.until != Some(ours.until) {
            let text = self.period_text.clone();
            differs(ListedItem::Until, ours.until.to_string(), text);
        }
        if there.is_some_and(|there| !is_within(there, here)) {
            differs(ListedItem::Contact, String::new(), String::new());
        }
        found
    }

    fn standing(&self, ours: &Declaration) -> ListingState {
        if self.differences.iter().any(|d| d.decision.is_none()) {
            ListingState::Differing
        } else if !ours.state.was_announced() || self.takes_any() {
            ListingState::Ready
        } else {
            ListingState::Agreed
        }
    }

    /// Was it decided to take what the list says of this?
    pub fn takes(&self, item: ListedItem) -> bool {
        self.differences.iter().any(|difference| {
            let decision = difference.decision.as_ref();
            difference.item == item && decision.is_some_and(|d| d.choice == Choice::Theirs)
        })
    }

    fn takes_any(&self) -> bool {
        ListedItem::ALL.into_iter().any(|item| self.takes(item))
    }

    /// Decides a difference; `None` where there is no such difference.
    #[must_use]
    pub fn decided(
        &self,
        item: ListedItem,
        decision: Decision,
        ours: &Declaration,
    ) -> Option<Self> {
        let mut next = self.clone();
        let mut all = next.differences.iter_mut();
        all.find(|d| d.item == item)?.decision = Some(decision);
        next.state = next.standing(ours);
        Some(next)
    }

    /// Its holder's and the office's; of a holder that is not registered here the office's alone.
    pub fn audience(&self) -> Audience {
        match &self.organisation {
            Some(id) => Audience::Organisation(id.clone()),
            None => Audience::Office,
        }
    }

    /// What nobody could have entered.
    pub fn is_flawed(&self) -> bool {
        let pilot = matches!(self.state, ListingState::Pilot | ListingState::Converted);
        let settled = matches!(self.state, ListingState::Entered | ListingState::Converted);
        let linked = !matches!(self.state, ListingState::Unknown | ListingState::Pilot);
        pilot != self.pilot
            || settled != self.settled_on.is_some()
            || linked != self.declaration.is_some()
            || self.terms.as_ref().is_some_and(|t| t.check().is_err())
    }

    pub fn document_hash(&self) -> String {
        sha256_hex(canonical_json(self).as_bytes())
    }
}

/// Is everything of one contact in the other?
fn is_within(one: &Contact, other: Option<&Contact>) -> bool {
    let empty = Contact::default();
    let other = other.unwrap_or(&empty);
    let pairs = [
        (&one.name, &other.name),
        (&one.telephone, &other.telephone),
        (&one.email, &other.email),
        (&one.address, &other.address),
    ];
    let key = |text: &Option<String>| {
        let folded = text.as_deref().map(name_key).unwrap_or_default();
        folded.replace(['-', '－', '(', ')'], "")
    };
    pairs
        .into_iter()
        .all(|(said, known)| said.is_none() || key(said) == key(known))
}
