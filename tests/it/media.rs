//! What files are taken for: the claimed media type against the beginning of the content, and their names.

use kaixu::domain::{
    file::{MAX_NAME, NameError, file_name},
    media::{MediaType, Misfit},
};

const WEBP: &[u8] = b"RIFF\x10\0\0\0WEBPVP8 ";
const COMPOUND: &[u8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1....";

#[test]
fn every_type_takes_its_own_content_and_refuses_the_others() {
    use MediaType as M;
    let samples: [(&[MediaType], &[u8]); 11] = [
        (&[M::Pdf], b"%PDF-1.7\n\0\x01"),
        (&[M::Jpeg], b"\xff\xd8\xff\xe0\0\x10JFIF"),
        (&[M::Png], b"\x89PNG\r\n\x1a\n\0\0"),
        (&[M::Tiff], b"II*\0\x08\0"),
        (&[M::Tiff], b"MM\0*\0\x08"),
        (&[M::WebP], WEBP),
        (&[M::Zip, M::Docx, M::Xlsx, M::Ofd], b"PK\x03\x04\x14\0"),
        (&[M::Doc, M::Xls], COMPOUND),
        (&[M::Csv, M::Text], "申请号,名称\n1,甲\n".as_bytes()),
        (
            &[M::Xml, M::Csv, M::Text],
            b"<?xml version=\"1.0\"?><notice/>",
        ),
        (
            &[M::Mail, M::Csv, M::Text],
            b"From: a@example.cn\r\nSubject: x\r\n\r\nx",
        ),
    ];
    for (fitting, content) in samples {
        for kind in MediaType::ALL {
            let wanted = if fitting.contains(&kind) {
                Ok(())
            } else {
                Err(Misfit::Other)
            };
            let shown = String::from_utf8_lossy(content);
            assert_eq!(kind.check(content), wanted, "{kind:?} {shown}");
        }
    }
    assert_eq!(M::Pdf.check(b"\xef\xbb\xbf\r\n%PDF-1.4"), Ok(()));
    assert_eq!(M::WebP.check(b"RIFF\x10\0\0\0WAVE"), Err(Misfit::Other));
    assert_eq!(M::Xml.check(b"no element at all"), Err(Misfit::Other));
    assert_eq!(M::Text.check(b"\xd6\xa4\xbe\xdd"), Ok(()), "GBK");
    assert_eq!(M::Text.check(b"\xff\xfea\0b\0"), Ok(()), "UTF-16");
    assert_eq!(M::Text.check("MZ 开头的说明".as_bytes()), Ok(()));
    assert_eq!(M::Text.check(b"<a.b@example.cn> wrote"), Ok(()));
}

#[test]
fn web_pages_pictures_that_run_and_programs_are_none_of_them_under_any_name() {
    let active: [&[u8]; 15] = [
        b"<!DOCTYPE html><p>x",
        b"\xef\xbb\xbf \r\n<HTML>",
        b"<!-- %PDF-1.7 --><script>alert(1)</script>",
        b"<?php ?><body onload=x>",
        b"<table><tr><td>1</td></tr></table>",
        b"\xff\xfe<\0h\0t\0m\0l\0>\0",
        b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>",
        b"<?xml version=\"1.0\"?><!-- x --><svg onload=\"x\"/>",
        b"<?xml version=\"1.0\"?><html/>",
        b"MZ\x90\0\x03\0",
        b"\x7fELF\x02\x01",
        b"\xcf\xfa\xed\xfe\x07",
        b"\xca\xfe\xba\xbe\0\0",
        b"#!/bin/sh\nrm -r /",
        b"<iframe src=x>",
    ];
    for content in active {
        for kind in MediaType::ALL {
            let shown = String::from_utf8_lossy(content);
            assert_eq!(kind.check(content), Err(Misfit::Active), "{kind:?} {shown}");
        }
    }
    for root in [
        "<x:svg xmlns:x='http://www.w3.org/2000/svg'/>",
        "<!DOCTYPE a [<!ENTITY b 'c'>]><n:HTML xmlns:n='x'/>",
        "<a xmlns='http://www.w3.org/1999/xhtml'><script/></a>",
    ] {
        assert_eq!(
            MediaType::Xml.check(root.as_bytes()),
            Err(Misfit::Active),
            "{root}"
        );
    }
}

#[test]
fn a_content_type_is_read_in_any_case_with_parameters_and_by_its_usual_other_names() {
    for (header, kind) in [
        ("application/pdf", Some(MediaType::Pdf)),
        (" Text/CSV ; charset=gbk", Some(MediaType::Csv)),
        ("text/xml", Some(MediaType::Xml)),
        ("image/jpg", Some(MediaType::Jpeg)),
        ("application/x-zip-compressed", Some(MediaType::Zip)),
        ("application/octet-stream", None),
        ("text/html", None),
        ("image/svg+xml", None),
        ("application/javascript", None),
        ("", None),
    ] {
        assert_eq!(MediaType::read(header), kind, "{header}");
    }
}

#[test]
fn a_name_is_trimmed_and_can_be_saved_on_any_desktop() {
    assert_eq!(
        file_name(" 付款凭证 v1.2.pdf ").as_deref(),
        Ok("付款凭证 v1.2.pdf")
    );
    assert_eq!(file_name("公告页").as_deref(), Ok("公告页"));
    assert!(file_name(&"长".repeat(MAX_NAME)).is_ok());
    for (name, why) in [
        ("", NameError::Length),
        ("   ", NameError::Length),
        ("a/b.pdf", NameError::Characters),
        ("..\\b.pdf", NameError::Characters),
        ("..", NameError::Characters),
        ("a\nb.pdf", NameError::Characters),
        ("a\u{0}.pdf", NameError::Characters),
        ("a\u{202e}fdp.exe.pdf", NameError::Characters),
        ("a.html", NameError::Ending),
        ("a.pdf.EXE", NameError::Ending),
        ("a.svg. .", NameError::Ending),
    ] {
        assert_eq!(file_name(name), Err(why), "{name:?}");
    }
    assert_eq!(
        file_name(&"长".repeat(MAX_NAME + 1)),
        Err(NameError::Length)
    );
}
