#pragma once

#include "sqlite/operation.hpp"
#include "sqlite/request_queue.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/steady_timer.hpp>

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <vector>

namespace atto::sqlite {

/// Where callers, the timer, cancellation and the worker meet: request_queue's decisions behind a lock, and carried
/// out. Shared by the store, its worker, and whatever signal may still come.
///
/// Thread-safety: all members may be called on any thread. Handlers are completed with no lock held.
class dispatcher : public std::enable_shared_from_this<dispatcher> {
 public:
  using ticket = request_queue::ticket;
  using operation_ptr = std::shared_ptr<operation>;

  dispatcher(const boost::asio::any_io_executor& executor, std::size_t max_waiting);

  /// A ticket for an operation to be submitted or closed with.
  [[nodiscard]] ticket next_ticket() noexcept { return next_ticket_.fetch_add(1, std::memory_order_relaxed); }
  /// When these throw, for want of memory, nothing was submitted.
  void submit(ticket id, operation_ptr op);
  void close(ticket id, operation_ptr op);
  void cancel(ticket id, boost::asio::cancellation_type type);
  /// Ends all that can be taken back and lets the worker go.
  void shut_down();

  /// How many operations wait.
  [[nodiscard]] std::size_t waiting() const;

  /// What the worker does next.
  struct order {
    enum class action { execute, close_file, leave } what;
    kind access = kind::read;  // with execute
    members group{};           // with execute
  };
  /// Waits for it.
  [[nodiscard]] order next();
  /// Whether those without a result may commit. When not, one of them has ended meanwhile: the transaction must be
  /// rolled back, and what is left of the group waits again.
  [[nodiscard]] bool begin_commit(const members& group);
  /// Ends them with their results, as far as they have not ended.
  void finish(members done);
  /// What is left of the group waits again: as it was, or in smaller groups, one of them being to blame.
  void put_back();
  void put_back_apart();
  void file_closed();

 private:
  /// What is to be completed once the lock is released.
  struct finale {
    operation_ptr op;
    failure why;  // none: success
  };
  using finales = std::vector<finale>;
  using operations = std::unordered_map<ticket, operation_ptr>;

  operations::iterator keep(ticket id, operation_ptr op);
  [[nodiscard]] order take();
  void settle(request_queue::endings endings, finales& out);
  [[nodiscard]] operation_ptr release(ticket id);
  void set_timer();
  void set_timer(request_queue::time_point next);
  void on_timer();
  static void complete(finales all);

  std::atomic<ticket> next_ticket_ = 1;
  mutable std::mutex mutex_;
  std::condition_variable wake_;                           // the worker waits on it
  request_queue queue_;                                    // guarded by mutex_
  operations outstanding_;                                 // guarded by mutex_
  boost::asio::steady_timer timer_;                        // guarded by mutex_
  std::optional<request_queue::time_point> timer_set_to_;  // guarded by mutex_
  bool leaving_ = false;                                   // guarded by mutex_
};

}  // namespace atto::sqlite
