// LangGraph's own saver by its own API: a checkpoint a turn, PostgresSaver.put, in which the channel that changed holds
// the whole conversation. One asynchronous loop a writer, on the saver's pool.
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { uuid6 } from "@langchain/langgraph-checkpoint";
import { PostgresSaver } from "@langchain/langgraph-checkpoint-postgres";
import pg from "pg";

const texts = ["dsn", "workload", "mode", "file", "table", "writers", "connections", "seconds", "warmup", "sessions", "events"];
const { values: o } = parseArgs({ options: Object.fromEntries(texts.map((t) => [t, { type: "string" }])) });
const number = (name, value) => Number(o[name] ?? value);
const writers = number("writers", 1);
const connections = number("connections", 8);
const seconds = number("seconds", 3);

const conversations = readFileSync(o.file, "utf8")
  .split("\n\n")
  .filter((c) => c.trim())
  .map((c) => c.trim().split("\n").map((line) => JSON.parse(line)));
const parsed = Object.fromEntries(o.dsn.split(" ").map((pair) => pair.split("=")));
const pool = new pg.Pool({
  host: parsed.host, port: Number(parsed.port), user: parsed.user, database: parsed.dbname, max: connections,
});
const saver = new PostgresSaver(pool, undefined, { schema: o.table });
await saver.setup();

let made = 0;
const begin = (source) => ({ id: `atto-bench:peer:${String(made++).padStart(8, "0")}`, source, said: 0, parent: undefined, puts: 0 });
const sessions = Array.from({ length: Math.max(number("sessions", 160), writers) }, (_, i) =>
  begin(conversations[i % conversations.length]));

async function put(s) {
  const id = uuid6(s.puts);
  const checkpoint = {
    v: 4, id, ts: new Date().toISOString(), versions_seen: {}, channel_versions: { messages: s.said },
    channel_values: { messages: s.source.slice(0, s.said), turns: s.said },
  };
  const config = { configurable: { thread_id: s.id, checkpoint_ns: "", checkpoint_id: s.parent } };
  await saver.put(config, checkpoint, { source: "loop", step: s.said, parents: {} }, { messages: s.said });
  s.parent = id;
  s.puts++;
}

let acknowledged = 0;
for (const [i, s] of sessions.entries()) {
  s.said = (i * 7919) % s.source.length;
  if (s.said === 0) continue;
  await put(s);
  acknowledged++;
}

const micros = [];
const from = performance.now() + number("warmup", 0.5) * 1000;
const until = from + seconds * 1000;
async function loop(writer) {
  for (let i = writer, started = performance.now(); started < until; i = i + writers < sessions.length ? i + writers : writer) {
    if (sessions[i].said === sessions[i].source.length) sessions[i] = begin(sessions[i].source);
    const s = sessions[i];
    s.said++;
    await put(s);
    const ended = performance.now();
    acknowledged++;
    if (ended >= from && ended <= until) {
      micros.push(Math.round((ended - started) * 1000));
    }
    started = ended;
  }
}
await Promise.all(Array.from({ length: writers }, (_, w) => loop(w)));
await pool.end();

micros.sort((a, b) => a - b);
const percentile = (p) => (micros.length ? micros[Math.max(1, Math.ceil((micros.length * p) / 100)) - 1] : 0);
console.log(JSON.stringify({
  program: "langgraph", workload: o.workload, mode: "save", writers, connections, events: 0, ops: micros.length, seconds,
  ops_per_second: Math.round((micros.length / seconds) * 10) / 10, p50_us: percentile(50), p90_us: percentile(90),
  p99_us: percentile(99), max_us: percentile(100), payload_bytes: 0, acknowledged,
}));
