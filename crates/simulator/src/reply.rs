//! What the vendor answers: a code, a message and data, in its envelope.

use serde_json::{Value, json};

/// The messages as the vendor's table prints them, for replies that bring no words of their own.
const MESSAGES: &[(i64, &str)] = &[
    (0, "成功"),
    (100, "请求参数错误"),
    (101, "请求超时,请重试"),
    (102, "调用接口不成功"),
    (103, "旺旺账号不存在"),
    (200, "系统错误,请联系客服"),
    (202, "系统错误,请稍后再试"),
    (203, "暂不支持当前接口"),
    (204, "请求异常"),
    (205, "缺少必要参数"),
    (208, "参数类型错误"),
    (302, "未授权店铺"),
    (303, "店铺未订购该软件"),
    (401, "身份凭证无效"),
    (404, "请求路径或请求方式错误"),
    (614, "系统异常"),
    (10402, "当前产品不存在"),
    (10403, "当前仓库不存在"),
    (10406, "当前订单不存在"),
    (10407, "当前订单状态不是待付款状态"),
    (10408, "当前订单下没有包裹待付款包裹"),
    (10409, "订单创建失败"),
    (10410, "订单付款失败"),
    (10411, "当前包裹不存在"),
    (10412, "当前包裹不能取消!"),
    (10413, "当前包裹取消失败"),
    (10416, "支付超时"),
];

/// One answer, before it is put into the envelope.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Reply {
    pub(crate) code: i64,
    pub(crate) msg: String,
    pub(crate) data: Value,
}

impl Reply {
    pub(crate) fn ok(data: Value) -> Self {
        Self {
            code: 0,
            msg: message(0).to_owned(),
            data,
        }
    }

    /// A success in other words: the message differs by endpoint (B3).
    pub(crate) fn ok_saying(msg: &str, data: Value) -> Self {
        Self {
            code: 0,
            msg: msg.to_owned(),
            data,
        }
    }

    /// A refusal in the table's words. `data` is an empty array on every error (B2).
    pub(crate) fn refused(code: i64) -> Self {
        Self::refused_saying(code, message(code))
    }

    pub(crate) fn refused_saying(code: i64, msg: &str) -> Self {
        Self {
            code,
            msg: msg.to_owned(),
            data: json!([]),
        }
    }

    pub(crate) fn with_data(self, data: Value) -> Self {
        Self { data, ..self }
    }

    /// The envelope as it goes over the wire.
    pub(crate) fn envelope(&self, msec: u64, unix_seconds: i64, full_width: bool) -> Value {
        let msg = if full_width {
            to_full_width(&self.msg)
        } else {
            self.msg.clone()
        };
        json!({"code": self.code, "msg": msg, "msec": msec, "time": unix_seconds, "data": self.data})
    }
}

/// The table's message of a code.
pub(crate) fn message(code: i64) -> &'static str {
    MESSAGES
        .iter()
        .find(|(known, _)| *known == code)
        .map_or("未知错误", |(_, msg)| msg)
}

/// Spelt as the live service may well spell it: full-width signs, no blanks (A17).
pub(crate) fn to_full_width(msg: &str) -> String {
    let widen = |sign: char| match sign {
        ',' => '，',
        '!' => '！',
        ':' => '：',
        ';' => '；',
        '(' => '（',
        ')' => '）',
        other => other,
    };
    msg.chars()
        .filter(|sign| !sign.is_whitespace())
        .map(widen)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_carries_an_empty_array() {
        let envelope = Reply::refused(10412).envelope(802, 1_614_336_877, false);
        let sample = json!({"code": 10412, "msg": "当前包裹不能取消!", "msec": 802, "time": 1_614_336_877, "data": []});
        assert_eq!(envelope, sample);
    }

    #[test]
    fn full_width_spelling_changes_signs_and_drops_blanks() {
        let wide = "请求异常：API调用次数不足，请兑换！";
        assert_eq!(to_full_width("请求异常:API 调用次数不足,请兑换!"), wide);
    }
}
