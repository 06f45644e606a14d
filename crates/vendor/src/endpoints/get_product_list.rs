//! `get-product-list`: the gift products.

use parceld_domain::endpoint::Endpoint;
use parceld_domain::id::Id;
use parceld_domain::money::{Points, Yuan};
use parceld_domain::verdict::Refusal;
use serde_json::value::RawValue;

use crate::envelope::Envelope;
use crate::fields::Fields;
use crate::lenient::{Misread, Object};
use crate::vendor::Vendor;

/// Products of the catalogue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Products {
    /// The rows, in the vendor's order.
    pub list: Vec<Product>,
    /// How many products there are on all pages, if the reply says so.
    pub total: Option<u64>,
}

/// One product in one warehouse.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Product {
    /// What `order-create` needs.
    pub product_id: Id,
    /// The warehouse that has it.
    pub warehouse_id: Option<Id>,
    /// Its name; may be missing (trap F9).
    pub product_name: Option<String>,
    /// Its price in yuan, unlike the freight beside it (trap C5).
    pub sale_price: Option<Yuan>,
    /// The freight of one package in points.
    pub shipping_fee: Option<Points>,
    /// Pieces in stock.
    pub stock: Option<u64>,
    /// The vendor's status; its values are not documented (trap E4).
    pub status: Option<i64>,
}

impl Vendor {
    /// One page, the first being 1 (trap F1).
    ///
    /// # Errors
    /// Whatever is not an envelope of code 0 with readable rows.
    pub async fn get_product_list(&self, page: u32, size: u32) -> Result<Products, Refusal> {
        let fields = Fields::new().range(page, size);
        self.call(Endpoint::GetProductList, None, fields, |envelope| {
            let products = decode(envelope)?;
            // A list that says it has rows and shows none of them is no answer.
            let is_bare = products.list.is_empty() && products.total.unwrap_or(0) > 0;
            if page == 1 && is_bare {
                Err(Misread("data.list"))
            } else {
                Ok(products)
            }
        })
        .await
    }
}

fn decode(envelope: &Envelope<'_>) -> Result<Products, Misread> {
    let (rows, total) = envelope.data_object()?.listed("list", "total", "data.list")?;
    Ok(Products {
        list: rows.into_iter().map(product).collect::<Result<_, _>>()?,
        total,
    })
}

fn product(raw: &RawValue) -> Result<Product, Misread> {
    let row = Object::read(raw).ok_or(Misread("data.list[]"))?;
    Ok(Product {
        product_id: row.id("id").ok_or(Misread("data.list[].id"))?,
        warehouse_id: row.id("warehouse_id"),
        product_name: row.text("product_name"),
        sale_price: row.yuan("sale_price"),
        shipping_fee: row.points("shipping_fee"),
        stock: row.count("stock"),
        status: row.whole("status"),
    })
}
