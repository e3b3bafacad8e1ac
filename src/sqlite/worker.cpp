#include "sqlite/worker.hpp"

#include "sqlite/database_file.hpp"
#include "sqlite/query.hpp"
#include "sqlite/schema.hpp"
#include "sqlite/transaction.hpp"

#include <pthread.h>
#include <signal.h>

#include <new>
#include <utility>

namespace atto::sqlite {

namespace {

/// Keeps the application's signals off the threads made while it lives.
class signals_blocked {
 public:
  signals_blocked() noexcept {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~signals_blocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  signals_blocked(const signals_blocked&) = delete;
  signals_blocked& operator=(const signals_blocked&) = delete;

 private:
  sigset_t before_{};
};

/// True when the connection can no longer be trusted, or looks at a file that is not what it was.
bool poisons(const failure& f) {
  return f.code == errc::storage_failure || f.code == errc::outcome_unknown || f.code == errc::schema_missing ||
         f.code == errc::schema_mismatch;
}

}  // namespace

worker::worker(std::shared_ptr<dispatcher> d, std::string path) : dispatcher_(std::move(d)), path_(std::move(path)) {
  const signals_blocked during_start;
  thread_ = std::thread([this] { work(); });
}

worker::~worker() {
  thread_.join();
}

void worker::work() {
  for (;;) {
    dispatcher::order next = dispatcher_->next();
    switch (next.what) {
      case dispatcher::order::action::execute:
        execute(next.id, *next.op);
        break;
      case dispatcher::order::action::close_file:
        connection_.reset();
        dispatcher_->file_closed();
        break;
      case dispatcher::order::action::leave:
        connection_.reset();
        return;
    }
  }
}

void worker::execute(dispatcher::ticket id, operation& op) {
  patience_ = {op.deadline(), &op.ended, false};
  failure f = explain(attempt_or_out_of_memory(id, op), op.what());
  if (poisons(f)) connection_.reset();
  patience_ = {};
  dispatcher_->finish(id, std::move(f));
}

failure worker::attempt_or_out_of_memory(dispatcher::ticket id, operation& op) {
  try {
    return attempt(id, op);
  } catch (const std::bad_alloc&) {
    connection_.reset();
    if (patience_.committing) return {errc::outcome_unknown, "memory ran out during the commit; reload and compare"};
    diagnostics diag;
    diag.message("memory ran out; nothing was written. Free some, or load less with last").code("SQLITE_NOMEM");
    return {errc::storage_failure, std::move(diag)};
  }
}

failure worker::attempt(dispatcher::ticket id, operation& op) {
  if (failure f = connect(op.what())) return f;
  switch (op.what()) {
    case kind::read:
      return read(op);
    case kind::write:
      return write(id, op);
    case kind::ensure_schema:
      return ensure_schema(id, op);
  }
  return {};
}

/// Opens the file unless it is open; ensure_schema makes it first, and checks the tables itself.
failure worker::connect(kind what) {
  if (connection_ && connection_->moved()) connection_.reset();
  if (connection_) return {};
  database_file::presence found{};
  if (failure f = database_file::look(path_, found)) return f;
  if (found == database_file::presence::absent) {
    if (what != kind::ensure_schema) return schema::missing();
    if (failure f = database_file::create(path_)) return f;
  }
  auto opened = connection::open(path_, patience_);
  if (opened.error) return std::move(opened.error);
  if (what != kind::ensure_schema) {
    schema::standing tables{};
    if (failure f = schema::look(*opened.value, tables)) return f;
    if (tables == schema::standing::missing) return schema::missing();
    if (failure f = opened.value->prepare()) return f;
  }
  connection_ = std::move(opened.value);
  return {};
}

/// Another process may have upgraded the schema since the file was opened.
failure worker::check_version() {
  query q(*connection_, statement::user_version);
  const bool same = q.step() && q.integer_at(0) == schema_version;
  if (failure f = q.error()) return f;
  if (same) return {};
  return {errc::schema_mismatch, "the database was changed by another release of atto; use that release"};
}

failure worker::read(operation& op) {
  transaction t(*connection_);
  if (failure f = t.begin(transaction::access::read)) return f;
  if (failure f = check_version()) return f;
  return op.execute(*connection_);
}

failure worker::write(dispatcher::ticket id, operation& op) {
  transaction t(*connection_);
  if (failure f = t.begin(transaction::access::write)) return f;
  if (op.what() == kind::write) {
    if (failure f = check_version()) return f;
  }
  if (failure f = op.execute(*connection_)) return f;
  if (!dispatcher_->begin_commit(id)) return {errc::operation_aborted, "taken back before the commit"};
  patience_.committing = true;
  return t.commit();
}

failure worker::ensure_schema(dispatcher::ticket id, operation& op) {
  schema::standing tables{};
  if (failure f = schema::look(*connection_, tables)) return f;
  if (tables == schema::standing::missing) {
    if (failure f = write(id, op)) return f;
  }
  return connection_->prepare();
}

/// A statement fails with SQLITE_ERROR when its table has gone: the look of a new connection tells what is the matter.
failure worker::explain(failure f, kind what) {
  if (f.diag.code() != "SQLITE_ERROR") return f;
  connection_.reset();
  failure why = connect(what);
  return why ? why : f;
}

}  // namespace atto::sqlite
