//! A bulletin as a workbook: a sheet for each part of the printed page, and one with every unit of the target's own figure.
//! Each row of a number has the addresses under which its units are listed, by the day and knowledge of the bulletin.

use super::{Made, OutFormat, too_many};
use crate::{
    domain::{
        access::{self, Actor, Operation},
        id::Id,
        indicator::{Concern, Metric, Movement, Part, Unit},
        patent::PatentKind,
        reported::decimal,
        text::Lang,
    },
    ops::{
        Error, Result, Services,
        bulletins::{self, Bulletin},
        progress::Basis,
    },
    sheet::{BookCell, BookSheet, OutError, workbook},
};

/// The bulletin of a month as XLSX; the oldest target when none is named.
pub async fn bulletin(
    services: &Services,
    actor: &Actor,
    target: Option<&Id>,
    month: &str,
    lang: Lang,
) -> Result<Made> {
    access::check(actor, Operation::ExportBulletin, None)?;
    let found = bulletins::bulletin(services, actor, target, month).await?;
    let scratch = services.limits.scratch.clone();
    let site = services.site.clone();
    let written = tokio::task::spawn_blocking(move || {
        let told = Told {
            found: &found,
            lang,
            site: &site,
        };
        workbook(&told.sheets(), &scratch)
    });
    let written = written.await;
    let written = written.map_err(|e| Error::Internal(format!("writer: {e}")))?;
    let (file, rows, bytes) = written.map_err(|problem| match problem {
        OutError::TooManyRows => too_many(),
        OutError::Failed(problem) => Error::Internal(format!("writer: {problem}")),
    })?;
    Ok(Made {
        file,
        rows,
        bytes,
        format: OutFormat::Xlsx,
    })
}

struct Told<'a> {
    found: &'a Bulletin,
    lang: Lang,
    /// Where people reach this installation; empty: addresses begin at its root.
    site: &'a str,
}

