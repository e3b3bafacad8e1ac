#include "sqlite/worker.hpp"

#include "sqlite/schema.hpp"

#include <pthread.h>
#include <signal.h>

#include <algorithm>
#include <chrono>
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

/// True when it is our own rules that refuse an operation, before it has changed anything: its neighbours do not mind.
/// Else a statement has failed, perhaps halfway, and perhaps SQLite has rolled all of them back.
bool is_refusal(const failure& f) {
  return f && f.diag.code().empty();
}

failure out_of_memory() {
  diagnostics diag;
  diag.message("memory ran out; nothing was written. Free some, or load less with last").code("SQLITE_NOMEM");
  return {errc::storage_failure, std::move(diag)};
}

}  // namespace

worker::worker(std::shared_ptr<dispatcher> d, std::string path, store_journal& j)
    : dispatcher_(std::move(d)), journal_(j), database_(std::move(path), j) {
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
        execute(next.access, next.group);
        break;
      case dispatcher::order::action::close_file:
        database_.close();
        dispatcher_->file_closed();
        break;
      case dispatcher::order::action::leave:
        database_.close();
        return;
    }
  }
}

void worker::execute(kind what, group_members& group) {
  try {
    attempt(what, group);
  } catch (const std::bad_alloc&) {
    database_.give_up({errc::storage_failure, "SQLITE_NOMEM", "memory ran out", {}});
    if (database_.limit.committing) {
      finish_all(group, {errc::outcome_unknown, "memory ran out during the commit; reload and compare"});
    } else if (group.size() == 1) {
      finish_all(group, out_of_memory());
    } else {
      if (what == kind::write) count_again(group);
      dispatcher_->put_back_apart();
    }
  }
  database_.limit.committing = false;
  database_.limit.ended.clear();
}

void worker::attempt(kind what, group_members& group) {
  wait_for_all(group);
  if (failure f = database_.connect(what)) return finish_all(group, database_.explain(std::move(f), what));
  count(group);
  switch (what) {
    case kind::read:
      return read(group);
    case kind::write:
      return write(what, group);
    case kind::ensure_schema:
      return ensure_schema(group);
  }
}

void worker::count(const group_members& group) noexcept {
  const auto now = store_journal::clock::now();
  store_journal::waits w;
  for (const group_member& m : group) w.end(m.op->waits_since, now);
  journal_.on_sent(group.size(), w);
}

/// The file was given up, and with it what these had written: they wait again.
void worker::count_again(const group_members& group) noexcept {
  const auto left = [](const group_member& m) { return !m.op->ended; };
  journal_.on_sent_again(static_cast<std::size_t>(std::count_if(group.begin(), group.end(), left)));
}

/// One transaction for all, so that they wait for a lock once.
void worker::read(group_members& group) {
  failure f;
  {
    transaction t(database_.live());
    f = begin(t, transaction::access::read, kind::read);
    for (auto m = group.begin(); !f && m != group.end(); ++m) {
      m->result = execute_one(*m);
      if (!m->result || is_refusal(m->result) || m->result.code == errc::timed_out) continue;
      // The others go on without it, and without this connection.
      group.erase(m + 1, group.end());
      break;
    }
  }
  if (f) return finish_all(group, database_.explain(std::move(f), kind::read));
  group_member& last = group.back();
  if (last.result) last.result = database_.explain(std::move(last.result), kind::read);
  dispatcher_->finish(std::move(group));
  dispatcher_->put_back();
}

void worker::write(kind what, group_members& group) {
  failure f;
  const stage reached = transact(what, group, f);
  if (f) f = database_.explain(std::move(f), what);
  switch (reached) {
    case stage::begin:
      return finish_all(group, f);
    case stage::execute:
      if (group.size() == 1) return finish_all(group, f);
      if (!database_.is_open()) count_again(group);
      return dispatcher_->put_back_apart();
    case stage::taken_back:
      return;
    case stage::commit:
      if (f.code == errc::outcome_unknown) f = find_out(group, std::move(f));
      settle(group, f);
      return let_others_in();
  }
}

void worker::ensure_schema(group_members& group) {
  schema::standing tables{};
  failure f = schema::look(database_.live(), tables);
  if (!f && tables != schema::standing::current) return write(kind::ensure_schema, group);
  if (!f) f = database_.live().prepare();
  finish_all(group, database_.explain(std::move(f), kind::ensure_schema));
}

