//! Licences: notice, delivery, payment, the patentee's word, filing; and what was taken before or elsewhere,
//! recorded with its days and evidence. Nothing here lets a patentee accept, refuse or reprice.

pub use crate::store::licences::Filter as LicenceFilter;

use super::{
    Error, Fault, Result, Services,
    announce::announce,
    asked::Sides,
    declarations::sentence,
    files,
    idempotency::Key,
    inbox, letter,
    organisations::{self, Created},
    performances,
    watch::Dossiers,
};
use crate::{
    domain::{
        access::{self, Actor, Denied, Operation},
        declaration::Declaration,
        eligibility::{Block, Finding},
        file::FileRef,
        id::Id,
        licence::{
            Evidence, EvidenceKind, Filing, Licence, LicenceState, Licensee, Notice, Payment,
            Taken, Verdict,
        },
        money::Fen,
        party::{Individual, Organisation},
        text::Text,
        time::Day,
    },
    store::{Stored, Tx, contacts, declarations, keys, licences, organisations as parties},
};

/// Who takes a licence.
#[derive(Clone, Debug)]
pub enum Taker {
    /// Id or USCC.
    Organisation(String),
    Individual {
        name: String,
        contact: String,
    },
}

/// A notice to be given.
#[derive(Clone, Debug)]
pub struct NewNotice {
    pub declaration: Id,
    /// `None`: the caller's own organisation.
    pub licensee: Option<Taker>,
    pub acknowledged: Vec<Block>,
    pub cross_border: bool,
    /// Whether the licensee belongs together with the patentee, where it says so.
    pub related: Option<bool>,
    /// The version of the declaration that was read, where the caller says so: another one is refused as stale.
    pub seen: Option<i64>,
}

/// A licence taken elsewhere; evidence by file ids.
#[derive(Clone, Debug)]
pub struct NewRecord {
    pub declaration: Id,
    pub licensee: Taker,
    pub notice_on: Day,
    /// Amount and day; without an amount, what is announced as due at the start.
    pub payments: Vec<(Option<Fen>, Day)>,
    pub filing: Option<Filing>,
    pub evidence: Vec<(EvidenceKind, Id)>,
    pub cross_border: bool,
}

/// Who proves a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// 支付凭证, the payer's
    Voucher,
    /// 收款凭证, the patentee's
    Receipt,
}

/// A payment to be recorded.
#[derive(Clone, Debug)]
pub struct NewPayment {
    pub amount_fen: Fen,
    pub paid_on: Day,
    pub proof: Proof,
    /// Required for a voucher; the patentee's receipt is written here when it has none.
    pub file: Option<Id>,
}

/// Gives notice on an announced declaration: the text is written, stamped, hashed and kept.
pub async fn create(
    services: &Services,
    actor: &Actor,
    key: Option<&Key>,
    new: NewNotice,
) -> Result<Created<Stored<Licence>>> {
    access::check_role(actor, Operation::CreateLicence)?;
    let mut tx = services.write(actor).await?;
    if let Some(repeated) = repeated(&mut tx, key).await? {
        return Ok(repeated);
    }
    let (licensee, name) = licensee(
        services,
        &mut tx,
        actor,
        Operation::CreateLicence,
        new.licensee,
    )
    .await?;
    let declaration = offered(&mut tx, actor, &new.declaration).await?;
    if let Some(current) =
        Some(declaration.version).filter(|now| new.seen.is_some_and(|seen| seen != *now))
    {
        return Err(Error::Stale { current });
    }
    let declaration = declaration.value;
    refuse_second(&mut tx, &declaration, &licensee).await?;
    let today = tx.now().day();
    let findings = risks(services, &mut tx, &declaration, today).await?;
    let given_at = tx.now().rfc3339();
    let text = letter::notice(
        &declaration,
        &name.party(),
        &tx.now().in_beijing(),
        &new.acknowledged,
    );
    let file_name = format!("许可通知-{}.txt", declaration.number);
    // A file belongs to an organisation; the office keeps an individual's, who reads it all the same.
    let readers = [declaration.organisation.clone(), licensee.id().clone()];
    let owner = licensee.organisation();
    let text =
        files::write_text(&mut tx, services, &file_name, &text, owner, &readers, actor).await?;
    let now = tx.now();
    let reaches_holder = keys::has_member(&mut tx, &declaration.organisation, now).await?;
    let notice = Notice {
        id: services.ids.next(now),
        licensee,
        given_at,
        reaches_holder,
        acknowledged: new.acknowledged,
        cross_border: new.cross_border || name.is_abroad(),
        text,
    };
    let licence = Licence::noticed(notice, &declaration, &findings, today, &services.rules)?;
    let record = insert(services, &mut tx, actor, licence).await?;
    if let Some(related) = new.related {
        performances::state_in(services, &mut tx, actor, &record.value, related).await?;
    }
    kept(tx, key, record).await
}