impl Told<'_> {
    fn t<'a>(&self, zh: &'a str, en: &'a str) -> &'a str {
        match self.lang {
            Lang::Zh => zh,
            Lang::En => en,
        }
    }

    fn sheet(
        &self,
        name: (&str, &str),
        headers: &[(&str, &str)],
        rows: Vec<Vec<BookCell>>,
    ) -> BookSheet {
        let headers = headers.iter().map(|(zh, en)| self.t(zh, en).to_owned());
        BookSheet {
            name: self.t(name.0, name.1).to_owned(),
            headers: headers.collect(),
            rows,
        }
    }

    fn address(&self, path: String) -> BookCell {
        if self.site.is_empty() {
            BookCell::Address(path)
        } else {
            BookCell::Address(format!("{}{path}", self.site.trim_end_matches('/')))
        }
    }

    fn sheets(&self) -> Vec<BookSheet> {
        let mut sheets = vec![self.summary(), self.figures()];
        sheets.extend(self.found.parts.iter().map(|(part, _)| self.part(*part)));
        sheets.extend([
            self.corrections(),
            self.concerns(),
            self.reported(),
            self.units(),
        ]);
        sheets
    }

    /// 概况
    fn summary(&self) -> BookSheet {
        let (found, basis) = (self.found, &self.found.basis);
        let target = &basis.target;
        let value = found.own().map_or(0, |own| own.now.len());
        let value = i64::try_from(value).unwrap_or(i64::MAX);
        let district = basis.codes.region(&target.district);
        let district = district.map_or_else(
            || target.district.clone(),
            |entry| match self.lang {
                Lang::En if !entry.en.is_empty() => entry.en.clone(),
                _ => entry.zh.clone(),
            },
        );
        let closed = if found.closing.is_some() {
            self.t("已封账", "closed")
        } else {
            self.t("未封账，数字仍会变动", "open, the figures still change")
        };
        let own = self.t(target.metric.zh(), target.metric.en());
        let units = self.address(basis.units_at(target.metric));
        let page = self.address(format!("/bulletins/{}?target={}", found.month, target.id));
        let blank = || BookCell::from("");
        let line = |zh, en, value: BookCell, address: BookCell| {
            vec![self.t(zh, en).into(), value, address]
        };
        let rows = vec![
            line("指标", "Target", target.name.as_str().into(), page),
            line("月份", "Month", found.month.as_str().into(), blank()),
            line("地区", "District", district.into(), blank()),
            line(
                "责任单位",
                "Responsible",
                target.responsible.join("、").into(),
                blank(),
            ),
            line("封账", "Closed", closed.into(), blank()),
            line("统计日", "As of", basis.as_of.to_string().into(), blank()),
            line("截至变更编号", "By change", basis.known_at.into(), blank()),
            line(
                "上期截至",
                "Period before ended on",
                found.since.as_of.to_string().into(),
                blank(),
            ),
            vec![own.into(), value.into(), units],
            line("目标值", "Goal", target.value.into(), blank()),
            line(
                "距目标还差",
                "Still missing",
                (target.value - value).max(0).into(),
                blank(),
            ),
        ];
        let headers = [("项目", "Item"), ("内容", "Value"), ("地址", "Address")];
        self.sheet(("概况", "Summary"), &headers, rows)
    }

    /// 指标
    fn figures(&self) -> BookSheet {
        let (found, basis) = (self.found, &self.found.basis);
        let before = Basis {
            as_of: found.since.as_of,
            known_at: found.since.known_at,
            ..basis.clone()
        };
        let row = |(metric, movement): &(Metric, Movement)| {
            let now = basis.units_at(*metric);
            vec![
                self.t(metric.zh(), metric.en()).into(),
                movement.before.into(),
                movement.new.len().into(),
                movement.corrected().into(),
                movement.now.len().into(),
                self.address(before.units_at(*metric)),
                self.address(format!("{now}&month={}", found.month)),
                self.address(now),
            ]
        };
        let headers = [
            ("指标", "Figure"),
            ("上期累计", "Before"),
            ("本月新增", "New"),
            ("更正与减少", "Corrected or ended"),
            ("本期累计", "Now"),
            ("上期明细地址", "Units before"),
            ("新增明细地址", "New units"),
            ("本期明细地址", "Units now"),
        ];
        let rows = found.movements.iter().map(row).collect();
        self.sheet(("指标", "Figures"), &headers, rows)
    }

    /// By holder, town, type, charge.
    fn part(&self, part: Part) -> BookSheet {
        let (found, basis) = (self.found, &self.found.basis);
        let lines = found.parts.iter().find(|(p, _)| *p == part);
        let lines = lines.into_iter().flat_map(|(_, lines)| lines);
        let rows = lines.map(|line| {
            let now = basis.part_at(basis.target.metric, part, &line.key);
            vec![
                basis.name(part, &line.key, self.lang).into(),
                line.new.into(),
                line.now.into(),
                self.address(format!("{now}&month={}", found.month)),
                self.address(now),
            ]
        });
        let headers = [
            (part.zh(), part.en()),
            ("本月新增", "New"),
            ("本期累计", "Now"),
            ("新增明细地址", "New units"),
            ("本期明细地址", "Units now"),
        ];
        self.sheet((part.zh(), part.en()), &headers, rows.collect())
    }

    fn party(&self, id: &Id) -> String {
        let name = self.found.basis.names.get(id).cloned();
        name.unwrap_or_else(|| self.t("自然人", "an individual").to_owned())
    }

    /// What a unit is: number, title, type, holder, licensee, day, declaration number, filing number.
    fn unit(&self, unit: &Unit) -> Vec<BookCell> {
        let text = |text: &Option<String>| BookCell::from(text.clone().unwrap_or_default());
        let licensee = unit.licensee.as_ref().map(|id| self.party(id));
        vec![
            unit.number.zl().into(),
            unit.title.as_str().into(),
            self.t(PatentKind::zh(unit.kind), PatentKind::en(unit.kind))
                .into(),
            self.party(&unit.holder).into(),
            licensee.unwrap_or_default().into(),
            unit.on.to_string().into(),
            text(&unit.declaration_number),
            text(&unit.filing_number),
            self.address(format!("/patents/{}", unit.number)),
        ]
    }

    const UNIT: [(&'static str, &'static str); 9] = [
        ("专利号", "Patent number"),
        ("发明名称", "Title"),
        ("类型", "Type"),
        ("权利人", "Holder"),
        ("被许可人", "Licensee"),
        ("计入日", "Counts from"),
        ("声明编号", "Declaration number"),
        ("备案号", "Filing number"),
        ("地址", "Address"),
    ];

    /// 更正
    fn corrections(&self) -> BookSheet {
        let own = self.found.own();
        let rows = own.map_or(&[][..], |own| &own.corrections).iter();
        let rows = rows.map(|correction| {
            let what = if correction.added {
                self.t("补计", "added")
            } else {
                self.t("不再计入", "no longer counted")
            };
            let mut row = vec![what.into()];
            row.extend(self.unit(&correction.unit));
            row
        });
        let mut headers = vec![("更正", "Correction")];
        headers.extend(Self::UNIT);
        self.sheet(("更正", "Corrections"), &headers, rows.collect())
    }

    /// 统计质量
    fn concerns(&self) -> BookSheet {
        let basis = &self.found.basis;
        let here = basis.units_at(basis.target.metric);
        let row = |(concern, total): &(Concern, usize)| {
            vec![
                self.t(concern.zh(), concern.en()).into(),
                (*total).into(),
                self.address(format!("{here}&concern={}", concern.as_str())),
            ]
        };
        let headers = [
            ("问题", "What there is to ask"),
            ("项数", "Units"),
            ("明细地址", "Units at"),
        ];
        let rows = self.found.concerns.iter().map(row).collect();
        self.sheet(("统计质量", "Quality"), &headers, rows)
    }

    /// 上报指标
    fn reported(&self) -> BookSheet {
        let rows = self.found.reported.iter().map(|record| {
            let told = &record.value;
            vec![
                self.t(told.indicator.zh(), told.indicator.en()).into(),
                decimal(told.value_hundredths).into(),
                told.goal_hundredths.map(decimal).unwrap_or_default().into(),
                told.on.to_string().into(),
                told.responsible.as_str().into(),
                told.source.as_str().into(),
                told.file.sha256.as_str().into(),
                self.address(format!("/v1/reported/{}", told.id)),
            ]
        });
        let headers = [
            ("指标", "Figure"),
            ("上报值", "Reported"),
            ("目标", "Goal"),
            ("统计日", "As of"),
            ("责任单位", "Responsible"),
            ("来源", "Source"),
            ("文件 SHA-256", "Document SHA-256"),
            ("地址", "Address"),
        ];
        self.sheet(("上报指标", "Reported"), &headers, rows.collect())
    }

    /// Every unit of the target's own figure; whether it is new this month.
    fn units(&self) -> BookSheet {
        let own = self.found.own();
        let since = self.found.since.as_of;
        let rows = own.map_or(&[][..], |own| &own.now).iter();
        let rows = rows.map(|unit| {
            let mut row = self.unit(unit);
            let is_new = if unit.on > since {
                self.t("是", "yes")
            } else {
                self.t("否", "no")
            };
            row.insert(6, is_new.into());
            row
        });
        let mut headers = Self::UNIT.to_vec();
        headers.insert(6, ("本月新增", "New"));
        self.sheet(("明细", "Units"), &headers, rows.collect())
    }
}
