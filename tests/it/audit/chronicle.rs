//! The means to make a history through the operations: a clock that is set, people, files, patents, declarations
//! and licences step by step.

use std::path::PathBuf;

use bytes::Bytes;
use futures_util::stream;
use kaixu::{
    domain::{
        access::{Actor, Role, Scope},
        codes::AppNo,
        declaration::Conclusion,
        id::Id,
        licence::{EvidenceKind, Filing, Licence, LicenceState, Verdict},
        money::Fen,
        party::{Contact, Organisation},
        review::Reach,
        terms::Terms,
        time::{Day, Instant},
    },
    ops::{
        Services, Stored,
        declarations::{self, Asked, NewDeclaration, Recorded, Written},
        files::{self, NewFile},
        imports::{FileImport, import_file},
        licences::{self, NewNotice, NewPayment, NewRecord, Proof, Taker},
    },
};
use serde_json::json;

pub use crate::support::process::number as invention;
use crate::support::{World, cards};

pub fn day(text: &str) -> Day {
    text.parse().expect("a day")
}

/// Somebody who acts for an organisation.
pub fn member(role: Role, organisation: &Organisation) -> Actor {
    Actor {
        role,
        name: format!("key:{}", organisation.id),
        organisation: Some(organisation.id.clone()),
        scopes: Scope::ALL.into(),
        reach: Reach::All,
    }
}

pub struct Chronicle {
    pub services: Services,
    pub office: Actor,
    folder: PathBuf,
    files: std::sync::atomic::AtomicU32,
}

impl Chronicle {
    /// Of a world whose clock can be set.
    pub fn of(world: &World) -> Self {
        Self {
            services: world.services.clone(),
            office: Actor::operator("officer"),
            folder: world.folder.path().to_path_buf(),
            files: 0.into(),
        }
    }

    /// Noon of a day.
    pub fn on(&self, text: &str) {
        let noon = Instant::start_of(day(text)).plus_seconds(12 * 3600);
        self.services.clock.set(noon);
    }

    /// Made-up inventions of one owner, or, with the type digit 2, utility models.
    pub async fn stock(&self, holder: &Organisation, numbers: &[&str], more: serde_json::Value) {
        let lines = numbers.iter().map(|number| {
            let mut line = json!({
                "number": number, "title": "网箱清洗装置", "owners": [holder.name], "filingDate": "2020-03-15",
                "grantDate": "2021-09-01", "legalStatus": "专利权维持", "statusAsOf": self.services.clock.today().to_string(),
                "industries": ["C3511"],
            });
            for (name, value) in more.as_object().expect("an object") {
                line[name] = value.clone();
            }
            format!("{line}\n")
        });
        let path = self.folder.join("stock.jsonl");
        std::fs::write(&path, lines.collect::<String>()).expect("writes");
        let asked = FileImport {
            path: &path,
            holder: Some(holder.uscc.as_str()),
            status_as_of: None,
            dry_run: false,
            on_progress: &mut |_| {},
            on_reject: &mut |reject| panic!("{reject:?}"),
            on_look: &mut |_| {},
            said: Vec::new(),
            guesses: false,
        };
        let done = import_file(&self.services, &self.office, asked).await;
        done.expect("imports").expect("is read");
        for number in numbers {
            let number = AppNo::parse(number).expect("a number").0;
            cards::write(&self.services, &holder.id, &number).await;
        }
    }

    /// A document that proves something.
    pub async fn file(&self, actor: &Actor) -> Id {
        let n = self
            .files
            .fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let new = NewFile {
            name: format!("证明 {n}.txt"),
            media_type: "text/plain".into(),
            ..NewFile::default()
        };
        let bytes = Bytes::from(format!("证明材料第 {n} 份"));
        let upload = stream::iter([Ok(bytes)]);
        let file = files::create(&self.services, actor, new, upload).await;
        file.expect("is kept").id
    }

    pub fn written(terms: &Terms, until: &str) -> Written {
        Written {
            terms: terms.clone(),
            until: day(until),
            explanation: "按同类装置的售价估算".into(),
            other: None,
            cap_override: None,
            evaluation: None,
            consents: Vec::new(),
            internal: kaixu::ops::declarations::Steps::default(),
            contact: Some(Contact {
                telephone: Some("0631-5000000".into()),
                ..Contact::default()
            }),
        }
    }

    pub async fn draft(
        &self,
        actor: &Actor,
        holder: &Organisation,
        number: &str,
        written: Written,
    ) -> Id {
        let new = NewDeclaration {
            organisation: Some(holder.id.to_string()),
            number: AppNo::parse(number).expect("a number").0,
            written,
        };
        let made = declarations::create(&self.services, actor, None, new).await;
        made.expect("is drafted").record.record.value.id
    }

