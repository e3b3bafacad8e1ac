#pragma once

#include "base/deadline_timer.hpp"
#include "base/mutex.hpp"
#include "sqlite/operation.hpp"
#include "sqlite/request_queue.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/cancellation_type.hpp>

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <memory>
#include <unordered_map>
#include <vector>

namespace atto::sqlite {

/// Where callers, the timer, cancellation and the worker meet: request_queue's decisions behind a lock, and carried
/// out. Shared by the store, its worker, and whatever signal may still come.
///
/// Thread-safety: all members may be called on any thread. Handlers are completed with no lock held.
class dispatcher : public std::enable_shared_from_this<dispatcher> {
 public:
  using operation_id = request_queue::operation_id;
  using operation_ptr = std::shared_ptr<operation>;

  [[nodiscard]] static std::shared_ptr<dispatcher> make(const boost::asio::any_io_executor& executor,
                                                        std::size_t max_waiting);

  /// An id for an operation to be submitted or closed with.
  [[nodiscard]] operation_id next_id() noexcept { return next_id_.fetch_add(1, std::memory_order_relaxed); }
  /// When these throw, for want of memory, nothing was submitted.
  void submit(operation_id id, operation_ptr op);
  void close(operation_id id, operation_ptr op);
  void cancel(operation_id id, boost::asio::cancellation_type type);
  /// Ends all that can be taken back and lets the worker go.
  void shut_down();

  /// How many operations wait.
  [[nodiscard]] std::size_t waiting() const ATTO_EXCLUDES(mutex_);

  /// What the worker does next.
  struct order {
    enum class action { execute, close_file, leave } what;
    kind access = kind::read;  // with execute
    group_members group{};     // with execute
  };
  /// Waits for it.
  [[nodiscard]] order next();
  /// Whether those without a result may commit. When not, one of them has ended meanwhile: the transaction must be
  /// rolled back, and what is left of the group waits again.
  [[nodiscard]] bool begin_commit(const group_members& group);
  /// Ends them with their results, as far as they have not ended.
  void finish(group_members done);
  /// What is left of the group waits again: as it was, or in smaller groups, one of them being to blame.
  void put_back();
  void put_back_apart();
  void file_closed();

 private:
  /// What is to be completed once the lock is released.
  struct ended_operation {
    operation_ptr op;
    failure why;  // none: success
  };
  using ended_operations = std::vector<ended_operation>;
  using operations = std::unordered_map<operation_id, operation_ptr>;

  dispatcher(const boost::asio::any_io_executor& executor, std::size_t max_waiting);

  operations::iterator keep(operation_id id, operation_ptr op) ATTO_REQUIRES(mutex_);
  [[nodiscard]] order take() ATTO_REQUIRES(mutex_);
  void settle(request_queue::endings endings, ended_operations& out) ATTO_REQUIRES(mutex_);
  [[nodiscard]] operation_ptr extract(operation_id id) ATTO_REQUIRES(mutex_);
  void set_timer() ATTO_REQUIRES(mutex_);
  void on_timer() ATTO_EXCLUDES(mutex_);
  static void complete(ended_operations all);

  std::atomic<operation_id> next_id_ = 1;
  mutable mutex mutex_;
  std::condition_variable_any wake_;  // the worker waits on it
  request_queue queue_ ATTO_GUARDED_BY(mutex_);
  operations outstanding_ ATTO_GUARDED_BY(mutex_);
  deadline_timer timer_ ATTO_GUARDED_BY(mutex_);
  bool leaving_ ATTO_GUARDED_BY(mutex_) = false;
};

}  // namespace atto::sqlite
