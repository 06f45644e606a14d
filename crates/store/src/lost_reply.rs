//! Replies that get lost after their move has run, as with a connection that is cut at that moment: for the crash
//! matrix, in a build with the feature `effect-points` only.

use std::io;
use std::sync::{Mutex, PoisonError};

use redis::aio::MultiplexedConnection;
use redis::{FromRedisValue, RedisError, ScriptInvocation, Value};

static TO_LOSE: Mutex<Option<ToLose>> = Mutex::new(None);

struct ToLose {
    moves: String,
    about: String,
}

/// Loses one reply: the next one of a move that `moves` (`settle|turn_page`) names; of a claim the next one that grants a
/// call, to a lane or errand that begins with `about`.
pub fn lose_next_reply(moves: &str, about: &str) {
    let mut to_lose = TO_LOSE.lock().unwrap_or_else(PoisonError::into_inner);
    *to_lose = Some(ToLose {
        moves: moves.to_owned(),
        about: about.to_owned(),
    });
}

/// Makes the move; its reply may get lost.
pub(crate) async fn invoke<T: FromRedisValue>(
    name: &str,
    call: &ScriptInvocation<'_>,
    connection: &mut MultiplexedConnection,
) -> Result<T, RedisError> {
    let reply: Value = call.invoke_async(connection).await?;
    if is_lost(name, &reply) {
        return Err(io::Error::from(io::ErrorKind::ConnectionReset).into());
    }
    Ok(T::from_redis_value(reply)?)
}

fn is_lost(name: &str, reply: &Value) -> bool {
    let mut to_lose = TO_LOSE.lock().unwrap_or_else(PoisonError::into_inner);
    let is_meant = to_lose.as_ref().is_some_and(|to_lose| {
        to_lose.moves.split('|').any(|one| one == name) && (name != "claim" || grants(reply, &to_lose.about))
    });
    if is_meant {
        tracing::warn!(name, "this reply is lost by order");
        *to_lose = None;
    }
    is_meant
}

/// Whether a claim's reply grants a call to a lane or an errand that begins so.
fn grants(reply: &Value, about: &str) -> bool {
    let Value::Array(items) = reply else {
        return false;
    };
    let texts: Vec<&[u8]> = items
        .iter()
        .filter_map(|item| match item {
            Value::BulkString(text) => Some(text.as_slice()),
            _ => None,
        })
        .collect();
    if texts.first().is_none_or(|kind| *kind == b"wait") {
        return false;
    }
    let about = match about.strip_prefix("errand/") {
        // The page stands elsewhere.
        Some(errand) => errand.rsplit_once('/').map_or(errand, |(name, _)| name),
        None => about,
    };
    texts.iter().any(|text| text.starts_with(about.as_bytes()))
}