failure worker::begin(transaction& t, transaction::access a, kind what) {
  if (failure f = t.begin(a)) return f;
  return database_.check_unchanged(what);
}

failure worker::execute_one(group_member& m) {
  if (m.op->ended) return {errc::operation_aborted, "taken back before it was executed"};
  wait_for(m);
  try {
    return m.op->execute(database_.live());
  } catch (const std::bad_alloc&) {
    return out_of_memory();
  }
}

/// Everything up to the commit, for all or for none. The locks are given up when this returns.
worker::stage worker::transact(kind what, group_members& group, failure& f) {
  transaction t(database_.live());
  f = begin(t, transaction::access::write, what);
  if (f) return stage::begin;
  for (group_member& m : group) {
    m.result = execute_one(m);
    if (!m.result || is_refusal(m.result)) continue;
    f = m.result;
    return stage::execute;
  }
  if (std::all_of(group.begin(), group.end(), [](const group_member& m) { return static_cast<bool>(m.result); })) {
    return stage::commit;
  }
  if (!dispatcher_->begin_commit(group)) return stage::taken_back;
  database_.limit.committing = true;
  f = t.commit();
  if (!f && what == kind::ensure_schema) f = database_.live().prepare();
  return stage::commit;
}

/// The disk failed during the commit. The file, opened anew, holds all of the transaction or nothing of it, and one
/// member's trace tells which.
failure worker::find_out(const group_members& group, failure lost) {
  database_.limit.committing = false;
  wait_for_all(group);
  auto found = write_fate::fate::unknown;
  if (failure f = database_.connect(kind::write)) return lost;
  if (failure f = look_at_fate(group, found)) {
    database_.give_up(trouble_of(f));
    return lost;
  }
  if (found == write_fate::fate::written) return {};
  if (found == write_fate::fate::unknown) return lost;
  lost.code = errc::storage_failure;
  lost.diag.message("the disk failed while the write was being committed; nothing was written. Check the disk");
  return lost;
}

/// What is read may be in the system's memory only, for the disk has just failed. A transaction of our own that reaches
/// the disk shows that what it stands on does as well.
failure worker::look_at_fate(const group_members& group, write_fate::fate& found) {
  transaction t(database_.live());
  if (failure f = t.begin(transaction::access::write)) return f;
  if (failure f = database_.check_unchanged(kind::write)) return f;
  for (const group_member& m : group) {
    if (!m.result && found == write_fate::fate::unknown) found = m.op->fate(database_.live());
  }
  static_assert(schema_version == 2, "it is written as it was");
  if (failure f = database_.live().run("PRAGMA main.user_version = 2")) return f;
  return t.commit();
}

/// SQLite's lock is nobody's in turn: a process that writes without pause takes it again before those that wait have
/// looked. So whoever has met another process pauses after its commits, for longer than the other sleeps between two
/// looks. The one that never waited meets the other as soon as that one gets in.
void worker::let_others_in() {
  constexpr int groups_after_a_meeting = 16;
  if (database_.is_open() && database_.live().has_waited()) pauses_left_ = groups_after_a_meeting;
  if (pauses_left_ == 0) return;
  --pauses_left_;
  std::this_thread::sleep_for(connection::longest_wait + std::chrono::microseconds(100));
}

void worker::settle(group_members& group, const failure& commit) {
  if (commit) {
    // What was refused may have been so because of a neighbour's write, of which nobody knows now: it is tried again.
    std::erase_if(group, [](const group_member& m) { return static_cast<bool>(m.result); });
    for (group_member& m : group) m.result = commit;
  }
  dispatcher_->finish(std::move(group));
  dispatcher_->put_back();
}

void worker::finish_all(group_members& group, const failure& f) {
  for (group_member& m : group) m.result = f;
  dispatcher_->finish(std::move(group));
}

void worker::wait_for_all(const group_members& group) {
  run_limit& p = database_.limit;
  p.ended.clear();
  p.deadline = run_limit::clock::time_point::min();
  for (const group_member& m : group) {
    p.ended.push_back(&m.op->ended);
    p.deadline = std::max(p.deadline, m.op->deadline());
  }
}

void worker::wait_for(const group_member& m) {
  run_limit& p = database_.limit;
  p.ended.assign(1, &m.op->ended);
  p.deadline = m.op->deadline();
}

}  // namespace atto::sqlite
