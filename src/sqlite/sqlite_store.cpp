#include <atto/completion.hpp>
#include <atto/sqlite_store.hpp>
#include <atto/store_requests.hpp>

#include "contract/store_journal.hpp"
#include "sqlite/dispatcher.hpp"
#include "sqlite/operation.hpp"
#include "sqlite/schema.hpp"
#include "sqlite/session_rows.hpp"
#include "sqlite/worker.hpp"
#include "sqlite/write_work.hpp"

#include <boost/asio/cancellation_signal.hpp>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <system_error>
#include <utility>

namespace atto::sqlite {

namespace {

/// Lets a cancellation signal reach the operation. The slot belongs to the caller's thread, so it is touched here only,
/// before the operation can be seen by another thread.
void let_cancel(boost::asio::cancellation_slot slot, const std::shared_ptr<dispatcher>& d,
                dispatcher::operation_id id) {
  if (!slot.is_connected()) return;
  slot.assign([weak = std::weak_ptr(d), id](boost::asio::cancellation_type type) {
    if (const auto live = weak.lock()) live->cancel(id, type);
  });
}

request_queue::descriptor describe(kind what, const request& r, std::uint64_t session, std::size_t bytes = 0) {
  return {what, r.deadline, session, bytes};
}

std::uint64_t key_of(const std::string& id) {
  return std::hash<std::string>()(id);
}

request_queue::descriptor describe(const load_request& r) {
  return describe(kind::read, r, key_of(r.id));
}

request_queue::descriptor describe(const save_request& r) {
  return describe(kind::write, r, key_of(r.id), r.snap.state.bytes() + r.snap.history.bytes());
}

request_queue::descriptor describe(const append_request& r) {
  return describe(kind::write, r, key_of(r.id), r.turn.state.bytes() + r.turn.events.bytes());
}

request_queue::descriptor describe(const remove_request& r) {
  return describe(kind::write, r, key_of(r.id));
}

request_queue::descriptor describe(const claim_request& r) {
  return describe(kind::write, r, key_of(r.id));
}

request_queue::descriptor describe(const renew_request& r) {
  return describe(kind::write, r, key_of(r.id));
}

request_queue::descriptor describe(const release_request& r) {
  return describe(kind::write, r, key_of(r.id));
}

request_queue::descriptor describe(const find_turn_request& r) {
  return describe(kind::read, r, key_of(r.id));
}

request_queue::descriptor describe(const list_request& r) {
  return describe(kind::read, r, request_queue::every_session);
}

class sqlite_store final : public session_store {
 public:
  sqlite_store(executor_type executor, std::string path, const options& o)
      : session_store(executor, o.limits),
        dispatcher_(dispatcher::make(executor, o.max_waiting)),
        journal_(o.observer),
        worker_(dispatcher_, std::move(path), journal_) {}

  ~sqlite_store() override { dispatcher_->shut_down(); }

 private:
  void do_ensure_schema(request r, handler<> h) override {
    const request_queue::descriptor d = describe(kind::ensure_schema, r, request_queue::every_session);
    submit_plain(r, d, std::move(h), [](connection& c) {
      schema::standing found{};
      if (failure f = schema::look(c, found)) return f;
      return found == schema::standing::current ? failure() : schema::create(c);
    });
  }

  void do_load(load_request r, handler<std::optional<snapshot>> h) override {
    submit(std::move(r), std::move(h), &session_rows::load);
  }

  void do_save(save_request r, handler<std::int64_t> h) override {
    const request_queue::descriptor d = describe(r);
    const request common{r.deadline, r.diag};
    submit_work(common, d, std::move(h), save_work(std::move(r)));
  }

  void do_append(append_request r, handler<std::int64_t> h) override {
    const request_queue::descriptor d = describe(r);
    const request common{r.deadline, r.diag};
    submit_work(common, d, std::move(h), append_work(std::move(r), limits().max_session_bytes));
  }

  void do_remove(remove_request r, handler<bool> h) override {
    submit(std::move(r), std::move(h), &session_rows::remove);
  }

  void do_claim(claim_request r, handler<claimed_session> h) override {
    submit(std::move(r), std::move(h), &session_rows::claim);
  }

