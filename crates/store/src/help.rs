//! The text of `parceld:HELP`: what an operator with nothing but redis-cli needs.

/// Chinese and English one-liners; `parceld:` stands for the namespace.
pub(crate) const HELP: &str = "\
parceld 任务队列 · 用 redis-cli --raw 查看 (parceld job queue, read with redis-cli --raw)

最近失败 latest failed          ZREVRANGE parceld:failed 0 9
失败按错误码 failed by code       HGETALL parceld:failed:codes
一个任务 one job               HGETALL parceld:job:<id>
任务经过 its history            LRANGE parceld:history:<id> 0 -1
按业务键找任务 job by key         GET parceld:key:<kind>:<key>
各状态数量 counts               HGETALL parceld:counts
已暂停的范围 parked scopes       SMEMBERS parceld:scopes
暂停原因 why it is parked        HGETALL parceld:scope:<scope>
执行中 running                 ZRANGE parceld:running 0 -1 WITHSCORES
等待供应商 waiting              ZRANGE parceld:waiting 0 9 WITHSCORES
定时与重试 scheduled            ZRANGE parceld:scheduled 0 9 WITHSCORES
已停放 parked                  ZREVRANGE parceld:parked 0 9
已完成 done                   ZREVRANGE parceld:done 0 9
已取消 cancelled              ZREVRANGE parceld:cancelled 0 9
事件流 events                  XREVRANGE parceld:events + - COUNT 10
提交任务 put a job in           LPUSH parceld:inbox '<one JSON line>'
被拒绝的提交 refused lines        LRANGE parceld:rejected 0 9

重试 retry    parceld jobs retry <id>        取消 cancel   parceld jobs cancel <id>
恢复 resume   parceld resume <scope>         错误码 code   parceld explain <code>
核对 audit    parceld audit                  修复 repair   parceld audit --repair
事件的 id 为空时，说的是 scope 所指的整个范围，不是某个任务 (an event with an empty id is about the whole scope that it names).
范围的 jobs 是等待它的任务：因它停放的和被它挡住的 ready 任务；被几个范围挡住的任务各计一次
(jobs of a scope wait for it: parked by it, or ready and stopped by it; one that several scopes stop counts with each).
请勿手工修改这些键 (do not change these keys by hand).
";
