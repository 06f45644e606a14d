use super::*;
use crate::private::Private;

/// 2023-11-15 06:13:20 in China.
const NOW_MS: u64 = 1_700_000_000_000;
const JOB_MS: u64 = NOW_MS - 5_000;

fn order(province: &str, city: &str) -> GiftOrder {
    let text = r#"{"product_id":11,"warehouse_id":23,"source":"taobao","product_number":2,"consignees":[
        {"consignee":"a","mobile":1,"province":"浙江","city":"杭州","district":"余杭区","address":"x"},
        {"consignee":"b","mobile":2,"province":"江苏","city":"南京","district":"玄武区","address":"y"}]}"#;
    let mut order: GiftOrder = serde_json::from_str(text).unwrap();
    order.consignees[1].province = Private::new(province.to_owned());
    order.consignees[1].city = Private::new(city.to_owned());
    order
}

fn nearby() -> GiftOrder {
    order("江苏", "南京")
}

fn product(id: &str, warehouse_id: &str) -> Product {
    Product {
        id: Id::from(id),
        warehouse_id: Id::from(warehouse_id),
        sale_price: Yuan::parse("0.6").unwrap(),
        shipping_fee: Points(135),
    }
}

fn ban(district: &str, start: &str, end: &str) -> Forbidden {
    Forbidden {
        districts: vec![district.to_owned()],
        start: start.to_owned(),
        end: end.to_owned(),
    }
}

/// Fetched after the job came in.
fn catalogue() -> Catalogue {
    Catalogue {
        fetched_at_ms: NOW_MS - 1_000,
        warehouses: vec![Warehouse {
            id: Id::from("23"),
            forbidden: Vec::new(),
        }],
        products: vec![product("11", "23")],
    }
}

fn banned(ban: Forbidden) -> Catalogue {
    let mut catalogue = catalogue();
    catalogue.warehouses[0].forbidden = vec![ban];
    catalogue
}

fn check(order: &GiftOrder, catalogue: &Catalogue) -> Preflight {
    preflight(order, catalogue, JOB_MS, NOW_MS)
}

