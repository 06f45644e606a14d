//! Gift packages: one per recipient, moving by itself from payment to the waybill.

/// The status numbers of orders and packages (E5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Status {
    AwaitingPayment = 1,
    AwaitingShipment = 2,
    Shipped = 3,
    Cancelled = 4,
}

impl Status {
    /// As the lists print it.
    pub(crate) fn text(self) -> String {
        (self as u8).to_string()
    }
}

/// Where a package goes. Personal data: it is shown to nobody but the caller of the list (K4).
#[derive(Clone)]
pub(crate) struct Recipient {
    pub(crate) consignee: String,
    pub(crate) mobile: String,
    pub(crate) province: String,
    pub(crate) city: String,
    pub(crate) district: String,
    pub(crate) address: String,
    pub(crate) platform_order_sn: Option<String>,
}

/// One package. Its life is a row of instants, so that a list can show how things stood a while ago (J8).
pub(crate) struct Package {
    pub(crate) id: u64,
    pub(crate) order_id: u64,
    pub(crate) recipient: Recipient,
    pub(crate) created_ms: i64,
    paid_ms: Option<i64>,
    shipped_ms: Option<i64>,
    waybill_ms: Option<i64>,
    cancelled_ms: Option<i64>,
}

impl Package {
    pub(crate) fn new(id: u64, order_id: u64, recipient: Recipient, created_ms: i64) -> Self {
        let (paid_ms, shipped_ms, waybill_ms, cancelled_ms) = (None, None, None, None);
        Self {
            id,
            order_id,
            recipient,
            created_ms,
            paid_ms,
            shipped_ms,
            waybill_ms,
            cancelled_ms,
        }
    }

    /// Takes the payment, and sets when the package will ship and get its waybill.
    pub(crate) fn pay(&mut self, now_ms: i64, ship_after_ms: u64, waybill_after_ms: u64) {
        let shipped_ms = now_ms.saturating_add_unsigned(ship_after_ms);
        self.paid_ms = Some(now_ms);
        self.shipped_ms = Some(shipped_ms);
        self.waybill_ms = Some(shipped_ms.saturating_add_unsigned(waybill_after_ms));
    }

    /// Ships a paid package at once, with its waybill or without one for good.
    pub(crate) fn ship(&mut self, now_ms: i64, with_waybill: bool) -> bool {
        let may = matches!(
            self.status_at(now_ms),
            Some(Status::AwaitingShipment | Status::Shipped)
        );
        if may {
            self.shipped_ms = self.shipped_ms.map(|due| due.min(now_ms));
            self.waybill_ms = with_waybill.then_some(now_ms);
        }
        may
    }

    /// Cancels the package, unless it is shipped or cancelled already.
    pub(crate) fn cancel(&mut self, now_ms: i64) -> bool {
        let may = matches!(
            self.status_at(now_ms),
            Some(Status::AwaitingPayment | Status::AwaitingShipment)
        );
        if may {
            self.cancelled_ms = Some(now_ms);
        }
        may
    }

    /// The status at an instant; nothing before the package was there.
    pub(crate) fn status_at(&self, at_ms: i64) -> Option<Status> {
        let reached = |instant: Option<i64>| instant.is_some_and(|instant| instant <= at_ms);
        (self.created_ms <= at_ms).then(|| match self {
            _ if reached(self.cancelled_ms) => Status::Cancelled,
            _ if reached(self.shipped_ms) => Status::Shipped,
            _ if reached(self.paid_ms) => Status::AwaitingShipment,
            _ => Status::AwaitingPayment,
        })
    }

    /// The waybill number and the carrier's name, once they are there (E6, E9).
    pub(crate) fn waybill_at(&self, at_ms: i64) -> Option<(String, &'static str)> {
        let there = self.status_at(at_ms) == Some(Status::Shipped)
            && self.waybill_ms.is_some_and(|instant| instant <= at_ms);
        there.then(|| (format!("YT{:013}", 8_800_000_000_000 + self.id), "圆通速递"))
    }

    /// When the package last changed before an instant.
    pub(crate) fn updated_at(&self, at_ms: i64) -> Option<i64> {
        let changes = [self.paid_ms, self.shipped_ms, self.waybill_ms, self.cancelled_ms];
        changes
            .into_iter()
            .flatten()
            .filter(|instant| *instant <= at_ms)
            .max()
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn recipient(platform_order_sn: &str) -> Recipient {
        Recipient {
            consignee: "张三1".to_owned(),
            mobile: "15568821111".to_owned(),
            province: "浙江".to_owned(),
            city: "杭州".to_owned(),
            district: "余杭".to_owned(),
            address: "余杭街道".to_owned(),
            platform_order_sn: Some(platform_order_sn.to_owned()),
        }
    }

    fn package() -> Package {
        Package::new(10, 8, recipient("111111"), 100)
    }

    #[test]
    fn a_paid_package_ships_by_itself_and_gets_its_waybill_later() {
        let mut package = package();
        package.pay(200, 50, 25);
        assert_eq!(package.status_at(99), None);
        assert_eq!(package.status_at(199), Some(Status::AwaitingPayment));
        assert_eq!(package.status_at(249), Some(Status::AwaitingShipment));
        assert_eq!(package.status_at(250), Some(Status::Shipped));
        assert_eq!(package.waybill_at(274), None);
        assert!(package.waybill_at(275).is_some());
    }

    #[test]
    fn a_package_is_cancelled_once_and_not_when_shipped() {
        let mut unpaid = package();
        assert!(unpaid.cancel(150));
        assert!(!unpaid.cancel(160));
        assert_eq!(unpaid.status_at(140), Some(Status::AwaitingPayment));
        assert_eq!(unpaid.status_at(150), Some(Status::Cancelled));
        let mut shipped = package();
        shipped.pay(200, 0, 0);
        assert!(!shipped.cancel(200));
    }

    #[test]
    fn control_ships_only_what_is_paid() {
        let mut package = package();
        assert!(!package.ship(150, true));
        package.pay(200, 1_000_000, 0);
        assert!(package.ship(210, false));
        assert_eq!(package.status_at(210), Some(Status::Shipped));
        assert_eq!(package.waybill_at(i64::MAX), None);
        assert!(package.ship(220, true));
        assert!(package.waybill_at(220).is_some());
    }
}
