//! The pure rules: logins are folded, passwords are fit or not, waiting doubles.

use kaixu::domain::account::{Login, PasswordError, check_password, wait_minutes};

#[test]
fn a_login_is_written_in_one_way() {
    let read = |text: &str| Login::parse(text).map(|login| login.as_str().to_owned());
    for (text, expected) in [
        (" Wang@Example.COM ", "wang@example.com"),
        ("ｗａｎｇ@example.com", "wang@example.com"),
        ("+86 138-0000 0000", "13800000000"),
        ("（0631）5200000", "06315200000"),
    ] {
        assert_eq!(read(text).as_deref(), Ok(expected), "{text}");
    }
    for text in [
        "",
        "王",
        "a@b",
        "@b.cn",
        "a@@b.cn",
        "a b@c.cn",
        "12345",
        "1234567890123456",
        "a@b..cn",
        "x\n@b.cn",
        "<a@b.cn>",
    ] {
        assert!(read(text).is_err(), "{text:?}");
    }
}

#[test]
fn a_password_is_long_and_not_everybodys() {
    let login = Login::parse("wangxiaoming@example.com").expect("a login");
    let check = |password: &str| check_password(&login, password);
    assert_eq!(check("九个字的密码不够长"), Err(PasswordError::Length));
    assert_eq!(check("十个字的密码就刚刚好"), Ok(()));
    assert_eq!(check(&"ab".repeat(100)), Ok(()));
    assert_eq!(check(&"ab".repeat(101)), Err(PasswordError::Length));
    assert_eq!(check("WangXiaoMing@example.com"), Err(PasswordError::Login));
    assert_eq!(check("wangxiaoming"), Err(PasswordError::Login));
    assert_eq!(check("Password123"), Err(PasswordError::Common));
    assert_eq!(check("aaaaaaaaaaaa"), Err(PasswordError::Common));
}

#[test]
fn waiting_doubles_from_the_fifth_failure_up_to_an_hour() {
    let waits: Vec<i64> = (1..=13).map(wait_minutes).collect();
    assert_eq!(waits, [0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60]);
    assert_eq!(wait_minutes(i64::MAX), 60);
}