/// The standing blocks and the doubts of a declaration's patent on a day, which a licensee must acknowledge.
pub(super) async fn risks(
    services: &Services,
    tx: &mut Tx,
    declaration: &Declaration,
    today: Day,
) -> Result<Vec<Finding>> {
    let wanted = [(declaration.organisation.clone(), declaration.number.clone())];
    let dossiers = Dossiers::load(tx, &wanted).await?;
    let case = dossiers
        .case(&declaration.organisation, &declaration.number)
        .ok_or(Error::NotFound("declaration"))?;
    let mut findings = case.standing(today);
    findings.extend(case.doubts(today, &services.rules));
    Ok(findings)
}

/// Enters a licence that was taken elsewhere.
pub async fn record(
    services: &Services,
    actor: &Actor,
    key: Option<&Key>,
    new: NewRecord,
) -> Result<Created<Stored<Licence>>> {
    access::check_role(actor, Operation::RecordLicence)?;
    let mut tx = services.write(actor).await?;
    if let Some(repeated) = repeated(&mut tx, key).await? {
        return Ok(repeated);
    }
    let operation = Operation::RecordLicence;
    let licence = record_in(services, &mut tx, actor, operation, new).await?;
    created(services, tx, actor, key, licence).await
}

/// The same inside a transaction, for lists, as the operation that is performed; not stored yet.
pub(super) async fn record_in(
    services: &Services,
    tx: &mut Tx,
    actor: &Actor,
    operation: Operation,
    new: NewRecord,
) -> Result<Licence> {
    let declaration = offered(tx, actor, &new.declaration).await?.value;
    access::check(actor, operation, Some(&declaration.organisation))?;
    let mut cross_border = new.cross_border;
    let licensee = match new.licensee {
        Taker::Organisation(reference) => {
            let found = organisations::find(tx, &reference).await?;
            let found = found
                .ok_or_else(|| unknown("/licensee/organisation"))?
                .value;
            cross_border |= is_abroad(&found);
            Licensee::Organisation(found.id)
        }
        Taker::Individual { name, contact } => individual(services, tx, &name, &contact).await?.0,
    };
    refuse_second(tx, &declaration, &licensee).await?;
    let due = declaration.terms.due_at_start();
    let mut evidence = Vec::with_capacity(new.evidence.len());
    for (place, (kind, file)) in new.evidence.into_iter().enumerate() {
        let pointer = format!("/evidence/{place}/file");
        let file = files::cite(tx, actor, &file, &pointer).await?;
        evidence.push(Evidence { kind, file });
    }
    let payments = new.payments.into_iter().map(|(amount, paid_on)| Payment {
        amount_fen: amount.unwrap_or(due),
        paid_on,
    });
    let taken = Taken {
        id: services.ids.next(tx.now()),
        licensee,
        notice_on: new.notice_on,
        payments: payments
            .filter(|payment| due > Fen::ZERO || payment.amount_fen > Fen::ZERO)
            .collect(),
        filing: new.filing,
        evidence,
        cross_border,
    };
    let today = tx.now().day();
    let mut licence = Licence::recorded(taken, &declaration, today, &services.rules)?;
    licence.recorder = Some(actor.role);
    Ok(licence)
}