  void do_renew(renew_request r, handler<> h) override {
    const request_queue::descriptor d = describe(r);
    const request common{r.deadline, r.diag};
    submit_plain(common, d, std::move(h), [r = std::move(r)](connection& c) { return session_rows::renew(c, r); });
  }

  void do_release(release_request r, handler<bool> h) override {
    submit(std::move(r), std::move(h), &session_rows::release);
  }

  void do_find_turn(find_turn_request r, handler<std::optional<turn_record>> h) override {
    submit(std::move(r), std::move(h), &session_rows::find_turn);
  }

  void do_sweep(sweep_request r, handler<std::int64_t> h) override {
    submit_work(r, describe(kind::write, r, request_queue::every_session), std::move(h), &session_rows::sweep);
  }

  void do_list(list_request r, handler<session_page> h) override {
    submit(std::move(r), std::move(h), &session_rows::list);
  }

  void do_close(request r, handler<> h) override {
    start(r, std::move(h), [&](dispatcher::operation_id id, completion<> out) {
      const auto nothing = [](connection&) { return failure(); };
      dispatcher_->close(id, std::make_shared<plain_operation<decltype(nothing)>>(
                                 describe(kind::read, r, request_queue::every_session), std::move(out), nothing));
    });
  }

  [[nodiscard]] store_stats do_stats() const override {
    store_stats s = journal_.read();
    s.waiting = dispatcher_->waiting();
    return s;
  }

  /// `run` is result<T>(connection&, const Request&).
  template <class Request, class T, class Run>
  void submit(Request r, handler<T> h, Run run) {
    const request_queue::descriptor d = describe(r);
    const atto::request common{r.deadline, r.diag};
    submit_work(common, d, std::move(h), [request = std::move(r), run](connection& c) { return run(c, request); });
  }

  template <class T, class Work>
  void submit_work(const request& r, const request_queue::descriptor& d, handler<T> h, Work work) {
    start(r, std::move(h), [&](dispatcher::operation_id id, completion<T> out) {
      dispatcher_->submit(id, std::make_shared<value_operation<T, Work>>(d, std::move(out), std::move(work)));
    });
  }

  template <class Work>
  void submit_plain(const request& r, const request_queue::descriptor& d, handler<> h, Work work) {
    start(r, std::move(h), [&](dispatcher::operation_id id, completion<> out) {
      dispatcher_->submit(id, std::make_shared<plain_operation<Work>>(d, std::move(out), std::move(work)));
    });
  }

  /// What every operation begins with: an id, a way to cancel it, and a way out.
  template <class... T, class Go>
  void start(const request& r, handler<T...> h, Go go) {
    completion<T...> out(std::move(h), get_executor(), r.diag);
    const dispatcher::operation_id id = dispatcher_->next_id();
    let_cancel(out.cancellation_slot(), dispatcher_, id);
    go(id, std::move(out));
  }

  std::shared_ptr<dispatcher> dispatcher_;  // shared with the worker, the timer and cancellation signals
  store_journal journal_;                   // written by the worker
  worker worker_;                           // joined first, after ~sqlite_store has shut the dispatcher down
};

failure check(const std::string& path, const options& o) {
  if (path.empty()) return {errc::invalid_argument, "a path of a database file must not be empty"};
  if (path.find('\0') != std::string::npos) return {errc::invalid_argument, "a path must not hold a NUL"};
  if (path == ":memory:") return {errc::invalid_argument, "an SQLite store needs a file; for none use memory:"};
  if (o.max_waiting < 1) return {errc::invalid_argument, "max_waiting must be at least 1"};
  return {};
}

/// Later changes of the working directory have no effect, and SQLite sees no name that is special to it.
std::string absolute(const std::string& path) {
  std::error_code ec;
  const auto whole = std::filesystem::absolute(path, ec);
  if (ec) failure(errc::invalid_argument, "the path is relative, and the working directory is not known").raise();
  return whole.string();
}

}  // namespace

std::unique_ptr<session_store> open(boost::asio::any_io_executor executor, std::string path, options o) {
  if (failure f = check(path, o)) f.raise();
  return std::make_unique<sqlite_store>(std::move(executor), absolute(path), o);
}

}  // namespace atto::sqlite
