//! The routes under `/sim/`, by which tests and demos steer the stand-in and read its ledger.

mod change;
mod view;

use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use hyper::{Method, Request, Response, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::body::Body;
use crate::call::response;
use crate::faults::{Rule, Seeded};
use crate::world::World;

/// Paths that begin so are no calls to the vendor.
pub(crate) const PREFIX: &str = "/sim/";

const LARGEST_BODY: usize = 8 << 20;

/// Calls in one answer of `/sim/calls`, unless more are asked for.
const CALLS_AT_ONCE: usize = 10_000;

/// Why a control request is refused, in words for the one who wrote it.
type Refusal = (StatusCode, String);

/// Answers a control request.
pub(crate) async fn answer(world: &World, request: Request<Incoming>) -> Response<Body> {
    let (head, body) = request.into_parts();
    let answered = match Limited::new(body, LARGEST_BODY).collect().await {
        Ok(body) => {
            let query = head.uri.query().unwrap_or_default();
            route(world, &head.method, head.uri.path(), query, &body.to_bytes())
        }
        Err(error) => Err((
            StatusCode::BAD_REQUEST,
            format!("the body could not be read: {error}"),
        )),
    };
    let (status, document) = match answered {
        Ok(document) => (StatusCode::OK, document),
        Err((status, error)) => (status, json!({ "error": error })),
    };
    let mut response = response(Body::whole(document.to_string()), "application/json");
    *response.status_mut() = status;
    response
}

fn route(world: &World, method: &Method, path: &str, query: &str, body: &[u8]) -> Result<Value, Refusal> {
    match (method.as_str(), path) {
        ("GET", "/sim/ledger") => Ok(world.lock().ledger.account()),
        ("GET", "/sim/calls") => calls(world, query),
        ("POST", "/sim/reset") => {
            world.reset();
            Ok(json!({"reset": true}))
        }
        ("GET", "/sim/state") => Ok(view::state(&world.lock().state, &world.clock)),
        ("POST", "/sim/state") => {
            change::apply(world, body).map_err(bad_request)?;
            Ok(view::state(&world.lock().state, &world.clock))
        }
        ("GET", "/sim/faults") => Ok(world.lock().faults.left()),
        ("POST", "/sim/faults") => plan_faults(world, body).map_err(bad_request),
        ("DELETE", "/sim/faults") => {
            world.lock().faults.clear();
            Ok(world.lock().faults.left())
        }
        _ => Err((StatusCode::NOT_FOUND, format!("no control route {method} {path}"))),
    }
}

fn calls(world: &World, query: &str) -> Result<Value, Refusal> {
    let (mut after, mut limit, mut endpoint) = (0, CALLS_AT_ONCE, None);
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        let number = || {
            value
                .parse::<u64>()
                .map_err(|_| bad_request(format!("{name}: {value} is no whole number")))
        };
        match name.as_ref() {
            "after" => after = number()?,
            "limit" => limit = usize::try_from(number()?).unwrap_or(CALLS_AT_ONCE),
            "endpoint" => endpoint = Some(value.into_owned()),
            other => {
                return Err(bad_request(format!(
                    "{other}: unknown; after, limit and endpoint are known"
                )));
            }
        }
    }
    let inner = world.lock();
    let calls: Vec<_> = inner
        .ledger
        .calls_after(after)
        .filter(|call| endpoint.as_deref().is_none_or(|name| name == call.endpoint))
        .take(limit)
        .collect();
    Ok(json!(calls))
}

/// An array of rules is added to those there are; an object with a seed replaces the seeded schedule.
#[derive(Deserialize)]
#[serde(untagged)]
enum Plan {
    Rules(Vec<Value>),
    One(Value),
}

fn plan_faults(world: &World, body: &[u8]) -> Result<Value, String> {
    let plan: Plan = serde_json::from_slice(body).map_err(|error| format!("no JSON: {error}"))?;
    match plan {
        Plan::One(object) if object.get("seed").is_some() => {
            let seeded: Seeded = serde_json::from_value(object).map_err(|error| error.to_string())?;
            seeded.check()?;
            world.lock().faults.seed(seeded);
        }
        Plan::One(object) => world.lock().faults.script(vec![rule(object)?]),
        Plan::Rules(objects) => {
            let rules = objects
                .into_iter()
                .map(rule)
                .collect::<Result<Vec<Rule>, String>>()?;
            world.lock().faults.script(rules);
        }
    }
    Ok(world.lock().faults.left())
}

fn rule(object: Value) -> Result<Rule, String> {
    let rule: Rule = serde_json::from_value(object).map_err(|error| error.to_string())?;
    if rule.names_an_endpoint() {
        Ok(rule)
    } else {
        Err(format!(
            "endpoint: {} is none; \"*\" is any, \"unknown\" any other path",
            rule.endpoint
        ))
    }
}

fn bad_request(error: String) -> Refusal {
    (StatusCode::BAD_REQUEST, error)
}
