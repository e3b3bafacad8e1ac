#pragma once

#include <atto/diagnostics.hpp>
#include <atto/error.hpp>
#include <atto/export.hpp>
#include <atto/session_store.hpp>
#include <atto/store_observer.hpp>

#include <chrono>
#include <cstdint>
#include <future>
#include <memory>
#include <optional>
#include <string_view>
#include <tuple>
#include <utility>

namespace atto {

/// session_store for callers without coroutines: each member does what the async_ operation of its name does, waits for
/// it, returns its value, and throws error_with_diagnostics on an error. `diag` in the options may be left null.
///
/// Thread-safety: as session_store; any number of threads may wait at once.
class ATTO_EXPORT blocking_store {
 public:
  /// Opens the store that `where` names (see open_store) on a thread of this object's own.
  /// Errors (thrown as error_with_diagnostics): as open_store.
  explicit blocking_store(std::string_view where, store_limits limits = {}, warning_hook on_warning = {});

  /// Borrows `store`, which must outlive this object and whose executor must be run by another thread: a call made on
  /// the store's own thread would wait for itself for ever.
  explicit blocking_store(session_store& store) noexcept;

  blocking_store(blocking_store&&) noexcept;
  blocking_store& operator=(blocking_store&&) noexcept;
  /// Destroys an owned store, then ends its thread.
  ~blocking_store();

  void ensure_schema(operation_options options = {}) {
    wait<>(options, [&](auto o, auto h) { store_->async_ensure_schema(o, std::move(h)); });
  }
  [[nodiscard]] std::optional<snapshot> load(std::string_view id, load_options options = {}) {
    return wait<std::optional<snapshot>>(options, [&](auto o, auto h) { store_->async_load(id, o, std::move(h)); });
  }
  std::int64_t save(std::string_view id, snapshot snap, save_options options = {}) {
    return wait<std::int64_t>(options,
                              [&](auto o, auto h) { store_->async_save(id, std::move(snap), o, std::move(h)); });
  }
  std::int64_t append(std::string_view id, std::int64_t base, turn t, append_options options = {}) {
    return wait<std::int64_t>(options,
                              [&](auto o, auto h) { store_->async_append(id, base, std::move(t), o, std::move(h)); });
  }
  bool remove(std::string_view id, remove_options options = {}) {
    return wait<bool>(options, [&](auto o, auto h) { store_->async_remove(id, o, std::move(h)); });
  }
  claimed_session claim(std::string_view id, std::string_view owner, claim_options options = {}) {
    return wait<claimed_session>(options, [&](auto o, auto h) { store_->async_claim(id, owner, o, std::move(h)); });
  }
  void renew(std::string_view id, std::int64_t epoch, std::chrono::milliseconds ttl, operation_options options = {}) {
    wait<>(options, [&](auto o, auto h) { store_->async_renew(id, epoch, ttl, o, std::move(h)); });
  }
  bool release(std::string_view id, std::int64_t epoch, operation_options options = {}) {
    return wait<bool>(options, [&](auto o, auto h) { store_->async_release(id, epoch, o, std::move(h)); });
  }
  [[nodiscard]] std::optional<turn_record> find_turn(std::string_view id, const message_id& message,
                                                     operation_options options = {}) {
    return wait<std::optional<turn_record>>(
        options, [&](auto o, auto h) { store_->async_find_turn(id, message, o, std::move(h)); });
  }
  std::int64_t sweep(operation_options options = {}) {
    return wait<std::int64_t>(options, [&](auto o, auto h) { store_->async_sweep(o, std::move(h)); });
  }
  [[nodiscard]] session_page list(list_options options = {}) {
    return wait<session_page>(options, [&](auto o, auto h) { store_->async_list(o, std::move(h)); });
  }
  void close(operation_options options = {}) {
    wait<>(options, [&](auto o, auto h) { store_->async_close(o, std::move(h)); });
  }
  /// Waits for nothing.
  [[nodiscard]] store_stats stats() const { return store_->stats(); }

 private:
  struct owned;

  /// Starts an operation with diagnostics and a handler, and waits for its value or throws its error.
  template <class... T, class Options, class Start>
  static std::tuple_element_t<0, std::tuple<T..., void>> wait(Options options, Start start) {
    diagnostics own;
    if (options.diag == nullptr) options.diag = &own;
    std::promise<std::tuple<error_code, T...>> promise;
    auto future = promise.get_future();
    start(options, [&promise](error_code ec, T... value) { promise.set_value({ec, std::move(value)...}); });
    auto ended = future.get();
    if (std::get<0>(ended)) throw error_with_diagnostics(std::get<0>(ended), *options.diag);
    if constexpr (sizeof...(T) == 1) return std::get<1>(std::move(ended));
  }

  std::unique_ptr<owned> owned_;
  session_store* store_;
};

}  // namespace atto
