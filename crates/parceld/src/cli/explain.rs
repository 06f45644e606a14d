//! `parceld explain`: what a code of the vendor means and what to do.

use parceld_domain::endpoint::Endpoint;
use parceld_vendor::{Explanation, explain};

use super::Format;
use super::failure::Failure;
use super::output::Output;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The code, such as 614.
    #[arg(allow_negative_numbers = true)]
    code: i64,
    /// Only what it means at this endpoint, such as send.
    endpoint: Option<Endpoint>,
}

pub(crate) fn run(args: &Args, format: Format) -> Result<(), Failure> {
    let meanings = explain(args.code, args.endpoint);
    let mut output = Output::new();
    match format {
        Format::Json => output.json(&meanings)?,
        Format::Table => {
            for meaning in &meanings {
                output.text(&paragraph(meaning))?;
            }
        }
    }
    output.flush()?;
    if meanings.is_empty() {
        return Err(Failure::new(format!(
            "code {} is in none of the vendor's documents; after a call with an effect its outcome is looked up, a read \
             is tried again a few times",
            args.code
        )));
    }
    Ok(())
}

fn paragraph(meaning: &Explanation) -> String {
    let endpoints: Vec<&str> = meaning
        .endpoints
        .iter()
        .map(|endpoint| endpoint.as_str())
        .collect();
    let item = if meaning.item { ", of one item" } else { "" };
    let scope = meaning
        .scope
        .map(|scope| format!(" ({scope})"))
        .unwrap_or_default();
    format!(
        "{} {}\n  {}\n  class:  {}{scope}\n  advice: {}\n  at:     {} ({}{item})\n\n",
        meaning.code,
        meaning.message,
        meaning.gloss,
        meaning.class,
        meaning.advice,
        endpoints.join(", "),
        meaning.documents,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_paragraph_says_class_and_advice() {
        let meanings = explain(10412, None);
        let text = paragraph(&meanings[0]);
        assert!(text.contains("class:  terminal"), "{text}");
        assert!(text.contains("get-package-cancel"), "{text}");
    }
}
