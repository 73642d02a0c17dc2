//! What the OpenAPI document says of every operation alike: every answer is described, refusals are
//! `application/problem+json`, and any operation may answer with one that it does not list (429, 500, 503).

use utoipa::openapi::{
    Content, OpenApi, Ref, RefOr, Response, ResponseBuilder,
    path::{Operation, ParameterIn, PathItem},
};

/// Completes the document that the handlers' own words gave.
pub fn complete(document: &mut OpenApi) {
    let operations = document.paths.paths.values_mut().flat_map(operations);
    for operation in operations {
        // Whoever asks for a token reads RFC 6749, and answers of our own shape only in what that says nothing of.
        let speaks_oauth = operation.operation_id.as_deref() == Some("createToken");
        let usual = usual(operation);
        let responses = &mut operation.responses.responses;
        for status in usual {
            let usual = || RefOr::T(problem(""));
            responses.entry(status.to_owned()).or_insert_with(usual);
        }
        for (status, response) in responses.iter_mut() {
            let RefOr::T(response) = response else {
                continue;
            };
            if speaks_oauth && matches!(status.as_str(), "400" | "401") {
                response.description = refusal(status).into();
            } else if status.starts_with(['4', '5']) {
                *response = problem(refusal(status));
            } else if response.description.is_empty() {
                response.description = success(status).into();
            }
        }
        responses.insert("default".into(), RefOr::T(problem("Any other refusal")));
    }
}

/// The refusals that follow from an operation's shape.
fn usual(operation: &Operation) -> Vec<&'static str> {
    let all = operation.parameters.iter().flatten();
    let parameters: Vec<_> = all
        .filter_map(|parameter| match parameter {
            RefOr::T(parameter) => Some(parameter),
            RefOr::Ref(_) => None,
        })
        .collect();
    let is_in = |place: ParameterIn| parameters.iter().any(|p| p.parameter_in == place);
    let has_header = |name: &str| parameters.iter().any(|p| p.name == name);
    let mut usual = vec!["400"];
    if operation.security.is_some() {
        usual.extend(["401", "403"]);
    }
    if is_in(ParameterIn::Path) {
        usual.push("404");
    }
    if has_header("If-Match") {
        usual.extend(["412", "428"]);
    }
    if operation.request_body.is_some() {
        usual.extend(["409", "413", "415", "422"]);
    }
    usual
}

fn operations(path: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [
        &mut path.get,
        &mut path.put,
        &mut path.post,
        &mut path.patch,
        &mut path.delete,
    ]
    .into_iter()
    .flatten()
}

fn success(status: &str) -> &'static str {
    match status {
        "201" => "Made; `Location` leads to it",
        "202" => "Taken; `Location` tells how far it is",
        _ => "The answer",
    }
}

fn refusal(status: &str) -> &'static str {
    match status {
        "400" => {
            "The request cannot be read: malformed JSON, an unknown or wrong parameter, a cursor of another list"
        }
        "401" => "No key, or one that is not valid",
        "403" => "This key may not do that",
        "404" => "There is no such record, or you may not see it",
        "409" => {
            "Not possible as things stand: it exists already, or a rule of the law prevents it; `errors` says which"
        }
        "410" => "The cursor has expired",
        "412" => "Somebody has changed the record since it was read",
        "413" => "The body is too large",
        "415" => "The body is of a type that is not taken",
        "422" => "The content is understood but wrong; `errors` says where",
        "428" => "`If-Match` is missing",
        _ => "Try again later",
    }
}

fn problem(words: &str) -> Response {
    ResponseBuilder::new()
        .description(words)
        .content(
            "application/problem+json",
            Content::new(Some(Ref::from_schema_name("Problem"))),
        )
        .build()
}
