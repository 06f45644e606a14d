//! Enqueues a thousand Taobao shipments in bulk and counts what became of them.
//!
//! `cargo run -p parceld-producer --example ship_many`, with a Redis on this machine.

use std::error::Error;

use parceld_domain::payload::TaobaoShip;
use parceld_producer::{Job, Producer};
use parceld_store::{Store, StoreSettings};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let store = Store::connect(StoreSettings::new("redis://127.0.0.1:6379/0", "parceld")).await?;
    let jobs = (0..1000).map(|number| {
        let ship = TaobaoShip {
            shop_id: "123456789".into(),
            tid: format!("16920897146343{number:05}").into(),
            out_sid: format!("YT{number:05}").into(),
            company_code: "YTO".to_owned(),
            ..TaobaoShip::default()
        };
        Job::taobao_ship(ship).key(format!("ERP-{number}"))
    });
    let answers = Producer::new(store).enqueue_many(jobs).await?;
    let known = answers.iter().flatten().filter(|answer| answer.duplicate).count();
    let refused = answers.iter().filter(|answer| answer.is_err()).count();
    let new = answers.len() - known - refused;
    eprintln!("{new} new, {known} known before, {refused} refused");
    Ok(())
}
