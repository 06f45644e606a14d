//! A namespace's keys as plain JSON, and back.

use serde_json::{Map, Value, json};

use crate::world::World;

/// Every key of a namespace by its name without the namespace: `[type, milliseconds to live, value]`.
const DUMP: &str = "
local read = {
  string = function(name) return redis.call('GET', name) end,
  list = function(name) return redis.call('LRANGE', name, 0, -1) end,
  set = function(name) return redis.call('SMEMBERS', name) end,
  zset = function(name) return redis.call('ZRANGE', name, 0, -1, 'WITHSCORES') end,
  hash = function(name) return redis.call('HGETALL', name) end,
  stream = function(name) return redis.call('XRANGE', name, '-', '+') end,
}
local keys = {}
for _, name in ipairs(redis.call('KEYS', ARGV[1] .. ':*')) do
  local type = redis.call('TYPE', name).ok
  keys[string.sub(name, #ARGV[1] + 2)] = { type, redis.call('PTTL', name), read[type](name) }
end
return cjson.encode(keys)";

/// The keys of the world's namespace: `{"<name>": {"<type>": value}}`, with `ttl_ms` beside it where a key is to go.
pub(super) fn keys(world: &World) -> Map<String, Value> {
    let namespace = world.store.settings().namespace.clone();
    let dump = world.redis_as_it_is(&["EVAL".to_owned(), DUMP.to_owned(), "0".to_owned(), namespace]);
    let dump: Map<String, Value> = serde_json::from_str(&dump).expect("the script answers JSON");
    dump.into_iter()
        .map(|(name, entry)| (name, readable(&entry)))
        .collect()
}

fn readable(entry: &Value) -> Value {
    let kind = entry[0].as_str().expect("a type");
    let value = match (kind, &entry[2]) {
        ("hash" | "zset", Value::Array(pairs)) => pairs
            .chunks(2)
            .map(|pair| (text(&pair[0]).to_owned(), pair[1].clone()))
            .collect::<Map<_, _>>()
            .into(),
        ("set", Value::Array(members)) => {
            let mut members: Vec<&str> = members.iter().map(text).collect();
            members.sort_unstable();
            json!(members)
        }
        (_, value) => value.clone(),
    };
    let mut readable = json!({ kind: value });
    if let Some(ttl_ms) = entry[1].as_i64().filter(|ttl_ms| *ttl_ms >= 0) {
        readable["ttl_ms"] = ttl_ms.into();
    }
    readable
}

fn text(value: &Value) -> &str {
    value.as_str().expect("Redis holds text only")
}

/// Writes the keys into the world's namespace.
pub(super) fn load(world: &World, keys: &Map<String, Value>) {
    for (name, entry) in keys {
        let name = format!("{}:{name}", world.store.settings().namespace);
        for command in commands(&name, entry) {
            world.redis_as_it_is(&command);
        }
    }
}

fn commands(name: &str, entry: &Value) -> Vec<Vec<String>> {
    let entry = entry.as_object().expect("an entry names its type");
    let mut commands = Vec::new();
    let mut put = |words: &[&str], more: Vec<String>| {
        commands.push(words.iter().map(|word| (*word).to_owned()).chain(more).collect());
    };
    let listed = |value: &Value| -> Vec<String> {
        let members = value.as_array().expect("a list");
        members.iter().map(|member| text(member).to_owned()).collect()
    };
    let turned = |value: &Value, member_first: bool| -> Vec<String> {
        let pairs = value.as_object().expect("names and values");
        let pair = |(name, value): (&String, &Value)| {
            let (name, value) = (name.clone(), text(value).to_owned());
            if member_first {
                [name, value]
            } else {
                [value, name]
            }
        };
        pairs.iter().flat_map(pair).collect()
    };
    for (kind, value) in entry {
        match kind.as_str() {
            "string" => put(&["SET", name], vec![text(value).to_owned()]),
            "list" => put(&["RPUSH", name], listed(value)),
            "set" => put(&["SADD", name], listed(value)),
            "hash" => put(&["HSET", name], turned(value, true)),
            "zset" => put(&["ZADD", name], turned(value, false)),
            "stream" => {
                for event in value.as_array().expect("a list") {
                    put(&["XADD", name, text(&event[0])], listed(&event[1]));
                }
            }
            "ttl_ms" => {}
            other => panic!("{name}: no type {other}"),
        }
    }
    if let Some(ttl_ms) = entry.get("ttl_ms") {
        put(&["PEXPIRE", name, &ttl_ms.to_string()], Vec::new());
    }
    commands
}
