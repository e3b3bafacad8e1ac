#include "sqlite/query.hpp"

#include "sqlite/sqlite_error.hpp"

#include <sqlite3.h>

namespace atto::sqlite {

query::query(connection& c, statement_id s) noexcept
    : connection_(c), statement_(c.prepared(s)), rc_(statement_ == nullptr ? SQLITE_MISUSE : SQLITE_OK) {}

query::query(connection& c, std::string_view sql)
    : connection_(c),
      statement_(c.prepared(sql)),
      rc_(statement_ == nullptr ? sqlite3_extended_errcode(c.handle()) : SQLITE_OK) {}

query::~query() {
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
}

void query::keep(int rc) noexcept {
  if (rc_ == SQLITE_OK) rc_ = rc;
}

query& query::text(std::string_view value) noexcept {
  if (rc_ == SQLITE_OK) {
    // A null pointer would bind NULL.
    const char* data = value.data() == nullptr ? "" : value.data();
    keep(sqlite3_bind_text64(statement_, next_++, data, value.size(), SQLITE_STATIC, SQLITE_UTF8));
  }
  return *this;
}

query& query::blob(std::string_view value) noexcept {
  if (rc_ == SQLITE_OK) keep(sqlite3_bind_blob64(statement_, next_++, value.data(), value.size(), SQLITE_STATIC));
  return *this;
}

query& query::integer(std::int64_t value) noexcept {
  if (rc_ == SQLITE_OK) keep(sqlite3_bind_int64(statement_, next_++, value));
  return *this;
}

query& query::null() noexcept {
  if (rc_ == SQLITE_OK) keep(sqlite3_bind_null(statement_, next_++));
  return *this;
}

bool query::step() noexcept {
  if (rc_ != SQLITE_OK) return false;
  const int rc = sqlite3_step(statement_);
  if (rc == SQLITE_ROW) return true;
  if (rc != SQLITE_DONE) keep(rc);
  return false;
}

failure query::run() {
  while (step()) {
  }
  return error();
}

failure query::error() const {
  if (rc_ == SQLITE_OK) return {};
  return to_failure(rc_, sqlite3_errmsg(connection_.handle()));
}

std::int64_t query::changed() const noexcept {
  return sqlite3_changes64(connection_.handle());
}

std::int64_t query::integer_at(int column) const noexcept {
  return sqlite3_column_int64(statement_, column);
}

std::string_view query::text_at(int column) const noexcept {
  const auto* data = sqlite3_column_text(statement_, column);
  if (data == nullptr) return {};
  return {reinterpret_cast<const char*>(data), static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

std::string_view query::blob_at(int column) const noexcept {
  const auto* data = static_cast<const char*>(sqlite3_column_blob(statement_, column));
  if (data == nullptr) return {};
  return {data, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

}  // namespace atto::sqlite