fn refused(preflight: Preflight) -> JobError {
    match preflight {
        Preflight::Refused(error) => error,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_expected_price_is_recipients_times_goods_and_freight() {
    let expected = Points(2 * (2 * 60 + 135));
    assert_eq!(check(&nearby(), &catalogue()), Preflight::Go { expected });
    let one_piece = GiftOrder {
        product_number: None,
        ..nearby()
    };
    let expected = Points(2 * (60 + 135));
    assert_eq!(check(&one_piece, &catalogue()), Preflight::Go { expected });
}

#[test]
fn a_catalogue_older_than_ten_minutes_says_nothing() {
    let at_the_limit = Catalogue {
        fetched_at_ms: NOW_MS - AGE_MAX_MS,
        ..catalogue()
    };
    assert!(matches!(check(&nearby(), &at_the_limit), Preflight::Go { .. }));
    let stale = Catalogue {
        fetched_at_ms: NOW_MS - AGE_MAX_MS - 1,
        ..catalogue()
    };
    assert_eq!(check(&nearby(), &stale), Preflight::NeedsFresh);
}

#[test]
fn what_is_missing_is_refused_with_the_vendors_code_only_by_a_catalogue_fetched_after_the_job_came_in() {
    let no_product = Catalogue {
        products: Vec::new(),
        ..catalogue()
    };
    let no_warehouse = Catalogue {
        warehouses: Vec::new(),
        ..catalogue()
    };
    let cases = [(no_product, Some(10402)), (no_warehouse, Some(10403))];
    for (catalogue, code) in cases {
        assert_eq!(refused(check(&nearby(), &catalogue)).code, code);
        let older = Catalogue {
            fetched_at_ms: JOB_MS,
            ..catalogue
        };
        assert_eq!(check(&nearby(), &older), Preflight::NeedsFresh);
    }
}

#[test]
fn the_row_of_the_orders_own_warehouse_gives_the_price() {
    let dear = Product {
        shipping_fee: Points(999),
        ..product("11", "24")
    };
    let both = Catalogue {
        products: vec![dear, product("11", "23")],
        ..catalogue()
    };
    let expected = Points(510);
    assert_eq!(check(&nearby(), &both), Preflight::Go { expected });
}

#[test]
fn a_product_whose_row_names_no_warehouse_is_at_every_one() {
    let anywhere = Catalogue {
        products: vec![product("11", "")],
        ..catalogue()
    };
    assert!(matches!(check(&nearby(), &anywhere), Preflight::Go { .. }));
}

#[test]
fn a_product_that_is_listed_beside_another_warehouse_may_be_ordered_at_its_price() {
    let elsewhere = Catalogue {
        products: vec![product("11", "24"), product("11", "25")],
        ..catalogue()
    };
    assert_eq!(check(&nearby(), &elsewhere), check(&nearby(), &catalogue()));
}

#[test]
fn a_forbidden_area_is_recognised_whatever_suffix_either_side_writes() {
    let cases = [
        ("北京市", "北京", "北京市"),
        ("北京市", "北京市", "市辖区"),
        ("黑龙江省/伊春市", "黑龙江", "伊春"),
        ("黑龙江/伊春", "黑龙江省", "伊春市"),
        ("新疆维吾尔自治区", "新疆", "乌鲁木齐"),
        ("内蒙古", "内蒙古自治区", "包头"),
        ("伊春市", "黑龙江", "伊春"),
        ("江苏/南京/玄武区", "江苏", "南京"),
    ];
    for (district, province, city) in cases {
        let catalogue = banned(ban(district, "", ""));
        let error = refused(check(&order(province, city), &catalogue));
        assert!(error.msg.contains(district), "{}", error.msg);
        assert!(error.msg.contains("consignees[1]"), "{}", error.msg);
        assert_eq!(error.class, ErrorClass::Terminal);
    }
}

#[test]
fn an_area_beside_a_forbidden_one_is_served() {
    let cases = [
        ("黑龙江省/伊春市", "黑龙江", "哈尔滨"),
        ("吉林省/长春市", "吉林", "吉林市"),
        ("青海省/海南", "海南", "海口"),
        ("江苏/南京/鼓楼区", "江苏", "南京"),
        ("", "江苏", "南京"),
    ];
    for (district, province, city) in cases {
        let catalogue = banned(ban(district, "", ""));
        let answer = check(&order(province, city), &catalogue);
        assert!(matches!(answer, Preflight::Go { .. }), "{district}: {answer:?}");
    }
}

#[test]
fn a_ban_holds_between_its_times_in_china() {
    let cases = [
        ("2023-11-15 06:13:20", "2023-11-15 06:13:20", true),
        ("2023-11-15 06:13:21", "2023-12-01 00:00:00", false),
        ("2023-11-01 00:00:00", "2023-11-15 06:13:19", false),
        ("2023-11-01 00:00:00", "", true),
        ("", "2023-11-15 06:13:19", false),
        ("soon", "later", true),
    ];
    for (start, end, holds) in cases {
        let answer = check(&nearby(), &banned(ban("江苏", start, end)));
        let is_refused = matches!(answer, Preflight::Refused(_));
        assert_eq!(is_refused, holds, "{start} {end}");
    }
}

#[test]
fn no_error_shows_where_a_recipient_lives() {
    let error = refused(check(&order("北京", "秘密"), &banned(ban("北京市", "", ""))));
    assert!(!format!("{error:?}").contains("秘密"));
}

#[test]
fn a_number_of_pieces_that_gives_no_price_is_refused_by_name() {
    for number in ["0", "-1", "1.5", "99999999999"] {
        let order = GiftOrder {
            product_number: Some(Id::from(number)),
            ..nearby()
        };
        let error = refused(check(&order, &catalogue()));
        assert!(error.msg.starts_with("payload.product_number: "), "{}", error.msg);
    }
}