/// Stores a licence in its transaction, and lets both sides read its evidence.
pub(super) async fn insert(
    services: &Services,
    tx: &mut Tx,
    actor: &Actor,
    licence: Licence,
) -> Result<Stored<Licence>> {
    let record = licences::insert(tx, licence).await?;
    for evidence in &record.value.evidence {
        share(tx, &record.value, &evidence.file).await?;
    }
    announce(tx, None, &record);
    inbox::licence(tx, services, inbox::acting(actor), None, &record.value).await?;
    performances::follow(tx, services, &record.value).await?;
    Ok(record)
}

/// Adds to a recorded licence the evidence and the filing that it lacks; `None` where it lacks nothing.
pub(super) async fn complete_in(
    services: &Services,
    tx: &mut Tx,
    current: &Stored<Licence>,
    filing: Option<&Filing>,
    evidence: Vec<Evidence>,
) -> Result<Option<Stored<Licence>>> {
    let next = current.value.completed(filing, evidence, tx.now().day())?;
    if next == current.value {
        return Ok(None);
    }
    for evidence in next.evidence.iter().skip(current.value.evidence.len()) {
        share(tx, &next, &evidence.file).await?;
    }
    let record = licences::update(tx, next, current.version).await?;
    announce(tx, Some(&current.value), &record);
    performances::follow(tx, services, &record.value).await?;
    Ok(Some(record))
}

/// Records that the letter has reached the patentee.
pub async fn deliver(
    services: &Services,
    actor: &Actor,
    id: &Id,
    expected: i64,
    on: Day,
    proof: &Id,
) -> Result<Stored<Licence>> {
    let (mut tx, current, declaration) = open(
        services,
        actor,
        Operation::DeliverNotice,
        id,
        Some(expected),
    )
    .await?;
    let proof = files::cite(&mut tx, actor, proof, "/file").await?;
    let today = tx.now().day();
    let next = current
        .value
        .delivered(on, proof, &declaration, today, &services.rules)?;
    put(services, tx, actor, current, next).await
}

/// Records a payment with the payer's voucher or the patentee's receipt.
pub async fn pay(
    services: &Services,
    actor: &Actor,
    key: Option<&Key>,
    id: &Id,
    new: NewPayment,
) -> Result<Created<Stored<Licence>>> {
    let (mut tx, current, declaration) =
        open(services, actor, Operation::AddPayment, id, None).await?;
    if let Some(repeated) = repeated(&mut tx, key).await? {
        return Ok(repeated);
    }
    let value = &current.value;
    let today = tx.now().day();
    let payment = Payment {
        amount_fen: new.amount_fen,
        paid_on: new.paid_on,
    };
    check_proof(actor, value, new.proof)?;
    let file = match (&new.file, new.proof) {
        (Some(file), _) => files::cite(&mut tx, actor, file, "/file").await?,
        (None, Proof::Voucher) => {
            return Err(Error::fault(
                "/file",
                "voucherMissing",
                "请先用 POST /v1/files 上传支付凭证，再填写文件编号。",
                "Upload the voucher with POST /v1/files first and give its id.",
            ));
        }
        (None, Proof::Receipt) => receipt(services, &mut tx, actor, value, &payment).await?,
    };
    let kind = match new.proof {
        Proof::Voucher => EvidenceKind::Voucher,
        Proof::Receipt => EvidenceKind::Receipt,
    };
    let next = value.paid(
        payment,
        Evidence { kind, file },
        &declaration,
        today,
        &services.rules,
    )?;
    if let Some(key) = key {
        key.keep(&mut tx, id).await?;
    }
    Ok(Created {
        record: put(services, tx, actor, current, next).await?,
        repeated: false,
    })
}

