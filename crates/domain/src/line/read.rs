//! The payloads, field by field in the vendor's own names. A field that a struct gains is missed here by the compiler.

use super::fields::Fields;
use crate::kind::Kind;
use crate::payload::{
    Consignee, DouyinShip, GiftCancel, GiftOrder, LogisticsSync, OrdersSync, Payload, TaobaoShip,
};
use crate::validate::FieldError;

/// The payload of a job of this kind; its content is not checked yet.
pub(super) fn payload(kind: Kind, mut fields: Fields<'_>) -> Result<Payload, FieldError> {
    let payload = match kind {
        Kind::TaobaoShip => Payload::TaobaoShip(taobao_ship(&mut fields)?),
        Kind::DouyinShip => Payload::DouyinShip(douyin_ship(&mut fields)?),
        Kind::GiftOrder => Payload::GiftOrder(gift_order(&mut fields)?),
        Kind::GiftCancel => Payload::GiftCancel(GiftCancel {
            package_id: fields.id("package_id")?,
        }),
        Kind::OrdersSync => Payload::OrdersSync(OrdersSync {
            owner_id: fields.id("owner_id")?,
            order_sns: fields.ids("order_sns")?,
            version: fields.optional_id("type")?,
        }),
        Kind::LogisticsSync => Payload::LogisticsSync(logistics_sync(&mut fields)?),
    };
    fields.end()?;
    Ok(payload)
}

fn taobao_ship(fields: &mut Fields<'_>) -> Result<TaobaoShip, FieldError> {
    Ok(TaobaoShip {
        shop_id: fields.id("shop_id")?,
        tid: fields.id("tid")?,
        out_sid: fields.id("out_sid")?,
        company_code: fields.text("company_code")?,
        sub_tid: fields.optional_id("sub_tid")?,
        is_split: fields.optional_id("is_split")?,
        sender_id: fields.optional_id("sender_id")?,
        cancel_id: fields.optional_id("cancel_id")?,
        feature: fields.optional_text("feature")?,
        vvtype: fields.optional_id("vvtype")?,
    })
}

fn douyin_ship(fields: &mut Fields<'_>) -> Result<DouyinShip, FieldError> {
    Ok(DouyinShip {
        shop_id: fields.id("shop_id")?,
        order_id: fields.id("order_id")?,
        logistics_code: fields.text("logistics_code")?,
        waybill_code: fields.id("waybill_code")?,
        vvtype: fields.optional_id("vvtype")?,
    })
}

fn gift_order(fields: &mut Fields<'_>) -> Result<GiftOrder, FieldError> {
    Ok(GiftOrder {
        product_id: fields.id("product_id")?,
        warehouse_id: fields.id("warehouse_id")?,
        consignees: fields
            .objects("consignees")?
            .into_iter()
            .map(consignee)
            .collect::<Result<_, _>>()?,
        source: fields.text("source")?,
        product_number: fields.optional_id("product_number")?,
        remark: fields.optional_text("remark")?,
        shop_id: fields.optional_id("shop_id")?,
        vvtype: fields.optional_id("vvtype")?,
    })
}

fn consignee(mut fields: Fields<'_>) -> Result<Consignee, FieldError> {
    let consignee = Consignee {
        consignee: fields.private_text("consignee")?,
        mobile: fields.private_id("mobile")?,
        province: fields.private_text("province")?,
        city: fields.private_text("city")?,
        district: fields.private_text("district")?,
        address: fields.private_text("address")?,
        platform_order_sn: fields.optional_id("platform_order_sn")?,
    };
    fields.end()?;
    Ok(consignee)
}

fn logistics_sync(fields: &mut Fields<'_>) -> Result<LogisticsSync, FieldError> {
    Ok(LogisticsSync {
        shop_id: fields.id("shop_id")?,
        fields: fields.optional_text("fields")?,
        tid: fields.optional_id("tid")?,
        buyer_nick: fields.optional_private_text("buyer_nick")?,
        status: fields.optional_text("status")?,
        seller_confirm: fields.optional_text("seller_confirm")?,
        receiver_name: fields.optional_private_text("receiver_name")?,
        start_created: fields.optional_text("start_created")?,
        end_created: fields.optional_text("end_created")?,
        freight_payer: fields.optional_text("freight_payer")?,
        freight: fields.optional_text("type")?,
        vvtype: fields.optional_id("vvtype")?,
    })
}
