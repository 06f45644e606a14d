//! `list-warehouse`: all warehouses, their courier price and the areas they do not serve.

use parceld_domain::catalogue::Forbidden;
use parceld_domain::endpoint::Endpoint;
use parceld_domain::id::Id;
use parceld_domain::money::Points;
use parceld_domain::verdict::Refusal;
use serde_json::value::RawValue;

use crate::envelope::Envelope;
use crate::fields::Fields;
use crate::lenient::{Misread, Object, rows, texts, unquoted};
use crate::vendor::Vendor;

/// What separates areas in one text; a path has a slash inside.
const AREAS_END: [char; 6] = [',', '，', '、', ';', '；', '|'];

/// One warehouse of the catalogue.
#[derive(Debug, Clone)]
pub struct Warehouse {
    /// What `order-create` needs.
    pub warehouse_id: Id,
    /// Its name.
    pub name: Option<String>,
    /// The courier's price of one package.
    pub api_price: Option<Points>,
    /// Where it does not ship to, and when.
    pub forbid: Vec<Forbidden>,
}

impl Vendor {
    /// All warehouses.
    ///
    /// # Errors
    /// Whatever is not an envelope of code 0 with readable rows.
    pub async fn list_warehouse(&self) -> Result<Vec<Warehouse>, Refusal> {
        self.call(Endpoint::ListWarehouse, None, Fields::new(), decode)
            .await
    }
}

fn decode(envelope: &Envelope<'_>) -> Result<Vec<Warehouse>, Misread> {
    let rows = rows(envelope.data()).ok_or(Misread("data"))?;
    rows.into_iter().map(warehouse).collect()
}

fn warehouse(raw: &RawValue) -> Result<Warehouse, Misread> {
    let row = Object::read(raw).ok_or(Misread("data[]"))?;
    Ok(Warehouse {
        warehouse_id: row.id("warehouse_id").ok_or(Misread("data[].warehouse_id"))?,
        name: row.text("warehouse_name"),
        api_price: row.points("api_price"),
        forbid: row.given("forbidSend").map_or(Ok(Vec::new()), bans)?,
    })
}

/// The sample's list, or the text that the table promises: of that list, or of areas (trap B15). A list that is not
/// understood would keep every order of every warehouse waiting.
fn bans(raw: &RawValue) -> Result<Vec<Forbidden>, Misread> {
    if let Some(rows) = rows(Some(raw)) {
        return rows.into_iter().map(forbidden).collect();
    }
    match unquoted(raw) {
        Some(inner) if Object::read(&inner).is_some() || rows(Some(&inner)).is_some() => bans(&inner),
        _ => forbidden(raw).map(|ban| vec![ban]),
    }
}

/// Areas with their time, or areas alone, which are then banned for good.
fn forbidden(raw: &RawValue) -> Result<Forbidden, Misread> {
    let Some(row) = Object::read(raw) else {
        let districts = areas(raw);
        return match districts.is_empty() {
            true => Err(Misread("data[].forbidSend[]")),
            false => Ok(Forbidden {
                districts,
                ..Forbidden::default()
            }),
        };
    };
    let time = |name| row.text(name).unwrap_or_default();
    Ok(Forbidden {
        districts: row.given("district").map(areas).unwrap_or_default(),
        start: time("startTime"),
        end: time("endTime"),
    })
}

/// The areas of a list, or of one text that separates them.
fn areas(raw: &RawValue) -> Vec<String> {
    let listed = unquoted(raw).filter(|inner| rows(Some(inner)).is_some());
    let texts = texts(listed.as_deref().unwrap_or(raw));
    let areas = texts.iter().flat_map(|text| text.split(AREAS_END)).map(str::trim);
    areas.filter(|area| !area.is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::endpoints::testing::decoded;

    /// The areas and the start of each ban that this `forbidSend` names.
    fn banned(forbid_send: &str) -> Result<Vec<(Vec<String>, String)>, Misread> {
        let body = format!(r#"{{"code":0,"data":[{{"warehouse_id":"23","forbidSend":{forbid_send}}}]}}"#);
        let mut warehouses = decoded(&body, decode)?;
        let bans = warehouses.remove(0).forbid;
        Ok(bans.into_iter().map(|ban| (ban.districts, ban.start)).collect())
    }

    #[test]
    fn forbidden_areas_are_read_from_lists_and_from_the_texts_that_the_table_promises() {
        const START: &str = "2021-08-01 00:00:00";
        let timed = |districts: &str| format!(r#"[{{"district":{districts},"startTime":"{START}"}}]"#);
        let quoted = |json: &str| serde_json::to_string(json).unwrap();
        for (forbid_send, areas, start) in [
            (
                timed(r#"["北京市","黑龙江省/伊春市"]"#),
                vec!["北京市", "黑龙江省/伊春市"],
                START,
            ),
            (timed(r#""北京市""#), vec!["北京市"], START),
            (
                timed(r#""北京市, 上海市、黑龙江省/伊春市""#),
                vec!["北京市", "上海市", "黑龙江省/伊春市"],
                START,
            ),
            (
                timed(&quoted(r#"["北京市","上海市"]"#)),
                vec!["北京市", "上海市"],
                START,
            ),
            (quoted(&timed(r#"["北京市"]"#)), vec!["北京市"], START),
            (
                quoted(r#"{"district":"北京市","startTime":""}"#),
                vec!["北京市"],
                "",
            ),
            (r#"{"district":["北京市"]}"#.to_owned(), vec!["北京市"], ""),
            (r#"["北京市"]"#.to_owned(), vec!["北京市"], ""),
            (r#""北京市，上海市""#.to_owned(), vec!["北京市", "上海市"], ""),
        ] {
            let areas: Vec<String> = areas.into_iter().map(str::to_owned).collect();
            assert_eq!(
                banned(&forbid_send),
                Ok(vec![(areas, start.to_owned())]),
                "{forbid_send}"
            );
        }
    }

    #[test]
    fn nothing_forbidden_comes_in_every_empty_shape_but_in_no_other() {
        for nothing in ["[]", "{}", "null", r#""""#, r#"" ""#, r#""[]""#] {
            assert_eq!(banned(nothing), Ok(Vec::new()), "{nothing}");
        }
        for odd in ["[[]]", r#"[""]"#] {
            assert_eq!(banned(odd), Err(Misread("data[].forbidSend[]")), "{odd}");
        }
    }
}
