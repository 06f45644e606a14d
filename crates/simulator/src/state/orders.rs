//! Gift orders: created, paid from the balance, made of packages.

use std::collections::BTreeMap;

use super::catalogue::Product;
use super::packages::{Package, Recipient, Status};

/// The first ids, in the range of the documents' samples.
const FIRST_ORDER_ID: u64 = 375;
const FIRST_PACKAGE_ID: u64 = 1_671;

/// What an order is made of, as `order-create` understood it.
pub(crate) struct NewOrder {
    pub(crate) product: Product,
    pub(crate) product_number: u64,
    pub(crate) warehouse_alias: String,
    pub(crate) remark: String,
    pub(crate) source: String,
    pub(crate) recipients: Vec<Recipient>,
    pub(crate) order_sn: String,
    pub(crate) price_drift: i64,
}

/// One gift order.
pub(crate) struct Order {
    pub(crate) id: u64,
    pub(crate) created_ms: i64,
    pub(crate) order_sn: String,
    pub(crate) remark: String,
    pub(crate) source: String,
    pub(crate) warehouse_alias: String,
    pub(crate) product: Product,
    pub(crate) product_number: u64,
    pub(crate) total_product_price: u64,
    pub(crate) total_freight_price: u64,
    pub(crate) total_price: u64,
    pub(crate) packages: Vec<u64>,
}

/// All gift orders and their packages.
#[derive(Default)]
pub(crate) struct Orders {
    orders: BTreeMap<u64, Order>,
    packages: BTreeMap<u64, Package>,
}

impl Orders {
    /// Creates an order awaiting payment. Every call creates another one, whatever its remark (J1).
    pub(crate) fn create(&mut self, new: NewOrder, now_ms: i64) -> &Order {
        let id = self.next_order_id();
        let count = new.recipients.len() as u64;
        let total_product_price = new.product.price.points(count * new.product_number);
        let total_freight_price = count * new.product.shipping_fee;
        let total_price = (total_product_price + total_freight_price).saturating_add_signed(new.price_drift);
        let first_package = self.next_package_id();
        let packages: Vec<u64> = (first_package..first_package + count).collect();
        for (package_id, recipient) in packages.iter().zip(new.recipients) {
            self.packages
                .insert(*package_id, Package::new(*package_id, id, recipient, now_ms));
        }
        self.orders.entry(id).or_insert(Order {
            id,
            created_ms: now_ms,
            order_sn: new.order_sn,
            remark: new.remark,
            source: new.source,
            warehouse_alias: new.warehouse_alias,
            product: new.product,
            product_number: new.product_number,
            total_product_price,
            total_freight_price,
            total_price,
            packages,
        })
    }

    /// The packages of an order that a payment would pay.
    pub(crate) fn awaiting_payment(&self, order: &Order, now_ms: i64) -> usize {
        let awaiting = |package: &&Package| package.status_at(now_ms) == Some(Status::AwaitingPayment);
        self.packages_of(order).filter(awaiting).count()
    }

    /// Marks what awaits payment in the order as paid.
    pub(crate) fn pay(&mut self, order_id: u64, now_ms: i64, ship_after_ms: u64, waybill_after_ms: u64) {
        let unpaid = |package: &&mut Package| {
            package.order_id == order_id && package.status_at(now_ms) == Some(Status::AwaitingPayment)
        };
        for package in self.packages.values_mut().filter(unpaid) {
            package.pay(now_ms, ship_after_ms, waybill_after_ms);
        }
    }

    pub(crate) fn order(&self, id: u64) -> Option<&Order> {
        self.orders.get(&id)
    }

    pub(crate) fn package(&self, id: u64) -> Option<&Package> {
        self.packages.get(&id)
    }

    pub(crate) fn package_mut(&mut self, id: u64) -> Option<&mut Package> {
        self.packages.get_mut(&id)
    }

    /// All orders, newest first, as in the samples (F4).
    pub(crate) fn newest_first(&self) -> impl Iterator<Item = &Order> {
        self.orders.values().rev()
    }

    /// All packages with their orders, newest first.
    pub(crate) fn packages_newest_first(&self) -> impl Iterator<Item = (&Package, &Order)> {
        self.packages
            .values()
            .rev()
            .filter_map(|package| Some((package, self.orders.get(&package.order_id)?)))
    }

    pub(crate) fn packages_of<'a>(&'a self, order: &'a Order) -> impl Iterator<Item = &'a Package> {
        order.packages.iter().filter_map(|id| self.packages.get(id))
    }

    /// The status of an order, from its packages: the documents do not say how (E5). The least advanced
    /// package that is not cancelled speaks for the order.
    pub(crate) fn status_at(&self, order: &Order, at_ms: i64) -> Option<Status> {
        if order.created_ms > at_ms {
            return None;
        }
        self.packages_of(order)
            .filter_map(|package| package.status_at(at_ms))
            .min()
    }

    /// The id that the next order will bear.
    pub(crate) fn next_order_id(&self) -> u64 {
        self.orders
            .last_key_value()
            .map_or(FIRST_ORDER_ID, |(id, _)| id + 1)
    }

    fn next_package_id(&self) -> u64 {
        self.packages
            .last_key_value()
            .map_or(FIRST_PACKAGE_ID, |(id, _)| id + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::super::catalogue::Catalogue;
    use super::super::packages::tests::recipient;
    use super::*;

    fn new_order(remark: &str) -> NewOrder {
        let product = Catalogue::default().products[0].clone();
        NewOrder {
            product,
            product_number: 2,
            warehouse_alias: "广东仓".to_owned(),
            remark: remark.to_owned(),
            source: "tmall".to_owned(),
            recipients: vec![recipient("A"), recipient("B"), recipient("C")],
            order_sn: "202104101104381809778".to_owned(),
            price_drift: 0,
        }
    }

    #[test]
    fn the_total_is_goods_and_freight_of_every_package() {
        let mut orders = Orders::default();
        let order = orders.create(new_order("r"), 0);
        let unit = order.product.price.points(1);
        assert_eq!(order.total_price, 3 * (2 * unit + order.product.shipping_fee));
        assert_eq!(order.packages.len(), 3);
    }

    #[test]
    fn the_same_remark_creates_again() {
        let mut orders = Orders::default();
        let first = orders.create(new_order("r"), 0).id;
        let second = orders.create(new_order("r"), 0).id;
        assert_ne!(first, second);
        assert_eq!(
            orders.newest_first().map(|order| order.id).collect::<Vec<_>>(),
            [second, first]
        );
    }

    #[test]
    fn an_order_is_as_far_as_its_slowest_package() {
        let mut orders = Orders::default();
        let id = orders.create(new_order("r"), 0).id;
        let first = orders.order(id).expect("the order was just created").packages[0];
        orders.pay(id, 10, 100, 0);
        orders
            .package_mut(first)
            .expect("the order has packages")
            .cancel(20);
        let order = orders.order(id).expect("the order was just created");
        assert_eq!(orders.status_at(order, 9), Some(Status::AwaitingPayment));
        assert_eq!(orders.status_at(order, 20), Some(Status::AwaitingShipment));
        assert_eq!(orders.status_at(order, 110), Some(Status::Shipped));
        for package in order.packages.clone().into_iter().skip(1) {
            orders
                .package_mut(package)
                .expect("the order has packages")
                .cancel(30);
        }
        let order = orders.order(id).expect("the order was just created");
        assert_eq!(orders.status_at(order, 110), Some(Status::Cancelled));
    }
}
