//! One vendor call, from its head to its answer: read, plan, play the fault, apply, answer.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use hyper::header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, HeaderValue, LOCATION};
use hyper::http::request::Parts;
use hyper::{Method, Request, Response, StatusCode};
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::body::Body;
use crate::endpoint::Endpoint;
use crate::faults::{Distortion, Fault, When};
use crate::fields::Fields;
use crate::form;
use crate::reply::Reply;
use crate::world::{Planned, World};

/// Larger than any request that makes sense.
const LARGEST_BODY: usize = 8 << 20;

/// The connection is to be closed without another byte.
#[derive(Debug)]
pub(crate) struct Cut;

impl std::fmt::Display for Cut {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("the connection is cut on purpose")
    }
}

impl std::error::Error for Cut {}

/// One call to the vendor.
pub(crate) struct Call {
    world: Arc<World>,
    n: u64,
    endpoint: Endpoint,
    path: String,
    arrived: Instant,
    token: Option<String>,
}

/// Answers one call. `arrived` is when its head came.
pub(crate) async fn answer(
    world: Arc<World>,
    request: Request<Incoming>,
    arrived: Instant,
) -> Result<Response<Body>, Cut> {
    let (head, body) = request.into_parts();
    let posted = head.method == Method::POST;
    let endpoint = if posted {
        Endpoint::of_path(head.uri.path())
    } else {
        Endpoint::Unknown
    };
    let n = world.arrive(arrived, endpoint);
    let call = Call {
        world,
        n,
        endpoint,
        path: head.uri.path().to_owned(),
        arrived,
        token: bearer(&head),
    };
    let Ok(body) = Limited::new(body, LARGEST_BODY).collect().await else {
        call.world.ended(n, None);
        return Err(Cut);
    };
    let fields = form::decode(&content_type(&head), body.to_bytes()).await;
    let planned = call.world.plan(n, endpoint, fields.as_ref());
    // Held until the answer is out, or until hyper drops this future because the caller has gone.
    let _payment = planned.payment.clone();
    // In a task of its own: a vendor goes on with what it began, whether the caller waits for it or not.
    match tokio::spawn(call.perform(planned, fields)).await {
        Ok(answered) => answered,
        Err(failure) => {
            tracing::error!(error = %failure, "a call ended abnormally");
            Err(Cut)
        }
    }
}

impl Call {
    async fn perform(self, planned: Planned, fields: Option<Fields>) -> Result<Response<Body>, Cut> {
        let Planned { fault, payment } = planned;
        let distortion = fault.as_ref().and_then(|(_, fault)| fault.distortion());
        let apply = || self.apply(fields.as_ref(), distortion.unwrap_or_default());
        let reply = match &fault {
            Some((When::Before, Fault::Slow { slow_ms })) => {
                sleep(Duration::from_millis(*slow_ms)).await;
                Some(apply())
            }
            Some((When::Before, _)) if distortion.is_none() => None,
            _ => Some(apply()),
        };
        drop(payment);
        let latency_ms = self.world.lock().state.options.latency_ms;
        // A sleep of nothing still lasts until the timer's next tick.
        if latency_ms > 0 {
            sleep(Duration::from_millis(latency_ms)).await;
        }
        match (fault, reply) {
            (None | Some((When::Before, Fault::Slow { .. })), Some(reply)) => Ok(self.usual(&reply)),
            (Some((_, fault)), reply) => self.play(fault, reply).await,
            (None, None) => Err(self.cut()),
        }
    }

    fn apply(&self, fields: Option<&Fields>, distortion: Distortion) -> Reply {
        self.world
            .apply(self.n, self.endpoint, self.token.as_deref(), fields, distortion)
    }

