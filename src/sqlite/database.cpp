#include "sqlite/database.hpp"

#include "sqlite/database_file.hpp"
#include "sqlite/query.hpp"
#include "sqlite/schema.hpp"

#include <utility>

namespace atto::sqlite {

namespace {

/// True when the connection can no longer be trusted, or looks at a file that is not what it was.
bool poisons(const failure& f) {
  return f.code == errc::storage_failure || f.code == errc::outcome_unknown || f.code == errc::schema_missing ||
         f.code == errc::schema_mismatch || f.code == errc::unavailable;
}

failure switched() {
  return {errc::unavailable, "another program has put the database into write-ahead log mode; try again"};
}

}  // namespace

failure database::connect(kind what) {
  if (connection_ && connection_->moved()) {
    give_up({errc::storage_failure, {}, "the database file was moved, removed or replaced while in use", {}});
  }
  if (connection_ && connection_->switched_to_log()) give_up(trouble_of(switched()));  // to open it switches it back
  if (connection_) return {};
  failure f = open(what);
  f ? journal_.on_attempt_failed(trouble_of(f)) : journal_.on_connected();
  return f;
}

void database::give_up(const connection_failure& why) noexcept {
  if (connection_ == nullptr) return;
  connection_.reset();
  journal_.on_lost(why);
}

failure database::open(kind what) {
  database_file::presence found{};
  if (failure f = database_file::look(path_, found)) return f;
  if (found == database_file::presence::absent) {
    if (what != kind::ensure_schema) return schema::refusal(schema::standing::missing);
    if (failure f = database_file::create(path_)) return f;
  }
  auto opened = connection::open(path_, limit);
  if (!opened) return std::move(opened).error();
  if (what != kind::ensure_schema) {
    schema::standing tables{};
    if (failure f = schema::look(**opened, tables)) return f;
    if (failure f = schema::refusal(tables)) return f;
    if (failure f = (*opened)->prepare()) return f;
  }
  connection_ = *std::move(opened);
  return {};
}

failure database::check_unchanged(kind what) {
  if (connection_->switched_to_log()) return switched();  // a commit would promise less
  if (what == kind::ensure_schema) return {};
  query q(*connection_, statement_id::user_version);
  const bool same = q.step() && q.integer_at(0) == schema_version;
  if (failure f = q.error()) return f;
  if (same) return {};
  return {errc::schema_mismatch, "the database was changed by another release of atto; use that release"};
}

/// A statement fails with SQLITE_ERROR when its table has gone: the look of a new connection tells what is the matter.
failure database::explain(failure f, kind what) {
  if (f.diag.code() == "SQLITE_ERROR") {
    give_up(trouble_of(f));
    if (failure why = connect(what)) f = std::move(why);
  }
  if (poisons(f)) give_up(trouble_of(f));
  return f;
}

}  // namespace atto::sqlite
