//! Decoding the vendor's samples, for the tests of the calls.

use std::fs;
use std::path::Path;

use parceld_domain::endpoint::Endpoint;

use crate::envelope::Envelope;
use crate::exchange::Answer;
use crate::lenient::Misread;

/// What `decode` makes of a sample reply of the vendor's documents.
pub(super) fn sample<T>(name: &str, decode: fn(&Envelope<'_>) -> Result<T, Misread>) -> Result<T, Misread> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/samples/{name}.json"));
    decoded(&fs::read_to_string(path).unwrap(), decode)
}

/// What `decode` makes of this reply, which must be an envelope of code 0.
pub(super) fn decoded<T>(body: &str, decode: fn(&Envelope<'_>) -> Result<T, Misread>) -> Result<T, Misread> {
    let answer = Answer {
        status: 200,
        body: body.as_bytes().to_vec(),
    };
    let envelope = Envelope::read(Endpoint::Send, &answer).unwrap();
    assert_eq!(envelope.code, 0, "{body}");
    decode(&envelope)
}
