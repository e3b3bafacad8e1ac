#include "sqlite/sqlite_error.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <utility>

namespace atto::sqlite {

namespace {

struct named {
  int code;
  std::string_view name;
};

#define ATTO_NAMED(c) \
  named {             \
    c, #c             \
  }
constexpr std::array names = {
    ATTO_NAMED(SQLITE_ERROR),
    ATTO_NAMED(SQLITE_INTERNAL),
    ATTO_NAMED(SQLITE_PERM),
    ATTO_NAMED(SQLITE_ABORT),
    ATTO_NAMED(SQLITE_BUSY),
    ATTO_NAMED(SQLITE_LOCKED),
    ATTO_NAMED(SQLITE_NOMEM),
    ATTO_NAMED(SQLITE_READONLY),
    ATTO_NAMED(SQLITE_INTERRUPT),
    ATTO_NAMED(SQLITE_IOERR),
    ATTO_NAMED(SQLITE_CORRUPT),
    ATTO_NAMED(SQLITE_NOTFOUND),
    ATTO_NAMED(SQLITE_FULL),
    ATTO_NAMED(SQLITE_CANTOPEN),
    ATTO_NAMED(SQLITE_PROTOCOL),
    ATTO_NAMED(SQLITE_EMPTY),
    ATTO_NAMED(SQLITE_SCHEMA),
    ATTO_NAMED(SQLITE_TOOBIG),
    ATTO_NAMED(SQLITE_CONSTRAINT),
    ATTO_NAMED(SQLITE_MISMATCH),
    ATTO_NAMED(SQLITE_MISUSE),
    ATTO_NAMED(SQLITE_NOLFS),
    ATTO_NAMED(SQLITE_AUTH),
    ATTO_NAMED(SQLITE_RANGE),
    ATTO_NAMED(SQLITE_NOTADB),
    ATTO_NAMED(SQLITE_BUSY_RECOVERY),
    ATTO_NAMED(SQLITE_BUSY_SNAPSHOT),
    ATTO_NAMED(SQLITE_CANTOPEN_FULLPATH),
    ATTO_NAMED(SQLITE_CANTOPEN_ISDIR),
    ATTO_NAMED(SQLITE_CANTOPEN_NOTEMPDIR),
    ATTO_NAMED(SQLITE_CANTOPEN_SYMLINK),
    ATTO_NAMED(SQLITE_CORRUPT_INDEX),
    ATTO_NAMED(SQLITE_IOERR_ACCESS),
    ATTO_NAMED(SQLITE_IOERR_CLOSE),
    ATTO_NAMED(SQLITE_IOERR_DELETE),
    ATTO_NAMED(SQLITE_IOERR_DIR_FSYNC),
    ATTO_NAMED(SQLITE_IOERR_FSTAT),
    ATTO_NAMED(SQLITE_IOERR_FSYNC),
    ATTO_NAMED(SQLITE_IOERR_LOCK),
    ATTO_NAMED(SQLITE_IOERR_NOMEM),
    ATTO_NAMED(SQLITE_IOERR_READ),
    ATTO_NAMED(SQLITE_IOERR_SHORT_READ),
    ATTO_NAMED(SQLITE_IOERR_TRUNCATE),
    ATTO_NAMED(SQLITE_IOERR_UNLOCK),
    ATTO_NAMED(SQLITE_IOERR_WRITE),
    ATTO_NAMED(SQLITE_READONLY_CANTINIT),
    ATTO_NAMED(SQLITE_READONLY_CANTLOCK),
    ATTO_NAMED(SQLITE_READONLY_DBMOVED),
    ATTO_NAMED(SQLITE_READONLY_DIRECTORY),
    ATTO_NAMED(SQLITE_READONLY_RECOVERY),
    ATTO_NAMED(SQLITE_READONLY_ROLLBACK),
};
#undef ATTO_NAMED

constexpr int primary(int code) {
  return code & 0xFF;
}

/// What happened and what to do, in our words.
const char* advice(int code) {
  if (code == SQLITE_READONLY_DBMOVED) return "the database file was moved or removed while in use; put it back";
  switch (primary(code)) {
    case SQLITE_FULL:
      return "the disk is full; free space and try again";
    case SQLITE_READONLY:
    case SQLITE_PERM:
      return "the database file or its directory is read-only; give this user the right to write both";
    case SQLITE_CANTOPEN:
      return "the database file or its journal cannot be opened; check that the directory exists, and that you may "
             "write to it and to the file";
    case SQLITE_IOERR:
      return "the disk failed; check the disk and the system log";
    case SQLITE_CORRUPT:
      return "the database file is damaged; restore it from a copy";
    case SQLITE_NOMEM:
      return "the database ran out of memory; free some and try again";
    case SQLITE_NOTADB:
      return "the file is not an SQLite database; name another file";
    case SQLITE_TOOBIG:
      return "the session is longer than one database row may be; shorten its history";
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return "another process held the database's lock until the deadline; try again, or allow more time";
    case SQLITE_INTERRUPT:
      return "the deadline passed before it was done; try again, or allow more time";
    default:
      return "the database failed; see the code";
  }
}

errc classify(int code) {
  switch (primary(code)) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_INTERRUPT:
      return errc::timed_out;
    case SQLITE_NOTADB:
      return errc::schema_mismatch;
    case SQLITE_TOOBIG:
      return errc::too_large;
    default:
      return errc::storage_failure;
  }
}

failure make_failure(errc e, int code, const char* message, std::string text) {
  diagnostics diag;
  diag.message(message).server_message(std::move(text)).code(std::string(code_name(code)));
  return {e, std::move(diag)};
}

}  // namespace

std::string_view code_name(int code) noexcept {
  const auto find = [](int c) {
    return std::find_if(names.begin(), names.end(), [c](named n) { return n.code == c; });
  };
  if (const auto i = find(code); i != names.end()) return i->name;
  if (const auto i = find(primary(code)); i != names.end()) return i->name;
  return "SQLITE_UNKNOWN";
}

failure to_failure(int code, std::string text) {
  return make_failure(classify(code), code, advice(code), std::move(text));
}

failure commit_failure(int code, std::string text) {
  switch (primary(code)) {
    case SQLITE_BUSY:     // a lock was not got: nothing had been written to the file
    case SQLITE_FULL:     // these come before the journal is given up: the next one to open the file rolls back
    case SQLITE_CORRUPT:  // (not so with a write-ahead log: database::check_unchanged sees to that)
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
      return to_failure(code, std::move(text));
    default:
      return make_failure(errc::outcome_unknown, code,
                          "the disk failed while the write was being committed; check the disk, reload and compare",
                          std::move(text));
  }
}

}  // namespace atto::sqlite
