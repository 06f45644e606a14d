//! Codes that several endpoints share (vendor/error-codes.md, section 3.1).

use super::Blocks::{Account, Balance, Endpoint, Shop};
use super::Meaning::{Blocked, LookUp, Retryable, Success, Terminal};
use super::{ERP, EVERY, Row, SEND_DETAIL, SHOP, SUBMIT_PAYMENT, row};

/// Order matters where two rows tell equally much: the first counts.
#[rustfmt::skip]
pub(super) static ROWS: [Row; 24] = [
    row(EVERY, 0, "成功", Success, "success", "无需处理。"),

    row(ERP, 100, "请求参数错误", Terminal,
        "request parameter error",
        "请核对任务中的参数是否正确，改正后用新内容重新提交。"),
    row(SHOP, 100, "请求参数错误", Terminal,
        "request parameter error",
        "请检查参数是否为空或格式有误，改正后用新内容重新提交。"),

    row(ERP, 101, "请求超时,请重试", Retryable,
        "request timed out, please retry",
        "程序会自动重试；写操作先查询结果，不会盲目重发。若持续出现，请检查网络或联系对方客服。"),
    row(SHOP, 101, "请求超时,请重试", Retryable,
        "request timed out, please retry",
        "程序会自动重试；写操作先查询结果，不会盲目重发。若持续出现，请检查网络是否通畅。"),

    row(SHOP, 102, "调用接口不成功", LookUp,
        "calling the interface failed",
        "对方没有说明是否已生效：写操作先查询结果再决定。请检查请求内容，或联系对方客服。"),

    row(ERP, 103, "旺旺账号不存在", Terminal,
        "Wangwang account does not exist",
        "请核对填写的旺旺名称。各接口本不接收旺旺账号，若无法解释，请联系对方客服。"),

    row(ERP, 200, "系统错误,请联系客服", LookUp,
        "system error, contact support",
        "这是错误，不是成功。请检查接口地址是否正确，否则联系对方客服；程序不会自动重试，写操作先查询结果。"),
    row(SHOP, 200, "系统错误,请联系客服", LookUp,
        "system error, contact support",
        "这是错误，不是成功。请联系对方客服；程序不会自动重试，写操作先查询结果。"),

    row(ERP, 202, "系统错误,请稍后再试", Retryable,
        "system error, try later",
        "程序会自动重试；写操作先查询结果，不会盲目重发。若持续出现，请在对接群联系对方。"),

    row(ERP, 203, "暂不支持当前接口", Blocked(Endpoint),
        "this interface is not supported at present",
        "对方暂不支持该接口，已暂停调用。请联系对方客服确认，可用后执行 parceld resume 恢复。"),

    row(ERP, 204, "请求异常:无该接口权限,请前往官网开通正式接口。", Blocked(Endpoint),
        "request exception: no permission for this interface, open it on the website",
        "没有该接口的权限，已暂停调用。请到对方官网开通正式接口，然后执行 parceld resume 恢复。")
        .told_by(&["权限"]),
    row(ERP, 204, "请求异常:API 调用次数不足,请前往网站兑换次数。", Blocked(Endpoint),
        "request exception: not enough API calls left, redeem calls on the website",
        "该接口的调用次数已用完，已暂停调用。请到对方网站兑换次数，然后执行 parceld resume 恢复。")
        .told_by(&["调用次数"]),
    row(SHOP, 204, "请求异常", Terminal,
        "request exception",
        "请检查接口地址和参数是否正确，改正后重试。"),
    row(SHOP, 204, "免费次数或点券余额不足,请充值", Blocked(Balance),
        "free calls or points used up, top up",
        "免费次数或点券余额不足，扣费操作已暂停。请充值点券，程序会自动探测并恢复。")
        .told_by(&["点券余额", "免费次数", "余额"]),

    row(SHOP, 205, "缺少必要参数", Terminal,
        "mandatory parameter missing",
        "请检查必填参数是否都已填写，补全后用新内容重新提交。"),
    row(SHOP, 208, "参数类型错误", Terminal,
        "parameter of the wrong type",
        "请检查参数类型，改正后用新内容重新提交。"),

    row(SUBMIT_PAYMENT, 302, "点券余额不足", Blocked(Balance),
        "not enough points",
        "点券余额不足，付款已暂停；订单保留，不会重复付款。请充值点券，程序会自动探测并恢复。")
        .told_by_or_bare(&["余额"]),
    row(ERP, 302, "未授权店铺", Blocked(Shop),
        "shop not authorised",
        "店铺未授权，该店铺的任务已暂停。请让店铺打开返回的链接扫码授权，然后执行 parceld resume 恢复。")
        .told_by_or_bare(&["授权"]),
    row(SHOP, 302, "未授权店铺或则授权过期", Blocked(Shop),
        "shop not authorised or authorisation expired",
        "店铺未授权或授权已过期，该店铺的任务已暂停。请让店铺用返回的链接重新授权，然后执行 parceld resume 恢复。")
        .told_by_or_bare(&["授权"]),

    row(SHOP, 303, "店铺未订购该软件", Blocked(Shop),
        "shop has not subscribed to the software",
        "店铺未订购该软件或订购已到期，该店铺的任务已暂停。请订购或续订，然后执行 parceld resume 恢复。"),

    row(SEND_DETAIL, 401, "身份凭证无效", Blocked(Account),
        "credential invalid",
        "access_token 无效或已过期，全部调用已暂停。请更新 vendor.access_token 并重启，程序会自动探测并恢复。"),
    row(SHOP, 401, "身份凭证无效", Blocked(Account),
        "credential invalid",
        "access_token 无效或已过期，全部调用已暂停。请重新获取 token、更新设置并重启，程序会自动探测并恢复。"),

    row(SEND_DETAIL, 404, "请求路径或请求方式错误", Blocked(Endpoint),
        "wrong path or method",
        "接口路径或请求方式有误，已暂停该接口。请检查 vendor.endpoints 中该接口的 path，改正后恢复。"),
];
