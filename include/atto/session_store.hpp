#pragma once

#include <atto/error.hpp>
#include <atto/export.hpp>
#include <atto/message_id.hpp>
#include <atto/snapshot.hpp>
#include <atto/store_observer.hpp>
#include <atto/store_options.hpp>

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/deferred.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace atto {

// What an implementation is given: <atto/store_requests.hpp>.
struct request;
struct load_request;
struct save_request;
struct append_request;
struct remove_request;
struct claim_request;
struct renew_request;
struct release_request;
struct find_turn_request;
struct sweep_request;
struct list_request;

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
/// Handler signature: `void(error_code, T)`, T as each operation says. Any Asio completion token fits. The default is
///   deferred, so that the operation can be awaited. With an error, T is empty or 0.
/// Session ids: 1 … 512 bytes of UTF-8 without U+0000; else invalid_session_id. Compared byte by byte.
/// Arguments: copied when the function is called, also when the token defers the start.
/// Executor: the handler is posted to its associated executor (the store's when it has none), never called inline.
/// Deadline: `timeout` in the options, else the store's (30 s unless set), counted from the start of the operation.
/// Cancellation (docs/cancellation.md): per-operation, terminal, partial and total. While the operation waits it is
///   removed and nothing was written: operation_aborted, or timed_out when the deadline passed. Once sent, a read ends
///   the same way. A write that was sent ends with outcome_unknown; total cancellation has no effect on it. A completed
///   operation cannot be cancelled.
/// Errors of all operations, besides those that each lists: invalid_session_id, invalid_argument (a negative timeout),
///   unavailable, misconfigured, timed_out, operation_aborted, closed, schema_missing, schema_mismatch,
///   storage_failure. Of writes also outcome_unknown and replication_unproven. What the store cannot do gets
///   unsupported (see features).
/// Object lifetimes: the store must exist when an operation starts. It may be destroyed while operations are
///   outstanding: they end with closed (nothing was written), or outcome_unknown for a write that was sent. Every
///   handler runs, provided that its executor and the store's do.
/// Thread-safety: all members may be called at once from any thread; not the destructor.
/// Exception safety: strong; only allocation throws.
///
/// Claims (leases of a session; docs/decisions/0009). An owner, such as a node of a cluster, may claim a session for a
/// time, so that no other owner claims it meanwhile. The store's clock decides what has expired: that of the PostgreSQL
/// server, or with SQLite that of the process that claims. Claims are advisory: a write without an epoch is checked
/// against its guard only, whoever holds the claim. A write with an epoch is refused with claim_lost once the session
/// has another epoch, even when its version would fit. An expired claim still allows writes until another owner claims
/// the session, or until async_sweep deletes the claim of an absent session. A claimed session that is absent stays
/// absent for every other operation.
class ATTO_EXPORT session_store {
 public:
  using executor_type = boost::asio::any_io_executor;
  template <class... T>
  using handler = boost::asio::any_completion_handler<void(error_code, T...)>;

  /// What a store can do beside keeping sessions. A store that does not say is able to do all of it.
  struct features {
    /// async_claim, async_renew, async_release, async_sweep, and writes under an epoch.
    bool claims = true;
    /// async_find_turn, and writes with a message id.
    bool message_ids = true;
  };

  session_store(const session_store&) = delete;
  session_store& operator=(const session_store&) = delete;
  virtual ~session_store();

  [[nodiscard]] executor_type get_executor() const noexcept { return executor_; }
  [[nodiscard]] const store_limits& limits() const noexcept { return limits_; }
  [[nodiscard]] const features& supported() const noexcept { return features_; }

  /// Makes the tables where they are missing, and brings an older schema up to date; never drops data.
  ///
  /// Looks first and issues DDL only for what is missing, so a process without the right to create tables can call it
  /// when all is there. Safe to repeat, and to run from many processes at once.
  /// Handler signature: void(error_code).
  /// Errors: schema_mismatch when a table of that name is not ours, is newer, or lacks a column; it is left untouched.
  template <class Token = boost::asio::deferred_t>
  auto async_ensure_schema(operation_options options = {}, Token&& token = {}) {
    return initiate<Token>(token, &session_store::start_ensure_schema, options);
  }

  /// Reads a session, or nothing: an absent session is no error. State, history and version are of one moment.
  ///
  /// With `options.last = N` only the newest N events are read, and the snapshot says how many there are in all.
  /// Handler signature: void(error_code, std::optional<snapshot>).
  template <class Token = boost::asio::deferred_t>
  auto async_load(std::string_view id, load_options options = {}, Token&& token = {}) {
    return initiate<Token>(token, &session_store::start_load, std::string(id), options);
  }

  /// Writes a whole snapshot when the guard holds (see atto::guard); else nothing is changed.
  ///
  /// Handler signature: void(error_code, std::int64_t), the version now stored.
  /// Errors: concurrent_write (diagnostics: stored and supplied version), claim_lost, too_large. invalid_argument for a
  ///   version below 1, for a base the guard cannot have, for a partial snapshot, and for turn_events out of range.
  template <class Token = boost::asio::deferred_t>
  auto async_save(std::string_view id, snapshot snap, save_options options = {}, Token&& token = {}) {
    return initiate<Token>(token, &session_store::start_save, std::string(id), std::move(snap), options);
  }

  /// Adds a turn's events at the end and replaces the state, when the stored version equals `base`.
  /// The new version is base + 1. Base 0 creates the session. The history that is stored already is not rewritten.
  ///
  /// Handler signature: void(error_code, std::int64_t), the version now stored.
  /// Errors: concurrent_write (also when the session is absent and base is not 0: stored version 0), too_large;
  ///   invalid_argument for a base below 0 and for max_version; claim_lost.
  template <class Token = boost::asio::deferred_t>
  auto async_append(std::string_view id, std::int64_t base, turn t, append_options options = {}, Token&& token = {}) {
    return initiate<Token>(token, &session_store::start_append, std::string(id), base, std::move(t), options);
  }

  /// Removes all of a session, and with it its claim. Removing an absent session is no error.
  /// A later write of that id starts a new session: a stale whole save of an old one is then accepted (guard::newer).
  ///
  /// Handler signature: void(error_code, bool), true when there was one.
  /// Errors: concurrent_write when `options.base` is set and another version is stored; claim_lost.
  template <class Token = boost::asio::deferred_t>
  auto async_remove(std::string_view id, remove_options options = {}, Token&& token = {}) {
    return initiate<Token>(token, &session_store::start_remove, std::string(id), options);
  }

  /// Claims a session for `owner` and reads it, as async_load does, in one round trip. No write by a previous owner can
  /// land after the snapshot returned here.
  ///
  /// It succeeds when the session has no claim, or one that has expired, was released, or is this owner's own. The
  /// session may be absent. Each success has a new epoch, and ends the claim before it. `owner` identifies the owner:
  /// 1 … 512 bytes of UTF-8 without U+0000. Use a fresh value after each restart.
  ///
  /// Handler signature: void(error_code, claimed_session).
  /// Errors: owned_elsewhere (diagnostics: the owner's address); invalid_argument for an owner, address or ttl that is
  ///   out of range. After outcome_unknown the session may be claimed; claim again to find out.
  template <class Token = boost::asio::deferred_t>
  auto async_claim(std::string_view id, std::string_view owner, claim_options options = {}, Token&& token = {}) {
    return initiate<Token>(token, &session_store::start_claim, std::string(id), std::string(owner),
                           std::string(options.address), options);
  }

  /// Extends a claim to `ttl` from now. Also works on an expired claim that no other owner has taken.
  ///
  /// Handler signature: void(error_code).
  /// Errors: claim_lost; invalid_argument for an epoch below 1 and a ttl that is out of range.
  template <class Token = boost::asio::deferred_t>
  auto async_renew(std::string_view id, std::int64_t epoch, std::chrono::milliseconds ttl,
                   operation_options options = {}, Token&& token = {}) {
    return initiate<Token>(token, &session_store::start_renew, std::string(id), epoch, ttl, options);
  }

  /// Gives a claim up: any owner may claim the session, and every later write under this epoch gets claim_lost.
  ///
  /// Handler signature: void(error_code, bool), true when the claim was held until now. (May be false
  ///   after a lost reply: the first attempt may have released it.)
  /// Errors: invalid_argument for an epoch below 1.
  template <class Token = boost::asio::deferred_t>
  auto async_release(std::string_view id, std::int64_t epoch, operation_options options = {}, Token&& token = {}) {
    return initiate<Token>(token, &session_store::start_release, std::string(id), epoch, options);
  }

  /// Finds the turn that was stored with a message id (append_options, save_options); nothing when there is none. It is
  /// found as long as the session lives, also after whole saves have replaced its events. Of several, the oldest.
  ///
  /// A write does not check the id of its message. To answer each message exactly once, whichever process gets it and
  /// however often: load the session, find the message's turn, and if there is none, append one to the version that was
  /// loaded. If another process answered first, the write fails with concurrent_write; start over, and the lookup finds
  /// its turn.
  ///
  /// Handler signature: void(error_code, std::optional<turn_record>).
  template <class Token = boost::asio::deferred_t>
  auto async_find_turn(std::string_view id, const message_id& message, operation_options options = {},
                       Token&& token = {}) {
    return initiate<Token>(token, &session_store::start_find_turn, std::string(id), message, options);
  }

  /// Deletes expired claims on sessions that do not exist. Their former holders get claim_lost. `atto rm --older-than`
  /// calls it.
  ///
  /// Handler signature: void(error_code, std::int64_t), how many it deleted.
  template <class Token = boost::asio::deferred_t>
  auto async_sweep(operation_options options = {}, Token&& token = {}) {
    return initiate<Token>(token, &session_store::start_sweep, options);
  }

  /// A page of sessions in the byte order of their ids; reads no history.
  ///
  /// Handler signature: void(error_code, session_page).
  /// Errors: invalid_argument for a limit of 0 or above list_options::max_limit; invalid_session_id for a prefix or an
  ///   `after` that no id can have (empty ones are fine).
  template <class Token = boost::asio::deferred_t>
  auto async_list(list_options options = {}, Token&& token = {}) {
    return initiate<Token>(token, &session_store::start_list, std::string(options.prefix), std::string(options.after),
                           options);
  }

  /// Closes the store: operations that start from now on get closed, and outstanding ones end by their deadlines. The
  /// handler runs when the last has ended, or with timed_out when the timeout has passed; what is left is abandoned.
  /// A second call is harmless. A connection pool the store owns is closed with it; a borrowed one is not touched.
  ///
  /// Handler signature: void(error_code).
  template <class Token = boost::asio::deferred_t>
  auto async_close(operation_options options = {}, Token&& token = {}) {
    return initiate<Token>(token, &session_store::start_close, options);
  }

  /// Gauges and counters of the store; scrape it as often as you like. Stores on one postgres::pool share the
  /// pool's numbers: postgres::pool::stats() has more. Third-party stores need not
  /// implement this; all fields are then 0.
  ///
  /// It starts no operation and waits for none: it also answers while the database does not, and once the store is
  /// closed.
  [[nodiscard]] store_stats stats() const { return do_stats(); }

 protected:
  /// For implementations. Requests arrive checked and copied: ids, versions, limits and options are valid, `temp:`
  /// values are gone. A handler must be posted, never called inline, and exactly once; the diagnostics, when not null,
  /// are empty and must be filled before. What is left to do: guards, the size limit of an append's sum, deadline,
  /// cancellation, closing.
  ///
  /// A decorator passes on the features of the store that it wraps. A store without claims or without message ids need
  /// not implement their operations: this class refuses them with errc::unsupported.
  ///
  /// How a handler is called is in <atto/completion.hpp>, what a request holds in <atto/store_requests.hpp>, and the
  /// rules of guards and claims in <atto/store_rules.hpp>. examples/own_store shows all of it;
  /// <atto/testing/store_contract.hpp> tests it.
  ///
  /// Throws error_with_diagnostics(invalid_argument) for limits that are out of range.
  session_store(executor_type executor, store_limits limits);
  session_store(executor_type executor, store_limits limits, features supported);

 private:
  virtual void do_ensure_schema(request r, handler<> h) = 0;
  virtual void do_load(load_request r, handler<std::optional<snapshot>> h) = 0;
  virtual void do_save(save_request r, handler<std::int64_t> h) = 0;
  virtual void do_append(append_request r, handler<std::int64_t> h) = 0;
  virtual void do_remove(remove_request r, handler<bool> h) = 0;
  virtual void do_list(list_request r, handler<session_page> h) = 0;
  virtual void do_close(request r, handler<> h) = 0;
  // Of a store with claims. Each gives unsupported unless it is overridden.
  virtual void do_claim(claim_request r, handler<claimed_session> h);
  virtual void do_renew(renew_request r, handler<> h);
  virtual void do_release(release_request r, handler<bool> h);
  virtual void do_sweep(sweep_request r, handler<std::int64_t> h);
  // Of a store with message ids. It gives unsupported unless it is overridden.
  virtual void do_find_turn(find_turn_request r, handler<std::optional<turn_record>> h);
  /// Called on any thread, at any time, also beside the others. All zeros unless it is overridden.
  [[nodiscard]] virtual store_stats do_stats() const;

  /// Hands copies of the arguments, and the handler, to `start` when the token starts the operation.
  template <class Token, class... T, class... Argument>
  auto initiate(Token& token, void (session_store::*start)(handler<T...>, Argument...),
                std::type_identity_t<Argument>... arguments) {
    return boost::asio::async_initiate<Token, void(error_code, T...)>(
        [start](auto h, session_store* self, Argument... copies) {
          (self->*start)(std::move(h), std::move(copies)...);
        },
        token, this, std::move(arguments)...);
  }

  void start_ensure_schema(handler<> h, operation_options o);
  void start_load(handler<std::optional<snapshot>> h, std::string id, load_options o);
  void start_save(handler<std::int64_t> h, std::string id, snapshot s, save_options o);
  void start_append(handler<std::int64_t> h, std::string id, std::int64_t base, turn t, append_options o);
  void start_remove(handler<bool> h, std::string id, remove_options o);
  void start_claim(handler<claimed_session> h, std::string id, std::string owner, std::string address, claim_options o);
  void start_renew(handler<> h, std::string id, std::int64_t epoch, std::chrono::milliseconds ttl, operation_options o);
  void start_release(handler<bool> h, std::string id, std::int64_t epoch, operation_options o);
  void start_find_turn(handler<std::optional<turn_record>> h, std::string id, message_id m, operation_options o);
  void start_sweep(handler<std::int64_t> h, operation_options o);
  void start_list(handler<session_page> h, std::string prefix, std::string after, list_options o);
  void start_close(handler<> h, operation_options o);

  /// Refuses the request, or completes it and hands it to the implementation.
  template <class Request, class Options, class... T>
  void check_and_start(void (session_store::*implementation)(Request, handler<T...>), Request r, const Options& o,
                       handler<T...> h);

  executor_type executor_;
  store_limits limits_;
  features features_;
};

}  // namespace atto
