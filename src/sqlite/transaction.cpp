#include "sqlite/transaction.hpp"

#include "sqlite/sqlite_error.hpp"

#include <sqlite3.h>

namespace atto::sqlite {

transaction::~transaction() {
  // A failed statement may have ended the transaction already.
  if (sqlite3_get_autocommit(connection_.handle()) == 0)
    sqlite3_exec(connection_.handle(), "ROLLBACK", nullptr, nullptr, nullptr);
}

failure transaction::begin(access a) {
  // Not IMMEDIATE: the wait for other processes' readers would then come in COMMIT, where a write whose deadline passes
  // can no longer be taken back for certain. See docs/decisions/0002.
  return connection_.run(a == access::read ? "BEGIN" : "BEGIN EXCLUSIVE");
}

failure transaction::commit() {
  sqlite3* db = connection_.handle();
  if (sqlite3_exec(db, "COMMIT", nullptr, nullptr, nullptr) == SQLITE_OK) return {};
  return commit_failure(sqlite3_extended_errcode(db), sqlite3_errmsg(db));
}

}  // namespace atto::sqlite
