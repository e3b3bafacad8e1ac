#pragma once

#include <atto/completion.hpp>
#include <atto/failure.hpp>
#include <atto/session_runtime.hpp>
#include <atto/store_requests.hpp>

#include "base/mutex.hpp"
#include "runtime/claim_releases.hpp"
#include "runtime/session_claim.hpp"
#include "runtime/turn_call.hpp"

#include <boost/asio/any_completion_executor.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/bind_executor.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace atto::detail {

/// What a runtime asks of its store, under its claims when it has them. A handler is called once, on the executor, with
/// nothing locked; store() calls it itself when there is nothing to ask of the store. After close(), store() and read()
/// fail with runtime_stopped, and the other handlers are not called. Threads: any.
///
/// The handlers of a turn's operations keep its call: the store writes to its diagnostics.
class turn_storage {
 public:
  using time_point = session_claim::time_point;

  turn_storage(const boost::asio::any_io_executor& executor, std::shared_ptr<session_store> store,
               const runtime_options& o);

  /// Loads the turn's session, and claims it. Handler: void(failure, std::optional<snapshot>, session_claim).
  template <class Handler>
  void load(turn_call& c, Handler h);
  /// Looks for a stored turn with its message's id. Handler: void(failure, std::optional<turn_record>).
  template <class Handler>
  void find_turn(turn_call& c, Handler h);
  /// Stores its draft: an append, or a save when it replaced the history. Handler: void(failure, version).
  template <class Handler>
  void store(turn_call& c, std::int64_t epoch, time_point now, Handler h);
  /// Handler: void(error_code, time_point): a time before the store was asked.
  template <class Handler>
  void renew_claim(const std::string& id, std::int64_t epoch, Handler h);
  /// Handler: void().
  template <class Handler>
  void release_claim(const std::string& id, std::int64_t epoch, Handler h);
  void read(const std::string& id, request r, completion<std::optional<snapshot>> done);
  /// Lets go of the store: what is outstanding in it may keep this for ever, if its handlers are never run.
  void close();

 private:
  using clock = std::chrono::steady_clock;

  [[nodiscard]] std::shared_ptr<session_store> open_store() const;
  [[nodiscard]] load_options load_of(turn_call& c) const;
  [[nodiscard]] claim_options claim_of(turn_call& c, time_point now) const;
  [[nodiscard]] operation_options find_turn_of(turn_call& c) const;
  [[nodiscard]] append_options append_of(turn_call& c, std::int64_t epoch, time_point now) const;
  [[nodiscard]] save_options save_of(turn_call& c, std::int64_t epoch, time_point now) const;
  [[nodiscard]] operation_options renewal() const;
  /// How it ended; takes the diagnostics.
  [[nodiscard]] static failure outcome(const error_code& ec, turn_call& c);
  [[nodiscard]] static failure claim_outcome(const error_code& ec, turn_call& c);
  [[nodiscard]] static snapshot whole(const turn_draft& draft);
  /// Why its draft cannot be stored, without the store being asked.
  [[nodiscard]] static failure check(const session_store* store, const turn_draft& draft);

  const boost::asio::any_completion_executor executor_;  // as completion handlers are given it
  const std::size_t hydrate_last_;
  const std::optional<runtime_claim_options> claims_;
  const std::string owner_;
  mutable mutex mutex_;
  std::shared_ptr<session_store> store_ ATTO_GUARDED_BY(mutex_);  // null when closed
};

template <class Handler>
void turn_storage::load(turn_call& c, Handler h) {
  const auto store = open_store();
  if (store == nullptr) return;
  if (!claims_) {
    return store->async_load(
        c.session_id(), load_of(c),
        boost::asio::bind_executor(executor_, [&c, h = std::move(h)](error_code ec, std::optional<snapshot> s) mutable {
          h(outcome(ec, c), std::move(s), session_claim());
        }));
  }
  const auto now = clock::now();
  store->async_claim(c.session_id(), owner_, claim_of(c, now),
                     boost::asio::bind_executor(executor_, [&c, until = now + claims_->ttl, h = std::move(h)](
                                                               error_code ec, claimed_session s) mutable {
                       h(claim_outcome(ec, c), std::move(s.snap), session_claim{s.epoch, until});
                     }));
}

template <class Handler>
void turn_storage::find_turn(turn_call& c, Handler h) {
  const auto store = open_store();
  if (store == nullptr) return;
  store->async_find_turn(c.session_id(), *c.message_id, find_turn_of(c),
                         boost::asio::bind_executor(
                             executor_, [&c, h = std::move(h)](error_code ec, std::optional<turn_record> r) mutable {
                               h(outcome(ec, c), std::move(r));
                             }));
}

template <class Handler>
void turn_storage::store(turn_call& c, std::int64_t epoch, time_point now, Handler h) {
  const turn_draft& draft = *c.draft;
  const auto store = open_store();
  if (failure why = check(store.get(), draft)) return h(std::move(why), 0);
  auto on_end = boost::asio::bind_executor(
      executor_, [&c, h = std::move(h)](error_code ec, std::int64_t version) mutable { h(outcome(ec, c), version); });
  if (draft.replaced) {
    store->async_save(c.session_id(), whole(draft), save_of(c, epoch, now), std::move(on_end));
  } else {
    store->async_append(c.session_id(), draft.base.version, turn(draft.state, draft.emitted), append_of(c, epoch, now),
                        std::move(on_end));
  }
}

template <class Handler>
void turn_storage::renew_claim(const std::string& id, std::int64_t epoch, Handler h) {
  const auto store = open_store();
  if (store == nullptr) return;
  store->async_renew(id, epoch, claims_->ttl, renewal(),
                     boost::asio::bind_executor(
                         executor_, [sent = clock::now(), h = std::move(h)](error_code ec) mutable { h(ec, sent); }));
}

template <class Handler>
void turn_storage::release_claim(const std::string& id, std::int64_t epoch, Handler h) {
  const auto store = open_store();
  if (store == nullptr) return;
  operation_options o;
  o.timeout = claim_releases::timeout;
  store->async_release(id, epoch, o,
                       boost::asio::bind_executor(executor_, [h = std::move(h)](error_code, bool) mutable { h(); }));
}

}  // namespace atto::detail
