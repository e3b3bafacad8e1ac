#pragma once

#include <atto/error.hpp>
#include <atto/session_info.hpp>
#include <atto/snapshot.hpp>
#include <atto/store_request.hpp>

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/deferred.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace atto {

/// A durable map from session id to snapshot, shared by any number of processes.
///
/// This header is the contract; memory, SQLite and PostgreSQL keep it alike (atto/testing/store_contract.hpp proves
/// it).
///
///     atto::snapshot snap = *co_await store.async_load("order-17");
///     std::int64_t v = co_await store.async_append("order-17", snap.version, turn);
///
/// What holds for every operation:
///
/// Handler signature: `void(error_code, T)`, T as each operation says; any Asio completion token fits; the default is
///   deferred, so that the operation can be awaited. With an error, T is empty or 0.
/// Session ids: 1 … 512 bytes of UTF-8 without U+0000; else invalid_session_id. Compared byte by byte.
/// Arguments: copied when the function is called, also when the token defers the start.
/// Executor: the handler is posted to its associated executor (the store's when it has none), never called inline.
/// Deadline: `timeout` in the options, else the store's (30 s unless set), counted from the start of the operation.
/// Cancellation (docs/cancellation.md): per-operation, terminal, partial and total. While the operation waits it is
///   removed and nothing was written: operation_aborted, or timed_out when the deadline passed. Once sent, a read ends
///   the same way, and a write ends with outcome_unknown (total cancellation no longer has an effect on it). Done: no
///   effect.
/// Errors: those each operation lists, and for all: invalid_session_id, invalid_argument (a negative timeout),
/// unavailable,
///   timed_out, operation_aborted, closed, schema_missing, schema_mismatch, storage_failure; for writes
///   outcome_unknown, replication_unproven.
/// Object lifetimes: the store must exist when an operation starts; it may be destroyed while one is outstanding, which
///   then ends with closed (nothing written), or outcome_unknown for a write that was sent. Every handler runs,
///   provided that its executor and the store's do.
/// Thread-safety: all members may be called at once from any thread; not the destructor.
/// Exception safety: strong; only allocation throws.
class session_store {
 public:
  using executor_type = boost::asio::any_io_executor;
  template <class... T>
  using handler = boost::asio::any_completion_handler<void(error_code, T...)>;

  session_store(const session_store&) = delete;
  session_store& operator=(const session_store&) = delete;
  virtual ~session_store();

  [[nodiscard]] executor_type get_executor() const noexcept { return executor_; }
  [[nodiscard]] const store_limits& limits() const noexcept { return limits_; }

  /// Makes the tables where they are missing, and brings an older schema up to date; never drops data.
  ///
  /// Looks first and issues DDL only for what is missing, so a process without the right to create tables can call it
  /// when all is there. Safe to repeat, and to run from many processes at once.
  /// Handler signature: void(error_code).
  /// Errors: schema_mismatch when a table of that name is not ours or is newer than this release; it is left untouched.
  template <class Token = boost::asio::deferred_t>
  auto async_ensure_schema(schema_options options = {}, Token&& token = {}) {
    return boost::asio::async_initiate<Token, void(error_code)>(
        [](auto h, session_store* self, schema_options o) { self->start_ensure_schema(o, std::move(h)); }, token, this,
        options);
  }

  /// Reads a session, or nothing: an absent session is no error. State, history and version are of one moment.
  ///
  /// With `options.last = N` only the newest N events are read, and the snapshot says how many there are in all.
  /// Handler signature: void(error_code, std::optional<snapshot>).
  template <class Token = boost::asio::deferred_t>
  auto async_load(std::string_view id, load_options options = {}, Token&& token = {}) {
    return boost::asio::async_initiate<Token, void(error_code, std::optional<snapshot>)>(
        [](auto h, session_store* self, std::string key, load_options o) {
          self->start_load(std::move(key), o, std::move(h));
        },
        token, this, std::string(id), options);
  }

  /// Writes a whole snapshot when the guard holds (see atto::guard); else nothing is changed.
  ///
  /// Handler signature: void(error_code, std::int64_t), the version now stored.
  /// Errors: concurrent_write (diagnostics: stored and supplied version), too_large; invalid_argument for a version
  ///   below 1, for a base the guard cannot have, and for a partial snapshot.
  template <class Token = boost::asio::deferred_t>
  auto async_save(std::string_view id, snapshot snap, save_options options = {}, Token&& token = {}) {
    return boost::asio::async_initiate<Token, void(error_code, std::int64_t)>(
        [](auto h, session_store* self, std::string key, snapshot s, save_options o) {
          self->start_save(std::move(key), std::move(s), o, std::move(h));
        },
        token, this, std::string(id), std::move(snap), options);
  }

  /// Adds a turn's events at the end and replaces the state, when the stored version equals `base`.
  /// The new version is base + 1. Base 0 creates the session. The history that is stored already is not rewritten.
  ///
  /// Handler signature: void(error_code, std::int64_t), the version now stored.
  /// Errors: concurrent_write (also when the session is absent and base is not 0: stored version 0), too_large;
  ///   invalid_argument for a base below 0 and for max_version.
  template <class Token = boost::asio::deferred_t>
  auto async_append(std::string_view id, std::int64_t base, turn t, append_options options = {}, Token&& token = {}) {
    return boost::asio::async_initiate<Token, void(error_code, std::int64_t)>(
        [](auto h, session_store* self, std::string key, std::int64_t b, turn added, append_options o) {
          self->start_append(std::move(key), b, std::move(added), o, std::move(h));
        },
        token, this, std::string(id), base, std::move(t), options);
  }

  /// Removes all of a session. Removing an absent session is no error.
  /// A later write of that id starts a new session: a stale whole save of an old one is then accepted (guard::newer).
  ///
  /// Handler signature: void(error_code, bool), true when there was one.
  /// Errors: concurrent_write when `options.base` is set and another version is stored.
  template <class Token = boost::asio::deferred_t>
  auto async_remove(std::string_view id, remove_options options = {}, Token&& token = {}) {
    return boost::asio::async_initiate<Token, void(error_code, bool)>(
        [](auto h, session_store* self, std::string key, remove_options o) {
          self->start_remove(std::move(key), o, std::move(h));
        },
        token, this, std::string(id), options);
  }

  /// A page of sessions in the byte order of their ids; reads no history.
  ///
  /// Handler signature: void(error_code, session_page).
  /// Errors: invalid_argument for a limit of 0 or above list_options::max_limit; invalid_session_id for a prefix or an
  ///   `after` that no id can have (empty ones are fine).
  template <class Token = boost::asio::deferred_t>
  auto async_list(list_options options = {}, Token&& token = {}) {
    return boost::asio::async_initiate<Token, void(error_code, session_page)>(
        [](auto h, session_store* self, std::string prefix, std::string after, list_options o) {
          self->start_list(std::move(prefix), std::move(after), o, std::move(h));
        },
        token, this, std::string(options.prefix), std::string(options.after), options);
  }

  /// Closes the store: operations that start from now on get closed, outstanding ones end by their deadlines, and the
  /// handler runs when the last has ended or the timeout has passed (then with timed_out; what is left is abandoned).
  /// A second call is harmless. A connection pool the store owns is closed with it; a borrowed one is not touched.
  ///
  /// Handler signature: void(error_code).
  template <class Token = boost::asio::deferred_t>
  auto async_close(close_options options = {}, Token&& token = {}) {
    return boost::asio::async_initiate<Token, void(error_code)>(
        [](auto h, session_store* self, close_options o) { self->start_close(o, std::move(h)); }, token, this, options);
  }

 protected:
  /// For implementations. Requests arrive checked and copied: ids, versions, limits and options are valid, `temp:`
  /// values are gone. A handler must be posted, never called inline, and exactly once; the diagnostics, when not null,
  /// are empty and must be filled before. What is left to do: guards, the size limit of an append's sum, deadline,
  /// cancellation, closing.
  ///
  /// Throws error_with_diagnostics(invalid_argument) for limits that are out of range.
  session_store(executor_type executor, store_limits limits);

 private:
  virtual void do_ensure_schema(request r, handler<> h) = 0;
  virtual void do_load(load_request r, handler<std::optional<snapshot>> h) = 0;
  virtual void do_save(save_request r, handler<std::int64_t> h) = 0;
  virtual void do_append(append_request r, handler<std::int64_t> h) = 0;
  virtual void do_remove(remove_request r, handler<bool> h) = 0;
  virtual void do_list(list_request r, handler<session_page> h) = 0;
  virtual void do_close(request r, handler<> h) = 0;

  void start_ensure_schema(schema_options o, handler<> h);
  void start_load(std::string id, load_options o, handler<std::optional<snapshot>> h);
  void start_save(std::string id, snapshot s, save_options o, handler<std::int64_t> h);
  void start_append(std::string id, std::int64_t base, turn t, append_options o, handler<std::int64_t> h);
  void start_remove(std::string id, remove_options o, handler<bool> h);
  void start_list(std::string prefix, std::string after, list_options o, handler<session_page> h);
  void start_close(close_options o, handler<> h);

  executor_type executor_;
  store_limits limits_;
};

}  // namespace atto
