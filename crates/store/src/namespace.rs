//! Whose data a namespace holds: its form stands beside it, and another form is refused, never guessed at.

use redis::aio::MultiplexedConnection;
use redis::{ExistenceCheck, Pipeline, RedisError, SetOptions};

use crate::error::StoreError;
use crate::help::HELP;
use crate::link::{Link, code_of};

/// The form of what stands in Redis.
const FORMAT: &str = "1";

/// The form that the namespace says it has, if any.
pub(crate) async fn found(
    connection: &mut MultiplexedConnection,
    namespace: &str,
) -> Result<Option<String>, RedisError> {
    redis::cmd("GET")
        .arg(format_key(namespace))
        .query_async(connection)
        .await
}

/// Refuses another form. One that is not said was flushed away under us, or could not be written for want of memory.
pub(crate) fn check(namespace: &str, found: Option<&str>) -> Result<(), StoreError> {
    match found {
        None | Some(FORMAT) => Ok(()),
        Some(other) => Err(foreign(namespace, other)),
    }
}

/// Marks a namespace as ours, or refuses one that holds another form of data.
pub(crate) async fn claim(link: &Link, namespace: &str) -> Result<(), StoreError> {
    let (generation, mut connection) = link.connection().await?;
    let answer: Result<(Option<String>, bool), _> = redis::pipe()
        .get(format_key(namespace))
        .exists(format!("{namespace}:counts"))
        .query_async(&mut connection)
        .await;
    let (found, has_data) = match answer {
        Ok(answer) => answer,
        Err(error) => return Err(link.judge(generation, "GET", error).await),
    };
    if found.is_none() && has_data {
        return Err(foreign(namespace, "unknown"));
    }
    check(namespace, found.as_deref())?;
    let mut marks = redis::pipe();
    // The text is this version's, whichever was here before.
    marks.set(help_key(namespace), help(namespace)).ignore();
    marks.set(format_key(namespace), FORMAT).ignore();
    let written: Result<(), _> = marks.query_async(&mut connection).await;
    match written {
        // A full Redis can still be read and drained; a worker writes the two keys when there is room.
        Err(error) if code_of(&error).as_deref() == Some("OOM") => Ok(()),
        Err(error) => Err(link.judge(generation, "SET", error).await),
        Ok(()) => Ok(()),
    }
}

/// Writes the marks that are missing, and asks which form stands there then: the pipeline's only reply.
pub(crate) fn mark_again(pipe: &mut Pipeline, namespace: &str) {
    let if_missing = SetOptions::default().conditional_set(ExistenceCheck::NX);
    pipe.set_options(help_key(namespace), help(namespace), if_missing.clone())
        .ignore();
    pipe.set_options(format_key(namespace), FORMAT, if_missing)
        .ignore();
    pipe.get(format_key(namespace));
}

fn foreign(namespace: &str, found: &str) -> StoreError {
    StoreError::Unsuitable(format!(
        "the namespace {namespace} holds data of format {found}, this version reads and writes format {FORMAT}; \
         use the matching version of parceld, or another redis.namespace"
    ))
}

fn help(namespace: &str) -> String {
    HELP.replace("parceld:", &format!("{namespace}:"))
}

fn format_key(namespace: &str) -> String {
    format!("{namespace}:format")
}

fn help_key(namespace: &str) -> String {
    format!("{namespace}:HELP")
}