/// A voucher is the payer's, a receipt the patentee's; an officer records either.
fn check_proof(actor: &Actor, licence: &Licence, proof: Proof) -> Result<()> {
    let Some(own) = actor
        .organisation
        .as_ref()
        .filter(|_| actor.role.is_member())
    else {
        return Ok(());
    };
    let fits = match proof {
        Proof::Voucher => licence.licensee.id() == own,
        Proof::Receipt => licence.holder == *own,
    };
    if fits {
        return Ok(());
    }
    Err(Error::fault(
        "/proof",
        "proofNotYours",
        "支付凭证由被许可人提交，收款凭证由专利权人提交。",
        "A voucher comes from the licensee, a receipt from the patentee.",
    ))
}

/// 使用费为零，支付方式无偿: what is filed with a free licence.
async fn free_statement(
    services: &Services,
    tx: &mut Tx,
    actor: &Actor,
    licence: &Licence,
) -> Result<FileRef> {
    let holder = parties::find(tx, &licence.holder)
        .await?
        .ok_or_else(|| Error::Internal("a licence without holder".into()))?;
    let name = licensee_name(tx, licence).await?;
    let text = letter::free_statement(&holder.value, licence, &name);
    let file_name = format!("使用费为零声明-{}.txt", licence.number);
    let owner = Some(&licence.holder);
    files::write_text(tx, services, &file_name, &text, owner, &[], actor).await
}

async fn licensee_name(tx: &mut Tx, licence: &Licence) -> Result<String> {
    let name = match &licence.licensee {
        Licensee::Organisation(id) => parties::find(tx, id).await?.map(|party| party.value.name),
        Licensee::Individual(id) => contacts::find_individual(tx, id)
            .await?
            .map(|person| person.name),
    };
    Ok(name.unwrap_or_default())
}

async fn receipt(
    services: &Services,
    tx: &mut Tx,
    actor: &Actor,
    licence: &Licence,
    payment: &Payment,
) -> Result<FileRef> {
    let holder = parties::find(tx, &licence.holder)
        .await?
        .ok_or_else(|| Error::Internal("a licence without holder".into()))?;
    let name = licensee_name(tx, licence).await?;
    let text = letter::receipt(&holder.value, &licence.number, &name, payment);
    let file_name = format!("收款确认-{}.txt", licence.number);
    files::write_text(
        tx,
        services,
        &file_name,
        &text,
        Some(&licence.holder),
        &[],
        actor,
    )
    .await
}

/// The patentee confirms or disputes. A dispute is stated; neither changes the effect.
pub async fn answer(
    services: &Services,
    actor: &Actor,
    id: &Id,
    expected: i64,
    verdict: Verdict,
    statement: Option<&str>,
) -> Result<Stored<Licence>> {
    let (mut tx, current, _) = open(
        services,
        actor,
        Operation::AnswerLicence,
        id,
        Some(expected),
    )
    .await?;
    let statement = match (verdict, statement) {
        (Verdict::Disputed, text) => {
            let text = sentence("/statement", text.unwrap_or_default())?;
            let name = format!("异议-{}.txt", current.value.number);
            let owner = Some(&current.value.holder);
            Some(files::write_text(&mut tx, services, &name, &text, owner, &[], actor).await?)
        }
        (Verdict::Confirmed, _) => None,
    };
    let today = tx.now().day();
    let next = current.value.answered(verdict, statement, today)?;
    put(services, tx, actor, current, next).await
}

/// Records the filing (备案); either side may.
pub async fn file(
    services: &Services,
    actor: &Actor,
    id: &Id,
    expected: i64,
    filing: &Filing,
    certificate: Option<&Id>,
) -> Result<Stored<Licence>> {
    let (mut tx, current, _) =
        open(services, actor, Operation::FileLicence, id, Some(expected)).await?;
    let certificate = match certificate {
        Some(file) => Some(files::cite(&mut tx, actor, file, "/file").await?),
        None => None,
    };
    let today = tx.now().day();
    let mut next = current.value.filed(filing, certificate, today)?;
    let stated = |e: &Evidence| e.kind == EvidenceKind::FreeStatement;
    // Where nothing is due there is no voucher to file; the statement stands in its place.
    if next.terms.is_free() && !next.evidence.iter().any(stated) {
        let file = free_statement(services, &mut tx, actor, &next).await?;
        next.evidence.push(Evidence {
            kind: EvidenceKind::FreeStatement,
            file,
        });
    }
    put(services, tx, actor, current, next).await
}

