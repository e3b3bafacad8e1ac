// SQLite as most programs use it: prepared statements, a commit a save. Many writers take turns on one connection,
// since a file has one writer at a time; synchronous=FULL, with the rollback journal, as atto has it, or --journal wal.

#include "measurement.hpp"
#include "options.hpp"
#include "turn_source.hpp"

#include <sqlite3.h>

#include <exception>
#include <iostream>
#include <memory>
#include <stdexcept>

namespace {

using namespace peers;

struct close_database {
  void operator()(sqlite3* db) const noexcept { sqlite3_close(db); }
};
struct end_statement {
  void operator()(sqlite3_stmt* s) const noexcept { sqlite3_finalize(s); }
};

class database {
 public:
  explicit database(const options& o) {
    sqlite3* db = nullptr;
    const int opened = sqlite3_open(o.dsn.c_str(), &db);
    db_.reset(db);
    if (opened != SQLITE_OK) fail();
    run(o.wal ? "PRAGMA journal_mode=WAL" : "PRAGMA journal_mode=DELETE");
    run("PRAGMA synchronous=FULL");
    run("CREATE TABLE IF NOT EXISTS peer_sessions (session_id TEXT PRIMARY KEY, version INTEGER NOT NULL,"
        " state TEXT NOT NULL, history TEXT NOT NULL, updated_at TEXT NOT NULL)");
    sqlite3_stmt* s = nullptr;
    const char* sql =
        "INSERT INTO peer_sessions (session_id, version, state, history, updated_at)"
        " VALUES (?1, ?2, ?3, ?4, datetime('now')) ON CONFLICT (session_id) DO UPDATE SET version = excluded.version,"
        " state = excluded.state, history = excluded.history, updated_at = excluded.updated_at"
        " WHERE peer_sessions.version < excluded.version";
    if (sqlite3_prepare_v2(db, sql, -1, &s, nullptr) != SQLITE_OK) fail();
    save_.reset(s);
  }

  void run(const char* sql) {
    if (sqlite3_exec(db_.get(), sql, nullptr, nullptr, nullptr) != SQLITE_OK) fail();
  }

  void save(const session_write& w) {
    sqlite3_stmt* s = save_.get();
    sqlite3_bind_text(s, 1, w.id.data(), static_cast<int>(w.id.size()), SQLITE_STATIC);
    sqlite3_bind_int64(s, 2, w.base + 1);
    sqlite3_bind_text(s, 3, w.state.data(), static_cast<int>(w.state.size()), SQLITE_STATIC);
    sqlite3_bind_text(s, 4, w.events.data(), static_cast<int>(w.events.size()), SQLITE_STATIC);
    if (sqlite3_step(s) != SQLITE_DONE || sqlite3_changes(db_.get()) != 1) fail();
    sqlite3_reset(s);
  }

 private:
  [[noreturn]] void fail() const { throw std::runtime_error(sqlite3_errmsg(db_.get())); }

  std::unique_ptr<sqlite3, close_database> db_;
  std::unique_ptr<sqlite3_stmt, end_statement> save_;
};

std::size_t prepare(database& db, turn_source& turns) {
  std::size_t written = 0;
  db.run("BEGIN");
  for (std::size_t i = 0; i < turns.preparations(); ++i) {
    const session_write w = turns.prepare(i);
    if (w.count == 0) continue;
    db.save(w);
    ++written;
  }
  db.run("COMMIT");
  return written;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const options o = parse(argc, argv);
    turn_source turns(o);
    database db(o);
    log all;
    all.acknowledged = prepare(db, turns);
    hold(o);
    const measurement m(o);
    std::size_t writer = 0;
    std::size_t begun = 0;
    for (auto started = clock::now(); !m.over(started) && (o.operations == 0 || begun < o.operations); ++begun) {
      const session_write w = turns.next(writer++ % o.writers);
      db.save(w);
      const auto ended = clock::now();
      all.add(m, started, ended, w.state.size() + w.events.size(), true);
      started = ended;
    }
    print("sqlite_per_save", o, m, all);
  } catch (const std::exception& e) {
    std::cerr << "sqlite_per_save: " << e.what() << '\n';
    return 1;
  }
}
