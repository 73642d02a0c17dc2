//! The navigation of the desk and of the office: one table, in groups, and who sees which page.

use askama::Template;

use super::{session::Member, visitor::Visitor};
use crate::domain::access::Role;

/// Where a page stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Group {
    Start,
    Parties,
    Stock,
    Offer,
    Trade,
    Count,
    House,
}

impl Group {
    const ALL: [Self; 7] = [
        Self::Start,
        Self::Parties,
        Self::Stock,
        Self::Offer,
        Self::Trade,
        Self::Count,
        Self::House,
    ];

    fn label(self, v: &Visitor) -> &'static str {
        match self {
            Self::Start => "",
            Self::Parties => v.t("主体", "Parties"),
            Self::Stock => v.t("存量", "Stock"),
            Self::Offer => v.t("开放", "Offer"),
            Self::Trade => v.t("许可", "Licences"),
            Self::Count => v.t("计数", "Count"),
            Self::House => v.t("数据", "Data"),
        }
    }
}

macro_rules! tabs {
    ($($name:ident $group:ident $address:literal $zh:literal $en:literal $for:ident;)*) => {
        /// A page that the navigation leads to.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Tab { $($name,)* }

        impl Tab {
            const ALL: &[Self] = &[$(Self::$name,)*];

            const fn address(self) -> &'static str {
                match self { $(Self::$name => $address,)* }
            }

            const fn group(self) -> Group {
                match self { $(Self::$name => Group::$group,)* }
            }

            fn label(self, v: &Visitor) -> &'static str {
                match self { $(Self::$name => v.t($zh, $en),)* }
            }

            fn is_for(self, member: &Member) -> bool {
                let seen: fn(Role, bool) -> bool = match self { $(Self::$name => $for,)* };
                // A narrower duty opens the records it covers and no other part of the desk.
                let narrow = member.actor.is_narrow();
                (!narrow || self == Self::Review) && seen(member.actor.role, member.is_officer())
            }
        }
    };
}

fn anyone(_: Role, _: bool) -> bool {
    true
}

fn members(_: Role, officer: bool) -> bool {
    !officer
}

fn holders(role: Role, officer: bool) -> bool {
    !officer && matches!(role, Role::Holder)
}

fn declarers(role: Role, officer: bool) -> bool {
    officer || !matches!(role, Role::Enterprise)
}

fn seekers(role: Role, officer: bool) -> bool {
    !officer && !matches!(role, Role::Holder)
}

fn officers(_: Role, officer: bool) -> bool {
    officer
}

tabs! {
    Home Start "/desk" "概览" "Overview" members;
    Office Start "/office" "概览" "Overview" officers;
    Tasks Start "/desk/tasks" "待办" "Tasks" members;
    OfficeTasks Start "/office/tasks" "待办" "Tasks" officers;
    Accounts Parties "/office/accounts" "账户与主体" "Accounts" officers;
    Holdings Parties "/office/holdings" "权属" "Holdings" officers;
    Coverage Parties "/office/coverage" "覆盖率" "Coverage" officers;
    Stock Stock "/desk/stock" "清单" "List" holders;
    Imports Stock "/desk/imports" "导入" "Imports" holders;
    Due Stock "/desk/due" "应盘点" "Due" holders;
    Review Stock "/desk/review" "盘点审核" "Review" holders;
    Cards Stock "/desk/cards" "卡片" "Cards" holders;
    Appraisals Stock "/desk/appraisals" "分级" "Grading" holders;
    Fees Stock "/desk/fees" "年费" "Fees" holders;
    Units Stock "/desk/units" "二级单位" "Units" holders;
    Platforms Stock "/desk/platforms" "报送" "Platforms" holders;
    Declarations Offer "/desk/declarations" "声明" "Declarations" declarers;
    Consents Offer "/desk/consents" "同意" "Consents" anyone;
    Listings Offer "/desk/listings" "公布清单" "Listings" holders;
    OfficeListings Offer "/office/listings" "公布清单" "Listings" officers;
    Records Offer "/office/records" "补录" "Records" officers;
    Needs Trade "/desk/needs" "需求" "Needs" seekers;
    Enquiries Trade "/desk/enquiries" "询问" "Enquiries" anyone;
    Licences Trade "/desk/licences" "许可" "Licences" anyone;
    Disputes Trade "/desk/disputes" "纠纷" "Disputes" anyone;
    Targets Count "/office/targets" "指标" "Targets" officers;
    Reported Count "/office/reported" "上报指标" "Reported" officers;
    Reference House "/office/reference" "参考数据" "Reference" officers;
    Dictionaries House "/office/dictionaries" "盘点字典" "Dictionaries" officers;
    Audit House "/office/audit" "操作审计" "Audit" officers;
    Trail House "/office/trail" "记录沿革" "Trail" officers;
}

/// The navigation of a page, written into it with `{{ nav|safe }}`.
#[derive(Template)]
#[template(path = "desknav.html")]
pub struct Nav {
    name: &'static str,
    groups: Vec<(&'static str, Vec<Link>)>,
}

struct Link {
    label: &'static str,
    href: &'static str,
    current: bool,
}

impl Nav {
    /// What this member's work consists of; `current` is the page that is open, or the one it belongs to.
    pub fn new(v: &Visitor, member: &Member, current: Tab) -> Self {
        let link = |tab: Tab| Link {
            label: tab.label(v),
            href: tab.address(),
            current: tab == current,
        };
        let groups = Group::ALL.into_iter().map(|group| {
            let tabs = Tab::ALL.iter().copied();
            let shown = tabs.filter(|tab| tab.group() == group && tab.is_for(member));
            (group.label(v), shown.map(link).collect::<Vec<_>>())
        });
        Self {
            name: if member.is_officer() {
                v.t("主管部门", "Office")
            } else {
                v.t("工作台", "Desk")
            },
            groups: groups.filter(|(_, links)| !links.is_empty()).collect(),
        }
    }
}