/// Strikes a record that was entered by mistake.
pub async fn annul(
    services: &Services,
    actor: &Actor,
    id: &Id,
    expected: i64,
    reason: &str,
) -> Result<Stored<Licence>> {
    let (tx, current, _) =
        open(services, actor, Operation::AnnulLicence, id, Some(expected)).await?;
    let next = current.value.annulled(&sentence("/reason", reason)?)?;
    put(services, tx, actor, current, next).await
}

/// One licence, if the caller may see it.
pub async fn get(services: &Services, actor: &Actor, id: &Id) -> Result<Stored<Licence>> {
    access::check(actor, Operation::GetLicence, None)?;
    let mut tx = services.read().await?;
    let found = licences::find(&mut tx, id)
        .await?
        .ok_or(Error::NotFound("licence"))?;
    visible(actor, found)
}

/// A page in id order of what the caller may see, and the exact total.
pub async fn list(
    services: &Services,
    actor: &Actor,
    sides: &Sides,
    filter: LicenceFilter,
    after: Option<&str>,
    limit: usize,
) -> Result<(Vec<Stored<Licence>>, i64)> {
    access::check(actor, Operation::ListLicences, None)?;
    let filter = sided(services, sides, filter).await?;
    let sight = actor.sight();
    let mut tx = services.read().await?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    Ok((
        licences::page(&mut tx, &sight, &filter, after, limit).await?,
        licences::count(&mut tx, &sight, &filter).await?,
    ))
}

/// The filter with the sides that are named.
pub(super) async fn sided(
    services: &Services,
    sides: &Sides,
    mut filter: LicenceFilter,
) -> Result<LicenceFilter> {
    for (reference, pointer, side) in [
        (&sides.holder, "?holder", &mut filter.holder),
        (&sides.licensee, "?licensee", &mut filter.licensee),
        (&sides.party, "?party", &mut filter.side),
    ] {
        if let Some(reference) = reference {
            *side = Some(organisations::named(services, reference, pointer).await?);
        }
    }
    Ok(filter)
}

/// A name for a letter.
enum Named {
    Organisation(Organisation),
    Individual(Individual),
}

impl Named {
    fn party(&self) -> letter::Party<'_> {
        match self {
            Self::Organisation(party) => letter::Party {
                name: &party.name,
                uscc: Some(party.uscc.as_str()),
                contact: None,
            },
            Self::Individual(person) => letter::Party {
                name: &person.name,
                uscc: None,
                contact: Some(&person.contact),
            },
        }
    }
}

impl Named {
    /// Seated in Hong Kong, Macao or Taiwan, by its district.
    fn is_abroad(&self) -> bool {
        matches!(self, Self::Organisation(party) if is_abroad(party))
    }
}

/// Outside the mainland, where 技术进出口管理条例 applies.
fn is_abroad(party: &Organisation) -> bool {
    ["71", "81", "82"]
        .iter()
        .any(|region| party.district.starts_with(region))
}

