#include "fuzz/byte_source.hpp"

#include <atto/store_requests.hpp>
#include "fuzz/sqlite_sample.hpp"
#include "fuzz/targets.hpp"

#include "contract/store_journal.hpp"
#include "sqlite/database.hpp"
#include "sqlite/schema.hpp"
#include "sqlite/session_rows.hpp"
#include "sqlite/transaction.hpp"

#include <chrono>
#include <functional>
#include <string>

namespace atto::fuzz {

namespace {

using namespace sqlite;
namespace rows = session_rows;

constexpr auto longest = std::chrono::seconds(5);

/// docs/errors.md: what an operation on a file that exists may end with, whatever the file holds.
bool is_documented(const failure& f) {
  return f.code == errc::schema_missing || f.code == errc::schema_mismatch || f.code == errc::storage_failure ||
         f.code == errc::too_large;
}

/// The rules' own refusals are fine as well.
bool is_refusal(const failure& f) {
  return f.code == errc::concurrent_write || f.code == errc::too_large || f.code == errc::owned_elsewhere ||
         f.code == errc::claim_lost;
}

void check(const failure& f) {
  if (!f) return;
  if (!is_documented(f) && !is_refusal(f))
    throw finding("an undocumented error: " + f.code.message() + ": " + f.diag.message());
  require(!f.diag.message().empty() && f.diag.message().find('\n') == std::string::npos, "not one line of words");
}

using work = std::function<failure(connection&)>;

/// One operation, as the worker runs it.
failure run(database& db, kind what, const work& w) {
  db.limit.deadline = run_limit::clock::now() + longest;
  failure f = db.connect(what);
  if (!f) {
    transaction t(db.live());
    f = t.begin(what == kind::read ? transaction::access::read : transaction::access::write);
    if (!f) f = db.check_unchanged(what);
    if (!f) f = w(db.live());
    if (!f && what != kind::read) f = t.commit();
  }
  if (f && !is_refusal(f)) f = db.explain(std::move(f), what);
  return f;
}

template <class T>
failure rows_failure(result<T> r) {
  return r ? failure() : std::move(r).error();
}

void check_loaded(const std::optional<snapshot>& found) {
  if (!found) return;
  require(found->events_before >= 0, "a load of less than nothing");
  for (const json& event : found->history) static_cast<void>(json(std::string(event.text())));
}

void read_all(database& db) {
  for (const char* id : {"a", "b", "c"}) {
    for (const std::size_t last : {load_options::all, std::size_t{1}}) {
      load_request r;
      r.id = id;
      r.last = last;
      check(run(db, kind::read, [&](connection& c) {
        auto found = rows::load(c, r);
        if (found) check_loaded(*found);
        return found ? failure() : std::move(found).error();
      }));
    }
  }
  check(run(db, kind::read, [](connection& c) {
    return rows_failure(rows::find_turn(c, {{}, "a", message_id("m")}));
  }));
  list_request r;
  r.limit = 10;
  check(run(db, kind::read, [&](connection& c) { return rows_failure(rows::list(c, r)); }));
}

void write_all(database& db) {
  const std::string write_id(16, 'w');
  append_request a;
  a.id = "a";
  a.base = 3;
  a.turn = {state(), history{json("1")}};
  a.message_id = message_id("m");
  check(run(db, kind::write, [&](connection& c) { return rows_failure(rows::append(c, a, write_id, 10'000)); }));
  save_request s;
  s.id = "b";
  s.snap = {7, state(), history{json("1"), json(R"({"a":[1,2,3]})")}};
  check(run(db, kind::write, [&](connection& c) { return rows_failure(rows::save(c, s, write_id)); }));
  claim_request claimed;
  claimed.id = "b";
  claimed.owner = "me";
  check(run(db, kind::write, [&](connection& on) { return rows_failure(rows::claim(on, claimed)); }));
  release_request released;
  released.id = "b";
  released.epoch = 1;
  check(run(db, kind::write, [&](connection& on) { return rows_failure(rows::release(on, released)); }));
  check(run(db, kind::write, [](connection& on) { return rows_failure(rows::sweep(on)); }));
  remove_request r;
  r.id = "c";
  check(run(db, kind::write, [&](connection& c) { return rows_failure(rows::remove(c, r)); }));
}

/// Nothing of ours may touch a file that it refuses. A file that bears our stamp is ours: SQLite may roll back its
/// journal, and a write-ahead log becomes a rollback journal, before something in it turns out to be amiss.
void expect_untouched_when_refused(const sample_files& files, const failure& f) {
  if (f.code == errc::schema_mismatch && !files.bears_our_stamp()) {
    require(files.are_as_written(), "a refused file was changed");
  }
  if (f && files.is_quiet()) require(files.database_is_as_written(), "a file that cannot be used was changed");
}

}  // namespace

/// A file that was damaged, or never was one of ours, is opened, read, written and completed.
void sqlite_file(std::string_view input) {
  byte_source in(input);
  const sample_files files(in);
  store_journal unread;
  database db(files.path(), unread);
  db.limit.deadline = run_limit::clock::now() + longest;
  failure opened = db.connect(kind::read);
  if (opened) opened = db.explain(std::move(opened), kind::read);
  check(opened);
  expect_untouched_when_refused(files, opened);
  read_all(db);
  if (opened && files.is_quiet()) require(files.database_is_as_written(), "reading changed a file");
  write_all(db);
  const failure made = run(db, kind::ensure_schema, [](connection& c) {
    schema::standing found{};
    failure f = schema::look(c, found);
    if (!f && found != schema::standing::current) f = schema::create(c);
    return f;
  });
  check(made);
  if (made.code == errc::schema_mismatch && !files.bears_our_stamp()) {
    require(files.are_as_written(), "ensure_schema changed a file it refused");
  }
}

}  // namespace atto::fuzz