    pub async fn record(
        &self,
        holder: &Organisation,
        number: &str,
        written: Written,
        (declaration_number, effective_on): (&str, &str),
        end: Option<(kaixu::domain::declaration::DeclarationState, &str)>,
    ) -> Id {
        let source = self.file(&self.office).await;
        let new = NewDeclaration {
            organisation: Some(holder.id.to_string()),
            number: AppNo::parse(number).expect("a number").0,
            written,
        };
        let recorded = Recorded {
            declaration_number: declaration_number.into(),
            effective_on: day(effective_on),
            source,
            end: end.map(|(state, on)| (state, day(on))),
        };
        let made = declarations::record(&self.services, &self.office, None, new, recorded).await;
        made.expect("is recorded").record.record.value.id
    }

    pub async fn step(&self, id: &Id, asked: Asked) {
        let known = declarations::get(&self.services, &self.office, id).await;
        let version = known.expect("is there").record.version;
        let done = declarations::step(&self.services, &self.office, id, version, asked).await;
        done.expect("the step is taken");
    }

    /// From the draft to the announcement, all on this day.
    pub async fn announce(&self, id: &Id, declaration_number: &str) {
        let today = self.services.clock.today();
        self.step(id, Asked::Ready).await;
        self.step(id, Asked::Submit { on: today }).await;
        let source = self.file(&self.office).await;
        let announced = Asked::Announce {
            declaration_number: declaration_number.into(),
            effective_on: today,
            source,
        };
        self.step(id, announced).await;
    }

    pub async fn evaluation(&self) -> Option<(Id, Conclusion)> {
        Some((self.file(&self.office).await, Conclusion::Positive))
    }

    pub async fn notice(&self, actor: &Actor, declaration: &Id, taker: Option<Taker>) -> Licence {
        let new = NewNotice {
            declaration: declaration.clone(),
            licensee: taker,
            acknowledged: kaixu::domain::eligibility::Block::ALL.into(),
            cross_border: false,
            related: None,
            seen: None,
        };
        let made = licences::create(&self.services, actor, None, new).await;
        made.expect("notice is given").record.value
    }

    pub async fn taken(
        &self,
        declaration: &Id,
        taker: Taker,
        (notice_on, paid_on): (&str, Option<&str>),
        filing: Option<(&str, &str)>,
    ) -> Licence {
        let mut evidence = vec![(EvidenceKind::Notice, self.file(&self.office).await)];
        if paid_on.is_some() {
            evidence.push((EvidenceKind::Voucher, self.file(&self.office).await));
        }
        let new = NewRecord {
            declaration: declaration.clone(),
            licensee: taker,
            notice_on: day(notice_on),
            payments: paid_on.map(|on| (None, day(on))).into_iter().collect(),
            filing: filing.map(|(number, on)| Filing {
                number: number.into(),
                on: day(on),
            }),
            evidence,
            cross_border: false,
        };
        let made = licences::record(&self.services, &self.office, None, new).await;
        made.expect("is recorded").record.value
    }

    pub async fn pay(&self, actor: &Actor, licence: &Licence, yuan: i64, on: &str, proof: Proof) {
        let file = match proof {
            Proof::Voucher => Some(self.file(actor).await),
            Proof::Receipt => None,
        };
        let new = NewPayment {
            amount_fen: Fen::yuan(yuan),
            paid_on: day(on),
            proof,
            file,
        };
        let made = licences::pay(&self.services, actor, None, &licence.id, new).await;
        made.expect("is paid");
    }

    pub async fn licence(&self, licence: &Licence) -> Stored<Licence> {
        let found = licences::get(&self.services, &self.office, &licence.id).await;
        found.expect("is there")
    }

    pub async fn is(&self, licence: &Licence, state: LicenceState) {
        let now = self.licence(licence).await.value;
        assert_eq!(now.state, state, "{now:?}");
    }

    pub async fn answer(&self, licence: &Licence, verdict: Verdict) {
        let version = self.licence(licence).await.version;
        let text = (verdict == Verdict::Disputed).then_some("金额与公告不符");
        let (services, office) = (&self.services, &self.office);
        let done = licences::answer(services, office, &licence.id, version, verdict, text).await;
        done.expect("is answered");
    }

    pub async fn deliver(&self, licence: &Licence, on: &str) {
        let version = self.licence(licence).await.version;
        let proof = self.file(&self.office).await;
        let (services, office) = (&self.services, &self.office);
        let done = licences::deliver(services, office, &licence.id, version, day(on), &proof).await;
        done.expect("is delivered");
    }

    pub async fn filed(&self, licence: &Licence, filing: &str, on: &str) {
        let version = self.licence(licence).await.version;
        let certificate = self.file(&self.office).await;
        let filing = Filing {
            number: filing.into(),
            on: day(on),
        };
        let (services, office) = (&self.services, &self.office);
        let done = licences::file(
            services,
            office,
            &licence.id,
            version,
            &filing,
            Some(&certificate),
        )
        .await;
        done.expect("is filed");
    }
}

/// The number of the `n`th utility model.
pub fn model(n: u32) -> String {
    let body = format!("20202{n:07}");
    AppNo::parse(&body).expect("completes").0.to_string()
}