/// Who takes the licence, if this actor may speak for it: a member for its organisation, an officer for anybody who
/// has handed in a notice.
async fn licensee(
    services: &Services,
    tx: &mut Tx,
    actor: &Actor,
    operation: Operation,
    asked: Option<Taker>,
) -> Result<(Licensee, Named)> {
    let reference = match (asked, &actor.organisation) {
        (Some(Taker::Individual { name, contact }), _) => {
            access::check(actor, operation, None)?;
            let (licensee, person) = individual(services, tx, &name, &contact).await?;
            return Ok((licensee, Named::Individual(person)));
        }
        (Some(Taker::Organisation(reference)), _) => reference,
        (None, Some(own)) => {
            if let Some(person) = contacts::find_individual(tx, own).await? {
                access::check(actor, operation, Some(own))?;
                check_verified(actor, person.verified)?;
                return Ok((Licensee::Individual(own.clone()), Named::Individual(person)));
            }
            own.to_string()
        }
        (None, None) => {
            return Err(Error::fault(
                "/licensee",
                "licenseeRequired",
                "请填写被许可人。",
                "Name the licensee.",
            ));
        }
    };
    let party = organisations::find(tx, &reference)
        .await?
        .ok_or_else(|| unknown("/licensee/organisation"))?
        .value;
    access::check(actor, operation, Some(&party.id))?;
    check_verified(actor, !party.unverified)?;
    Ok((
        Licensee::Organisation(party.id.clone()),
        Named::Organisation(party),
    ))
}

/// Whoever registered itself is checked before it binds itself; an officer has looked at what was handed in.
fn check_verified(actor: &Actor, verified: bool) -> Result<()> {
    if verified || inbox::is_office(actor) {
        return Ok(());
    }
    let mut fault = Fault::new(
        "/licensee",
        "partyUnverified",
        "您的主体身份尚未核验，暂不能发出许可通知。",
        "You have not been verified yet and may give no notice.",
    );
    fault.cure = Some(Box::new(Text::new(
        "请在“账户”页上传营业执照，或请主管部门核验；在此之前可以检索、提出需求和起草。",
        "Upload the business licence on the account page, or ask the office for a check; until then you can search, \
         state needs and draft.",
    )));
    Err(Error::Unverified(fault))
}

async fn individual(
    services: &Services,
    tx: &mut Tx,
    name: &str,
    contact: &str,
) -> Result<(Licensee, Individual)> {
    let parts = [
        ("/licensee/individual/name", name),
        ("/licensee/individual/contact", contact),
    ];
    for (pointer, text) in parts {
        if !(1..=200).contains(&text.trim().chars().count()) || text.chars().any(char::is_control) {
            return Err(Error::fault(
                pointer,
                "textLength",
                "请填写 1 至 200 字。",
                "Give 1 to 200 characters.",
            ));
        }
    }
    let (name, contact) = (name.trim(), contact.trim());
    let known = contacts::find_same_individual(tx, name, contact).await?;
    let person = Individual {
        id: known.clone().unwrap_or_else(|| services.ids.next(tx.now())),
        name: name.to_owned(),
        contact: contact.to_owned(),
        verified: true,
    };
    if known.is_none() {
        let now = tx.now();
        contacts::add_individual(tx, &person, now).await?;
    }
    Ok((Licensee::Individual(person.id.clone()), person))
}

fn unknown(pointer: &str) -> Error {
    Error::fault(
        pointer,
        "unknownOrganisation",
        "没有登记这个单位，请先登记或核对统一社会信用代码。",
        "No such organisation is registered; register it or check the code.",
    )
}

/// The declaration under which a licence is taken; whoever may not see it learns nothing of it.
async fn offered(tx: &mut Tx, actor: &Actor, id: &Id) -> Result<Stored<Declaration>> {
    let found = declarations::find(tx, id).await?;
    found
        .filter(|declaration| actor.sight().sees(&declaration.value.audience()))
        .ok_or_else(|| {
            Error::fault(
                "/declaration",
                "declarationUnknown",
                "没有这份声明，请核对编号。",
                "There is no such declaration; check the id.",
            )
        })
}

/// One licensee, one licence under a declaration.
async fn refuse_second(tx: &mut Tx, declaration: &Declaration, licensee: &Licensee) -> Result<()> {
    let known = licences::list_by_declaration(tx, &declaration.id).await?;
    let stands = |licence: &Licence| {
        licence.licensee == *licensee
            && matches!(
                licence.state,
                LicenceState::Pending | LicenceState::Effective
            )
    };
    if known.iter().any(|licence| stands(&licence.value)) {
        return Err(Error::Exists("licence"));
    }
    Ok(())
}

