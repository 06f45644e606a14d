//! `get-shop-info`: one product's details. No shop, despite its name (trap D15).

use parceld_domain::endpoint::Endpoint;
use parceld_domain::id::Id;
use parceld_domain::money::{Points, Yuan};
use parceld_domain::verdict::Refusal;

use crate::envelope::Envelope;
use crate::fields::Fields;
use crate::lenient::Misread;
use crate::vendor::Vendor;

/// One product, with what the list lacks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProductDetails {
    /// The product.
    pub product_id: Id,
    /// Its name, which the list calls `product_name` (trap D9).
    pub name: Option<String>,
    /// Its price in yuan (trap C5).
    pub sale_price: Option<Yuan>,
    /// The freight of one package in points.
    pub shipping_fee: Option<Points>,
    /// The warehouse that has it, by another name than in the list (trap D9).
    pub warehouse_id: Option<Id>,
    /// Pieces in stock.
    pub stock: Option<u64>,
    /// For which source it is meant; its effect on ordering is not documented (trap E11).
    pub user_source: Option<String>,
    /// The vendor's status; its values are not documented (trap E4).
    pub status: Option<i64>,
}

impl Vendor {
    /// One product by its id.
    ///
    /// # Errors
    /// Whatever is not an envelope of code 0 with a product.
    pub async fn get_shop_info(&self, product_id: &Id) -> Result<ProductDetails, Refusal> {
        let fields = Fields::new().number("id", product_id);
        self.call(Endpoint::GetShopInfo, None, fields, decode).await
    }
}

fn decode(envelope: &Envelope<'_>) -> Result<ProductDetails, Misread> {
    let data = envelope.data_object()?;
    Ok(ProductDetails {
        product_id: data.id("id").ok_or(Misread("data.id"))?,
        name: data.text("name"),
        sale_price: data.yuan("sale_price"),
        shipping_fee: data.points("shipping_fee"),
        warehouse_id: data.id("ext_warehouse_id"),
        stock: data.count("stock"),
        user_source: data.text("user_source"),
        status: data.whole("status"),
    })
}
