//! Control requests that cannot be followed say why, and change nothing.

use serde_json::{Value, json};

use crate::wire::Vendor;

async fn refusal(vendor: &Vendor, path: &str, document: Value) -> String {
    let reply = vendor.steer(path, document).await;
    reply["error"]
        .as_str()
        .unwrap_or_else(|| panic!("no refusal: {reply}"))
        .to_owned()
}

#[tokio::test]
async fn a_change_that_is_misspelt_is_refused_by_name() {
    let vendor = Vendor::start().await;
    let wrong = [
        (json!({"balances": 1}), "balances"),
        (
            json!({"balance": 1, "options": {"pay_thrice": true}}),
            "pay_thrice",
        ),
        (json!({"balance": 1, "options": {"pay_twice": 3}}), "options"),
        (json!({"balance": 1, "shops": {"7": "closed"}}), "closed"),
        (json!({"balance": 1, "packages": {"5": "ship"}}), "there is no 5"),
        (
            json!({"products": [{"id": 1, "name": "x", "sale_price": "free", "shipping_fee": 1, "warehouse_id": 1}]}),
            "price",
        ),
    ];
    for (document, named) in wrong {
        let error = refusal(&vendor, "/sim/state", document.clone()).await;
        assert!(error.contains(named), "{document}: {error}");
    }
    assert_eq!(vendor.get("/sim/state").await["balance"], 1_000_000);
}

#[tokio::test]
async fn a_fault_that_is_misspelt_is_refused_by_name() {
    let vendor = Vendor::start().await;
    let wrong = [
        (json!([{"endpoint": "sned", "fault": {"cut": true}}]), "sned"),
        (
            json!([{"fault": {"cut": true}}, {"fault": {"explode": true}}]),
            "explode",
        ),
        (json!([{"fault": {"cut": true}, "when": "never"}]), "never"),
        (json!({"seed": 1, "rate": 2}), "rate"),
        (json!({"seed": 1, "rate": 0.1, "kinds": ["boom"]}), "boom"),
        (json!({"seed": 1, "rate": 0.1, "endpoints": ["sned"]}), "sned"),
    ];
    for (document, named) in wrong {
        let error = refusal(&vendor, "/sim/faults", document.clone()).await;
        assert!(error.contains(named), "{document}: {error}");
    }
    assert_eq!(
        vendor.get("/sim/faults").await,
        json!({"rules": [], "seeded": null})
    );
}

#[tokio::test]
async fn an_unknown_route_or_query_is_refused() {
    let vendor = Vendor::start().await;
    assert!(vendor.get("/sim/legder").await["error"].is_string());
    assert!(vendor.get("/sim/calls?since=1").await["error"].is_string());
    assert!(vendor.get("/sim/calls?after=x").await["error"].is_string());
    assert_eq!(vendor.get("/sim/ledger").await["calls"], 0);
}

#[tokio::test]
async fn the_state_is_read_as_it_was_set() {
    let vendor = Vendor::start().await;
    let change = json!({
        "balance": 5, "shops": {"7": "unauthorised"}, "logistics": {"7": 95}, "douyin_orders": {"1A": "unknown"},
        "douyin_shipped": {"2A": "SF9"}, "options": {"pay_twice": true},
    });
    let state = vendor.steer("/sim/state", change.clone()).await;
    for part in ["balance", "shops", "logistics", "douyin_orders", "douyin_shipped"] {
        assert_eq!(state[part], change[part], "{part}");
    }
    assert_eq!(
        (&state["options"]["pay_twice"], &state["options"]["ship_after_ms"]),
        (&json!(true), &json!(3_000))
    );
}