    /// Plays a fault; `reply` is what the vendor would have said, if it came that far.
    async fn play(&self, fault: Fault, reply: Option<Reply>) -> Result<Response<Body>, Cut> {
        let vain = || Reply::ok(json!([]));
        match fault {
            Fault::Code { code, msg, data } => {
                let refused = Reply::refused(code);
                let msg = msg.unwrap_or(refused.msg);
                Ok(self.usual(&Reply {
                    code,
                    msg,
                    data: data.unwrap_or(refused.data),
                }))
            }
            Fault::Cut => Err(self.cut()),
            Fault::Hang { hang_ms } => {
                sleep(Duration::from_millis(hang_ms)).await;
                Err(self.cut())
            }
            Fault::Slow { slow_ms } => {
                sleep(Duration::from_millis(slow_ms)).await;
                Ok(self.usual(&reply.unwrap_or_else(vain)))
            }
            Fault::Http { status, html } => Ok(self.with_status(status, html, reply)),
            Fault::Truncate => {
                let whole = self.envelope(&reply.unwrap_or_else(vain));
                let mut response = self.without_envelope(Body::broken(&whole), "application/json");
                response
                    .headers_mut()
                    .insert(CONTENT_LENGTH, HeaderValue::from(whole.len()));
                Ok(response)
            }
            Fault::Mistype => {
                Ok(self.json(json!({"code": "0", "msg": 17, "msec": "fast", "time": null, "data": "成功"})))
            }
            Fault::NotEnvelope => Ok(self.json(json!({"status": "ok", "result": []}))),
            Fault::Huge { huge_bytes } => {
                let head = Bytes::from_static(br#"{"code":0,"msg":"ok","msec":1,"time":1,"data":""#);
                let body = Body::filled(head, huge_bytes, Bytes::from_static(br#""}"#));
                Ok(self.without_envelope(body, "application/json"))
            }
            Fault::Drip => {
                let head = Bytes::from_static(br#"{"code":0,"#);
                Ok(self.without_envelope(Body::dripping(head), "application/json"))
            }
            Fault::Empty => Ok(self.without_envelope(Body::whole(Bytes::new()), "application/json")),
            Fault::ContentType { content_type } => {
                Ok(self.under_content_type(&content_type, &reply.unwrap_or_else(vain)))
            }
            Fault::Redirect { redirect } => Ok(self.redirected(redirect)),
            Fault::Partial { cut: true, .. } => Err(self.cut()),
            Fault::Partial { .. } | Fault::Shift { .. } | Fault::Duplicate => {
                Ok(self.usual(&reply.unwrap_or_else(vain)))
            }
        }
    }

    /// The envelope under HTTP 200, as the vendor is supposed to answer (A18).
    fn usual(&self, reply: &Reply) -> Response<Body> {
        let envelope = self.envelope(reply);
        self.world.ended(self.n, Some(reply.code));
        response(Body::whole(envelope), "application/json; charset=utf-8")
    }

    fn with_status(&self, status: u16, html: bool, reply: Option<Reply>) -> Response<Body> {
        let mut response = match reply {
            _ if html => {
                let page = "<html><head><title>Bad Gateway</title></head><body>nginx</body></html>";
                self.without_envelope(Body::whole(page), "text/html")
            }
            Some(reply) => self.usual(&reply),
            None => self.without_envelope(Body::whole(Bytes::new()), "text/plain"),
        };
        *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY);
        response
    }

    fn under_content_type(&self, content_type: &str, reply: &Reply) -> Response<Body> {
        let mut response = self.usual(reply);
        // It was tried as a header when the fault was planned.
        if let Ok(content_type) = HeaderValue::from_str(content_type) {
            response.headers_mut().insert(CONTENT_TYPE, content_type);
        }
        response
    }

    /// To the very path that was called: who follows asks for the effect once more (A3).
    fn redirected(&self, status: u16) -> Response<Body> {
        let mut response = self.with_status(status, false, None);
        if let Ok(path) = HeaderValue::from_str(&self.path) {
            response.headers_mut().insert(LOCATION, path);
        }
        response
    }

    fn json(&self, value: Value) -> Response<Body> {
        self.without_envelope(Body::whole(value.to_string()), "application/json")
    }

    fn without_envelope(&self, body: Body, content_type: &'static str) -> Response<Body> {
        self.world.ended(self.n, None);
        response(body, content_type)
    }

    fn cut(&self) -> Cut {
        self.world.ended(self.n, None);
        Cut
    }

    fn envelope(&self, reply: &Reply) -> Bytes {
        let msec = u64::try_from(self.arrived.elapsed().as_millis()).unwrap_or(u64::MAX);
        let (full_width, skew_ms) = {
            let options = &self.world.lock().state.options;
            (options.reply_full_width, options.clock_skew_ms)
        };
        let clock = self.world.clock.skewed(skew_ms);
        Bytes::from(
            reply
                .envelope(msec, clock.unix_seconds(clock.now_ms()), full_width)
                .to_string(),
        )
    }
}

/// A response under HTTP 200.
pub(crate) fn response(body: Body, content_type: &'static str) -> Response<Body> {
    let mut response = Response::new(body);
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

fn bearer(head: &Parts) -> Option<String> {
    let value = head.headers.get(AUTHORIZATION)?.to_str().ok()?;
    let token = value.strip_prefix("Bearer ")?.trim();
    (!token.is_empty()).then(|| token.to_owned())
}

fn content_type(head: &Parts) -> String {
    let value = head
        .headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    value.unwrap_or_default().to_owned()
}
