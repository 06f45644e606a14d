//! `get-user-balance`: the points that payments are taken from.

use parceld_domain::endpoint::Endpoint;
use parceld_domain::money::Points;
use parceld_domain::verdict::Refusal;

use crate::envelope::Envelope;
use crate::fields::Fields;
use crate::lenient::Misread;
use crate::vendor::Vendor;

impl Vendor {
    /// The balance now.
    ///
    /// # Errors
    /// Whatever is not an envelope of code 0 with a number.
    pub async fn get_user_balance(&self) -> Result<Points, Refusal> {
        self.call(Endpoint::GetUserBalance, None, Fields::new(), decode)
            .await
    }
}

/// Its unit is not stated (trap C5), and numbers of type int carry decimals (trap C8): read as points, a part of a point
/// pays for nothing. Unread it would let no probe lift what is parked.
fn decode(envelope: &Envelope<'_>) -> Result<Points, Misread> {
    envelope
        .data_object()?
        .whole_points("balance")
        .ok_or(Misread("data.balance"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::endpoints::testing::decoded;

    #[test]
    fn a_balance_is_read_in_whole_points_however_it_is_written() {
        for (balance, points) in [
            ("99420", 99420),
            (r#""99420""#, 99420),
            (r#""99420.50""#, 99420),
            ("99420.99", 99420),
            ("99420.0", 99420),
            (r#"" 7.5 ""#, 7),
            ("0.9", 0),
            (r#""-0.5""#, 0),
            ("-3", -3),
            ("-3.00", -3),
        ] {
            let body = format!(r#"{{"code":0,"data":{{"balance":{balance}}}}}"#);
            assert_eq!(decoded(&body, decode), Ok(Points(points)), "{balance}");
        }
    }

    #[test]
    fn what_is_no_number_is_no_balance() {
        for balance in [
            "null",
            r#""""#,
            r#""many""#,
            r#""1,000""#,
            r#""7.5x""#,
            r#"".5""#,
            "1e3",
            "[]",
            "true",
        ] {
            let body = format!(r#"{{"code":0,"data":{{"balance":{balance}}}}}"#);
            assert_eq!(decoded(&body, decode), Err(Misread("data.balance")), "{balance}");
        }
    }
}
