//! `order-create`: creates a gift order that awaits its payment.

use parceld_domain::endpoint::Endpoint;
use parceld_domain::id::Id;
use parceld_domain::money::Points;
use parceld_domain::payload::{Consignee, GiftOrder};
use parceld_domain::verdict::Refusal;

use crate::envelope::Envelope;
use crate::fields::{Fields, Value};
use crate::lenient::{Misread, Object};
use crate::vendor::Vendor;

/// An unpaid vendor order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Created {
    /// What `submit-payment` needs.
    pub order_id: Id,
    /// What the lists can be filtered by.
    pub order_sn: Id,
    /// What the payment will take: the whole order, not one package's goods of the same name (trap D17).
    pub total_price: Points,
    /// How many packages it has, if the reply says so.
    pub packages: Option<u64>,
}

impl Vendor {
    /// Creates one gift order under this remark, our only way to find it again. Each call creates another one.
    ///
    /// # Errors
    /// Whatever is not an envelope of code 0 with the order's id, number and price.
    pub async fn order_create(&self, order: &GiftOrder, remark: &str) -> Result<Created, Refusal> {
        let fields = Fields::new()
            .number("product_id", &order.product_id)
            .number("warehouse_id", &order.warehouse_id)
            .number_if("product_number", order.product_number.as_ref())
            .text("remark", remark)
            .list("consignees", order.consignees.iter().map(consignee).collect())
            .text("source", &order.source)
            .id_if("shop_id", order.shop_id.as_ref())
            .number_if("vvtype", order.vvtype.as_ref());
        self.call(Endpoint::OrderCreate, order.shop_id.as_ref(), fields, decode)
            .await
    }
}

fn consignee(person: &Consignee) -> Value {
    Value::Object(
        Fields::new()
            .text("consignee", person.consignee.expose())
            .id("mobile", person.mobile.expose())
            .text("province", person.province.expose())
            .text("city", person.city.expose())
            .text("district", person.district.expose())
            .text("address", person.address.expose())
            .id_if("platform_order_sn", person.platform_order_sn.as_ref()),
    )
}

fn decode(envelope: &Envelope<'_>) -> Result<Created, Misread> {
    let data = envelope.data_object()?;
    let order = data
        .given("order")
        .and_then(Object::read)
        .ok_or(Misread("data.order"))?;
    // PHP turns a lost id into 0.
    let real = |id: &Id| id.as_str().bytes().any(|byte| byte != b'0');
    Ok(Created {
        order_id: order
            .id("order_id")
            .filter(real)
            .ok_or(Misread("data.order.order_id"))?,
        order_sn: order
            .id("order_sn")
            .filter(real)
            .ok_or(Misread("data.order.order_sn"))?,
        total_price: order
            .points("total_price")
            .ok_or(Misread("data.order.total_price"))?,
        packages: order.count("total_freight_number"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::endpoints::testing::decoded;

    #[test]
    fn an_order_whose_id_number_or_price_is_missing_is_no_proof() {
        for (order, missing) in [
            (r#""order_sn":"2021","total_price":420"#, "data.order.order_id"),
            (
                r#""order_id":0,"order_sn":"2021","total_price":420"#,
                "data.order.order_id",
            ),
            (r#""order_id":375,"total_price":420"#, "data.order.order_sn"),
            (r#""order_id":375,"order_sn":"2021""#, "data.order.total_price"),
            (
                r#""order_id":375,"order_sn":"2021","total_price":"4.2""#,
                "data.order.total_price",
            ),
        ] {
            let body =
                format!(r#"{{"code":0,"data":{{"product":{{"total_price":1}},"order":{{{order}}}}}}}"#);
            assert_eq!(decoded(&body, decode), Err(Misread(missing)), "{order}");
        }
        for data in ["[]", "{}", r#"{"order":[]}"#, r#"{"order":"375"}"#] {
            let body = format!(r#"{{"code":0,"data":{data}}}"#);
            assert_eq!(decoded(&body, decode), Err(Misread("data.order")), "{data}");
        }
    }

    #[test]
    fn a_number_of_21_digits_keeps_them_all() {
        let body = r#"{"code":0,"data":{"order":{"order_id":"375","order_sn":202104101104381809778,"total_price":"420"}}}"#;
        assert_eq!(
            decoded(body, decode).unwrap().order_sn,
            Id::from("202104101104381809778")
        );
    }
}