/// Opens the writing transaction on a licence that this caller, as one of its sides or as an officer, may change.
async fn open(
    services: &Services,
    actor: &Actor,
    operation: Operation,
    id: &Id,
    expected: Option<i64>,
) -> Result<(Tx, Stored<Licence>, Declaration)> {
    access::check_role(actor, operation)?;
    let mut tx = services.write(actor).await?;
    let found = licences::find(&mut tx, id)
        .await?
        .ok_or(Error::NotFound("licence"))?;
    let current = visible(actor, found)?;
    may_change(actor, operation, &current.value)?;
    if expected.is_some_and(|expected| expected != current.version) {
        return Err(Error::Stale {
            current: current.version,
        });
    }
    let declaration = declarations::find(&mut tx, &current.value.declaration)
        .await?
        .ok_or_else(|| Error::Internal(format!("licence {id} without declaration")))?;
    Ok((tx, current, declaration.value))
}

/// Either side, where the operation is open to both; the patentee's word is the patentee's alone.
fn may_change(actor: &Actor, operation: Operation, licence: &Licence) -> Result<()> {
    let as_holder = access::check(actor, operation, Some(&licence.holder));
    let other = Some(licence.licensee.id()).filter(|_| operation != Operation::AnswerLicence);
    let as_licensee = other.map_or(Err(Denied::NotYours), |id| {
        access::check(actor, operation, Some(id))
    });
    Ok(as_holder.or(as_licensee)?)
}

async fn put(
    services: &Services,
    mut tx: Tx,
    actor: &Actor,
    current: Stored<Licence>,
    next: Licence,
) -> Result<Stored<Licence>> {
    if next == current.value {
        return Ok(current);
    }
    for evidence in next.evidence.iter().skip(current.value.evidence.len()) {
        share(&mut tx, &next, &evidence.file).await?;
    }
    let record = licences::update(&mut tx, next, current.version).await?;
    announce(&mut tx, Some(&current.value), &record);
    let acting = inbox::acting(actor);
    inbox::licence(
        &mut tx,
        services,
        acting,
        Some(&current.value),
        &record.value,
    )
    .await?;
    performances::follow(&mut tx, services, &record.value).await?;
    tx.commit().await?;
    Ok(record)
}

/// Both sides may read what proves their licence.
async fn share(tx: &mut Tx, licence: &Licence, file: &FileRef) -> Result<()> {
    let mut sides = vec![licence.holder.clone()];
    sides.push(licence.licensee.id().clone());
    files::share(tx, &file.id, &sides).await
}

/// A record that the reader may not see does not exist for it.
fn visible(actor: &Actor, found: Stored<Licence>) -> Result<Stored<Licence>> {
    let sight = actor.sight();
    if found
        .value
        .audiences()
        .iter()
        .any(|audience| sight.sees(audience))
    {
        Ok(found)
    } else {
        Err(Error::NotFound("licence"))
    }
}

async fn repeated(tx: &mut Tx, key: Option<&Key>) -> Result<Option<Created<Stored<Licence>>>> {
    let Some(key) = key else { return Ok(None) };
    let Some(id) = key.created(tx).await? else {
        return Ok(None);
    };
    let record = licences::find(tx, &id)
        .await?
        .ok_or(Error::NotFound("licence"))?;
    Ok(Some(Created {
        record,
        repeated: true,
    }))
}

async fn created(
    services: &Services,
    mut tx: Tx,
    actor: &Actor,
    key: Option<&Key>,
    licence: Licence,
) -> Result<Created<Stored<Licence>>> {
    let record = insert(services, &mut tx, actor, licence).await?;
    kept(tx, key, record).await
}

async fn kept(
    mut tx: Tx,
    key: Option<&Key>,
    record: Stored<Licence>,
) -> Result<Created<Stored<Licence>>> {
    if let Some(key) = key {
        key.keep(&mut tx, &record.value.id).await?;
    }
    tx.commit().await?;
    Ok(Created {
        record,
        repeated: false,
    })
}
