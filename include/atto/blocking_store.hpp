#pragma once

#include <atto/export.hpp>
#include <atto/session_store.hpp>
#include <atto/store_observer.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

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

  void ensure_schema(operation_options options = {});
  [[nodiscard]] std::optional<snapshot> load(std::string_view id, load_options options = {});
  std::int64_t save(std::string_view id, snapshot snap, save_options options = {});
  std::int64_t append(std::string_view id, std::int64_t base, turn t, append_options options = {});
  bool remove(std::string_view id, remove_options options = {});
  claimed_session claim(std::string_view id, std::string_view owner, claim_options options = {});
  void renew(std::string_view id, std::int64_t epoch, std::chrono::milliseconds ttl, operation_options options = {});
  bool release(std::string_view id, std::int64_t epoch, operation_options options = {});
  [[nodiscard]] std::optional<turn_record> find_turn(std::string_view id, const message_id& message,
                                                     operation_options options = {});
  std::int64_t sweep(operation_options options = {});
  [[nodiscard]] session_page list(list_options options = {});
  void close(operation_options options = {});
  /// Waits for nothing.
  [[nodiscard]] store_stats stats() const;

 private:
  struct owned;
  std::unique_ptr<owned> owned_;
  session_store* store_;
};

}  // namespace atto
