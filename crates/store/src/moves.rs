//! The scripts: one constant a move, its parts pasted in, run by hash and loaded again when Redis forgot them.

use std::fmt;

use redis::{FromRedisValue, Script};

use crate::connect::Store;
use crate::error::StoreError;

macro_rules! script {
    ($flags:literal, $($part:literal),+) => {
        concat!("#!lua", $flags, "\n", $(include_str!(concat!("../lua/", $part, ".lua")), "\n"),+)
    };
}

macro_rules! moves {
    ($($field:ident: $flags:literal, [$($part:literal),+]);+ $(;)?) => {
        /// Every move, compiled once.
        pub(crate) struct Moves { $(pub(crate) $field: Move),+ }

        impl Moves {
            pub(crate) fn new() -> Self {
                Moves { $($field: Move { name: stringify!($field), script: Script::new(script!($flags, $($part),+)) }),+ }
            }
        }
    };
}

// Moves that take work in or start it are refused by a full Redis; moves that record or give back never are.
moves! {
    enqueue: "", ["parts/base", "parts/lanes", "parts/transition", "enqueue"];
    reject: " flags=allow-oom", ["parts/base", "reject"];
    claim: "", ["parts/base", "parts/lanes", "parts/transition", "parts/spoilt", "parts/resume", "parts/bucket", "parts/promote", "parts/take", "claim"];
    read_slot: "", ["parts/base", "parts/bucket", "read_slot"];
    begin: "", ["parts/base", "parts/lanes", "parts/transition", "begin"];
    settle: " flags=allow-oom", ["parts/base", "parts/lanes", "parts/transition", "parts/probe", "settle"];
    hand_back: " flags=allow-oom", ["parts/base", "parts/lanes", "parts/transition", "parts/probe", "hand_back"];
    renew: " flags=allow-oom", ["parts/base", "renew"];
    observe: " flags=allow-oom", ["parts/base", "parts/lanes", "parts/transition", "observe"];
    turn_page: " flags=allow-oom", ["parts/base", "parts/probe", "turn_page"];
    condemn: " flags=allow-oom", ["parts/base", "parts/lanes", "parts/transition", "parts/spoilt", "condemn"];
    release: " flags=allow-oom", ["parts/base", "parts/lanes", "parts/transition", "release"];
    publish_catalogue: " flags=allow-oom", ["parts/base", "publish_catalogue"];
    operate: " flags=allow-oom", ["parts/base", "parts/lanes", "parts/transition", "operate"];
    park: " flags=allow-oom", ["parts/base", "parts/lanes", "parts/transition", "park"];
    resume: " flags=allow-oom", ["parts/base", "parts/lanes", "parts/transition", "parts/spoilt", "parts/resume", "resume"];
    expire: " flags=allow-oom", ["parts/base", "parts/lanes", "parts/transition", "parts/spoilt", "expire"];
    stats: " flags=no-writes,allow-oom", ["parts/base", "stats"];
    audit_jobs: " flags=no-writes,allow-oom", ["parts/base", "audit_jobs"];
    audit_hints: " flags=no-writes,allow-oom", ["parts/base", "parts/lanes", "parts/count", "audit_hints"];
    audit_lanes: " flags=no-writes,allow-oom", ["parts/base", "parts/lanes", "parts/count", "audit_lanes"];
    audit_counts: " flags=no-writes,allow-oom", ["parts/base", "parts/lanes", "parts/count", "audit_counts"];
    audit_scopes: " flags=no-writes,allow-oom", ["parts/base", "parts/lanes", "parts/count", "audit_scopes"];
    audit_errands: " flags=no-writes,allow-oom", ["parts/base", "audit_errands"];
    audit_mend: " flags=allow-oom", ["parts/base", "parts/lanes", "parts/count", "audit_mend"];
}

/// One atomic move.
pub(crate) struct Move {
    name: &'static str,
    script: Script,
}

impl Move {
    /// Makes the move once; the namespace goes in front of `args`.
    pub(crate) async fn run<T: FromRedisValue>(
        &self,
        store: &Store,
        args: &[impl AsRef<[u8]>],
    ) -> Result<T, StoreError> {
        let (generation, mut connection) = store.link().connection().await?;
        let mut call = self.script.key(store.key("counts"));
        call.arg(store.namespace());
        for arg in args {
            call.arg(arg.as_ref());
        }
        #[cfg(not(feature = "effect-points"))]
        let made = call.invoke_async(&mut connection).await;
        #[cfg(feature = "effect-points")]
        let made = crate::lost_reply::invoke(self.name, &call, &mut connection).await;
        match made {
            Ok(reply) => store.link().accept(generation, reply),
            Err(error) => Err(store.link().judge(generation, self.name, error).await),
        }
    }

    /// Makes the move once for each list of arguments, in one round trip and in order.
    ///
    /// A list whose move Redis refused ends the call with its error; the moves before it stand.
    pub(crate) async fn run_each<T: FromRedisValue>(
        &self,
        store: &Store,
        calls: &[Vec<Vec<u8>>],
    ) -> Result<Vec<T>, StoreError> {
        let (generation, mut connection) = store.link().connection().await?;
        let mut pipe = redis::pipe();
        // Loading is cheap beside a bulk, and a server that was restarted between two bulks has forgotten it.
        pipe.load_script(&self.script).ignore();
        for args in calls {
            let mut call = self.script.key(store.key("counts"));
            call.arg(store.namespace());
            for arg in args {
                call.arg(arg);
            }
            pipe.invoke_script(&call);
        }
        match pipe.query_async(&mut connection).await {
            Ok(replies) => store.link().accept(generation, replies),
            Err(error) => Err(store.link().judge(generation, self.name, error).await),
        }
    }
}

impl fmt::Debug for Moves {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Moves")
    }
}
