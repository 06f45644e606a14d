//! A namespace of its own and the binary to run on it.

use std::path::Path;
use std::process::{Output, Stdio};
use std::time::Duration;

use parceld_test_support::Redis;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::process::Command;
use tokio::time::timeout;

/// The program under test.
pub(crate) fn binary() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_parceld"))
}

/// Where the commands of one test work.
pub(crate) struct Bed {
    envs: Vec<(String, String)>,
}

/// What a command left.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// No command may take longer; those that wait for Redis give up after 5 s by themselves.
const BOUND: Duration = Duration::from_secs(30);

impl Bed {
    /// On the shared Redis.
    pub(crate) async fn new() -> Self {
        let redis = Redis::shared().await;
        Bed::at(redis.url(), redis.namespace())
    }

    /// On this Redis.
    pub(crate) fn at(url: &str, namespace: &str) -> Self {
        let envs = [
            ("PARCELD__REDIS__URL", url),
            ("PARCELD__REDIS__NAMESPACE", namespace),
        ];
        Bed {
            envs: envs
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .into(),
        }
    }

    /// With one more variable.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.envs.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The variables that the commands get.
    pub(crate) fn envs(&self) -> Vec<(&str, &str)> {
        self.envs
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect()
    }

    /// Runs a command without input.
    pub(crate) async fn run(&self, args: &[&str]) -> Ran {
        self.feed(args, b"").await
    }

    /// Runs a command with this on its standard input.
    pub(crate) async fn feed(&self, args: &[&str], input: &[u8]) -> Ran {
        let mut child = self
            .command(args)
            .spawn()
            .unwrap_or_else(|error| panic!("parceld does not start: {error}"));
        let mut stdin = child.stdin.take().expect("it is piped");
        let write = async {
            // A command that refuses to start reads nothing.
            let _ = stdin.write_all(input).await;
            drop(stdin);
        };
        let (output, ()) = timeout(BOUND, async { tokio::join!(child.wait_with_output(), write) })
            .await
            .unwrap_or_else(|_| panic!("parceld {args:?} did not end within {BOUND:?}"));
        Ran::new(output.expect("its output can be read"))
    }

    /// Enqueues lines and answers the answers.
    pub(crate) async fn enqueue(&self, lines: &[Value]) -> Vec<Value> {
        let input: String = lines.iter().map(|line| format!("{line}\n")).collect();
        let ran = self.feed(&["enqueue"], input.as_bytes()).await;
        assert_eq!(ran.code, 0, "{ran:?}");
        ran.lines()
    }

    /// Runs a command that must succeed, and answers its JSON document.
    pub(crate) async fn json(&self, args: &[&str]) -> Value {
        let ran = self.run(&[&["-o", "json"], args].concat()).await;
        assert_eq!(ran.code, 0, "{args:?}: {ran:?}");
        ran.document()
    }

    /// The command, ready to start; killed when it is dropped.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(binary());
        command
            .args(args)
            .env_clear()
            .envs(self.envs.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        command
    }
}

impl Ran {
    fn new(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("it writes UTF-8");
        Ran {
            code: output.status.code().expect("it was not killed"),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        }
    }

    /// Standard output as one JSON document.
    pub(crate) fn document(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// Standard output as a JSON document a line.
    pub(crate) fn lines(&self) -> Vec<Value> {
        let read = |line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        self.stdout.lines().map(read).collect()
    }
}

/// A sound shipment.
pub(crate) fn ship(key: &str, out_sid: &str) -> Value {
    json!({"kind": "taobao.ship", "key": key, "payload": {
        "shop_id": "7", "tid": "1692089714634374451", "out_sid": out_sid, "company_code": "YTO"}})
}

/// A sound gift order.
pub(crate) fn gift(key: &str) -> Value {
    json!({"kind": "gift.order", "key": key, "payload": {
        "product_id": 28, "warehouse_id": 23, "source": "taobao", "consignees": [{
            "consignee": "张三", "mobile": "15568821111", "province": "浙江", "city": "杭州", "district": "余杭区",
            "address": "余杭街道1号", "platform_order_sn": format!("P-{key}")}]}})
}

/// The text at this field.
pub(crate) fn text(value: &Value, field: &str) -> String {
    let text = value[field].as_str();
    text.unwrap_or_else(|| panic!("no text {field} in {value}"))
        .to_owned()
}
