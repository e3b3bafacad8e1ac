#pragma once

#include "support/store_decorator.hpp"

#include <atto/blocking_store.hpp>
#include <atto/diagnostics.hpp>
#include <atto/store_requests.hpp>

#include <boost/asio/append.hpp>
#include <boost/asio/post.hpp>

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

namespace atto::test {

/// How an operation ended: its value, or its error.
template <class T>
struct answer {
  error_code code;
  T value{};
};

/// A decorator whose operations are plain functions: each runs in its caller's thread, may call what it decorates and
/// wait, and returns its answer. For blocking callers only. An override fills the request's diagnostics as a store
/// must.
class direct_store : public store_decorator {
 public:
  using store_decorator::store_decorator;

  void do_load(load_request r, handler<std::optional<snapshot>> h) final {
    respond(std::move(h), [&] { return load(std::move(r)); });
  }
  void do_save(save_request r, handler<std::int64_t> h) final {
    respond(std::move(h), [&] { return save(std::move(r)); });
  }
  void do_append(append_request r, handler<std::int64_t> h) final {
    respond(std::move(h), [&] { return append(std::move(r)); });
  }
  void do_remove(remove_request r, handler<bool> h) final {
    respond(std::move(h), [&] { return remove(std::move(r)); });
  }

 protected:
  virtual answer<std::optional<snapshot>> load(load_request r) {
    return attempt([&](blocking_store& s) { return s.load(r.id, {.last = r.last, .diag = r.diag}); });
  }
  virtual answer<std::int64_t> save(save_request r) {
    return attempt([&](blocking_store& s) {
      return s.save(r.id, std::move(r.snap),
                    {.guard = r.guard,
                     .base = r.base,
                     .epoch = r.epoch,
                     .message_id = r.message_id,
                     .turn_events = r.turn_events,
                     .diag = r.diag});
    });
  }
  virtual answer<std::int64_t> append(append_request r) {
    return attempt([&](blocking_store& s) {
      return s.append(r.id, r.base, std::move(r.turn),
                      {.epoch = r.epoch, .ttl = r.ttl, .message_id = r.message_id, .diag = r.diag});
    });
  }
  virtual answer<bool> remove(remove_request r) {
    return attempt(
        [&](blocking_store& s) { return s.remove(r.id, {.base = r.base, .epoch = r.epoch, .diag = r.diag}); });
  }

  /// What is stored now; nothing to tell of, so no diagnostics.
  [[nodiscard]] std::optional<snapshot> stored(const std::string& id) { return blocking_store(inner()).load(id); }

  [[nodiscard]] static error_code fail(const request& r, errc code, std::string message) {
    if (r.diag != nullptr) r.diag->message(std::move(message));
    return code;
  }

 private:
  template <class Call>
  auto attempt(Call call) -> answer<decltype(call(std::declval<blocking_store&>()))> {
    blocking_store store(inner());
    try {
      return {{}, call(store)};
    } catch (const error_with_diagnostics& e) {
      return {e.code(), {}};
    }
  }

  template <class T, class Operation>
  void respond(handler<T> h, Operation operation) {
    answer<T> a = operation();
    boost::asio::post(get_executor(), boost::asio::append(std::move(h), a.code, std::move(a.value)));
  }
};

}  // namespace atto::test
