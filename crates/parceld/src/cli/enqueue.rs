//! `parceld enqueue`: job lines in, one answer a line out, in order.

use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;

use parceld_domain::line::BYTE_ORDER_MARK;
use parceld_producer::{Answer, Batch, JobLine, LineError, Producer, Refusal};
use serde::Serialize;

use super::Session;
use super::connect::{self, PatientStore};
use super::failure::Failure;
use super::lines::{Line, Lines};
use super::output::Output;
use super::progress::Progress;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The file to read; - or nothing reads standard input.
    file: Option<PathBuf>,
}

/// One answer.
#[derive(Serialize)]
#[serde(untagged)]
enum Told {
    In {
        line: u64,
        #[serde(flatten)]
        answer: Answer,
    },
    Refused {
        line: u64,
        error: String,
    },
}

/// What was answered so far.
#[derive(Default)]
struct Count {
    new: u64,
    known: u64,
    refused: u64,
}

/// A line with its number, read and not answered yet.
type Numbered = (u64, Result<JobLine, Refusal>);

/// Lines of one round trip.
const CHUNK: usize = 500;
/// What to do when Redis goes away in the middle.
const AGAIN: &str = "lines that were answered are enqueued; the same input again answers those as duplicates";
/// White space around the object is no part of it, and allowed for.
const LINE_BYTES_MAX: usize = parceld_domain::line::LINE_BYTES_MAX + 4096;

pub(crate) async fn run(args: Args, session: Session) -> Result<(), Failure> {
    let Session {
        settings, mut output, ..
    } = session;
    // Before anything is read, so that an empty input tells of an unreachable Redis as well.
    let store = connect::store(&settings).await?;
    let producer = Producer::new(store.store().clone());
    let (source, total) = open(args.file)?;
    let mut lines = Lines::new(source, LINE_BYTES_MAX);
    let mut progress = Progress::new(total);
    let mut count = Count::default();
    let mut number = 0;
    loop {
        let (chunk, is_end) = read_chunk(&mut lines, &mut number)?;
        let answered = answer_chunk(&store, &producer, chunk, &mut output, &mut count).await;
        if let Err(failure) = answered.and_then(|()| Ok(output.flush()?)) {
            progress.end();
            return Err(failure.hint(AGAIN));
        }
        if is_end {
            break;
        }
        progress.show(lines.bytes, &count.words());
    }
    progress.end();
    if count.refused > 0 {
        return Err(Failure::bad_input(format!(
            "{}; the refused lines stand above with their reasons, all others are enqueued",
            count.words()
        )));
    }
    Ok(())
}

impl Count {
    fn words(&self) -> String {
        format!(
            "{} new, {} known before, {} refused",
            self.new, self.known, self.refused
        )
    }
}

/// The stream to read, and how long it is if that is known.
fn open(file: Option<PathBuf>) -> Result<(Box<dyn Read>, Option<u64>), Failure> {
    match file.filter(|path| path.as_os_str() != "-") {
        None => Ok((Box::new(io::stdin()), None)),
        Some(path) => {
            let told = |error: io::Error| Failure::new(format!("{}: {error}", path.display()));
            let file = File::open(&path).map_err(told)?;
            let total = file.metadata().map_err(told)?.len();
            Ok((Box::new(file), Some(total)))
        }
    }
}

/// What is there to read, at most a chunk; and whether it was the last.
fn read_chunk(lines: &mut Lines<Box<dyn Read>>, number: &mut u64) -> Result<(Vec<Numbered>, bool), Failure> {
    let mut chunk = Vec::new();
    // Whoever writes slowly is answered at once: only the first line of a chunk is waited for.
    while chunk.is_empty() || (chunk.len() < CHUNK && lines.has_next()) {
        let Some(line) = lines.next()? else {
            return Ok((chunk, true));
        };
        *number += 1;
        let parsed = match line {
            Line::Whole(line) if is_blank(&line) => continue,
            Line::Whole(line) => JobLine::parse(line.trim_ascii()),
            Line::TooLong(bytes) => Err(LineError::too_long(bytes)),
        };
        chunk.push((*number, parsed.map_err(Refusal::from)));
    }
    Ok((chunk, false))
}

/// An empty export of a spreadsheet holds a byte order mark all the same.
fn is_blank(line: &[u8]) -> bool {
    let line = line.strip_prefix(BYTE_ORDER_MARK).unwrap_or(line);
    line.trim_ascii().is_empty()
}

async fn answer_chunk(
    store: &PatientStore,
    producer: &Producer,
    chunk: Vec<Numbered>,
    output: &mut Output,
    count: &mut Count,
) -> Result<(), Failure> {
    let (numbers, lines): (Vec<u64>, Vec<_>) = chunk.into_iter().unzip();
    let batch = Batch::new(lines);
    let answers = store.ask(async |_| producer.enqueue_batch(&batch).await).await?;
    for (line, answer) in numbers.into_iter().zip(answers) {
        let told = match answer {
            Ok(answer) => {
                if answer.duplicate {
                    count.known += 1;
                } else {
                    count.new += 1;
                }
                Told::In { line, answer }
            }
            Err(refusal) => {
                count.refused += 1;
                let error = refusal.to_string();
                Told::Refused { line, error }
            }
        };
        output.json(&told)?;
    }
    Ok(())
}
