#pragma once

#include "base/mutex.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/execution/blocking.hpp>
#include <boost/asio/execution/context.hpp>
#include <boost/asio/query.hpp>
#include <boost/asio/require.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace atto::detail {

/// Id, in its actor, of the session whose turn runs on this thread; null when none does.
inline thread_local const std::string_view* current_session = nullptr;

/// Sets current_session while it lives.
class in_turn_of {
 public:
  explicit in_turn_of(const std::string_view* session) noexcept : before_(std::exchange(current_session, session)) {}
  ~in_turn_of() { current_session = before_; }
  in_turn_of(const in_turn_of&) = delete;
  in_turn_of& operator=(const in_turn_of&) = delete;

 private:
  const std::string_view* before_;
};

/// Runs what it is given one after another, on another executor, in the turn of the session that it serves: so a
/// handler that calls for its own session is noticed, wherever its coroutine has got to.
///
/// A strand of Boost.Asio does the first alone, and cost a turn some 40 allocations: an any_io_executor of it is made
/// anew for each property that is asked for (docs/decisions/0010-turn-strand.md). Threads: any.
class turn_strand {
 public:
  explicit turn_strand(std::shared_ptr<const boost::asio::any_io_executor> inner) noexcept : inner_(std::move(inner)) {}
  turn_strand(const turn_strand&) = delete;
  turn_strand& operator=(const turn_strand&) = delete;

  [[nodiscard]] const boost::asio::any_io_executor& inner() const noexcept { return *inner_; }

  /// Whether this thread runs something in it.
  [[nodiscard]] bool is_here() const noexcept { return current_session == &session_; }
  /// The id, in its actor, of the session whose turn runs here from now on; empty: none does. To be called within.
  void serve(std::string_view session) noexcept { session_ = session; }

  /// Calls f after all that came before it; at once, if `may_call`, when this thread is in the strand already or
  /// nothing came before and the inner executor can.
  template <class Function>
  static void execute(const std::shared_ptr<turn_strand>& self, Function f, bool may_call) {
    if (may_call && self->is_here()) return std::move(f)();
    if (self->waits(f)) return;
    self->start(
        [mine = permit(self), f = std::move(f)]() mutable {
          in_strand here(std::move(mine));
          std::move(f)();
          here.run_waiting();
        },
        may_call);
  }

  /// The same for a caller whom the inner executor has called: f is called at once unless something came before.
  template <class Function>
  static void enter(const std::shared_ptr<turn_strand>& self, Function f) {
    if (self->is_here()) return std::move(f)();
    if (self->waits(f)) return;
    in_strand here{permit(self)};
    std::move(f)();
    here.run_waiting();
  }

 private:
  struct task {
    task() = default;
    task(const task&) = delete;
    task& operator=(const task&) = delete;
    virtual ~task() = default;
    virtual void run() = 0;
    std::unique_ptr<task> next;
  };
  template <class Function>
  struct task_of final : task {
    explicit task_of(Function f) : function(std::move(f)) {}
    void run() override { std::move(function)(); }
    Function function;
  };

  /// That of one at a time to run. When the inner executor drops what it was given, all that waits is dropped, too: it
  /// would keep its strand for ever.
  class permit {
   public:
    explicit permit(std::shared_ptr<turn_strand> s) noexcept : strand(std::move(s)) {}
    permit(permit&&) noexcept = default;
    permit& operator=(permit&&) = delete;
    ~permit() {
      if (strand != nullptr) strand->drop();
    }
    std::shared_ptr<turn_strand> strand;
  };

  class in_strand {
   public:
    explicit in_strand(permit p) noexcept : strand_(std::move(p.strand)), session_(&strand_->session_) {}
    in_strand(const in_strand&) = delete;
    in_strand& operator=(const in_strand&) = delete;
    ~in_strand() {
      if (strand_ != nullptr) go_on_elsewhere(strand_);
    }
    void run_waiting() {
      for (std::unique_ptr<task> next; ran_ < most_at_once; ++ran_) {
        next = strand_->take_or_leave();
        if (next == nullptr) return strand_.reset();
        next->run();
      }
    }

   private:
    static constexpr int most_at_once = 16;  // then others of the inner executor have a turn

    std::shared_ptr<turn_strand> strand_;
    in_turn_of session_;
    int ran_ = 0;
  };

  /// Whether something came before f, behind which it waits now. When not, the caller is the one that may run.
  template <class Function>
  [[nodiscard]] bool waits(Function& f) {
    const lock held(mutex_);
    if (!std::exchange(running_, true)) return false;
    auto last = std::make_unique<task_of<Function>>(std::move(f));
    task* const added = last.get();
    (last_ == nullptr ? first_ : last_->next) = std::move(last);
    last_ = added;
    return true;
  }
  template <class Function>
  void start(Function f, bool may_call) {
    if (may_call) return inner_->execute(std::move(f));
    boost::asio::require(*inner_, boost::asio::execution::blocking.never).execute(std::move(f));
  }

  /// Called by the one that runs: returns the next one, or null; then another may be the one that runs.
  [[nodiscard]] std::unique_ptr<task> take_or_leave();
  /// Called by the one that runs and has not left: there were too many, or one threw.
  static void go_on_elsewhere(const std::shared_ptr<turn_strand>& self) noexcept;
  void drop() noexcept;

  const std::shared_ptr<const boost::asio::any_io_executor> inner_;
  std::string_view session_;
  mutex mutex_;
  bool running_ ATTO_GUARDED_BY(mutex_) = false;
  std::unique_ptr<task> first_ ATTO_GUARDED_BY(mutex_);  // of those that wait
  task* last_ ATTO_GUARDED_BY(mutex_) = nullptr;
};

/// A turn_strand as an executor: never larger than what an any_io_executor keeps in itself. It does not count as work;
/// the runtime does while a handler runs.
class turn_executor {
 public:
  explicit turn_executor(std::shared_ptr<turn_strand> strand) noexcept : strand_(std::move(strand)) {}

  template <class Function>
  void execute(Function f) const {
    turn_strand::execute(strand_, std::move(f), may_call_);
  }

  [[nodiscard]] boost::asio::execution_context& query(boost::asio::execution::context_t) const noexcept {
    return boost::asio::query(strand_->inner(), boost::asio::execution::context);
  }
  [[nodiscard]] boost::asio::execution::blocking_t query(boost::asio::execution::blocking_t) const noexcept {
    using boost::asio::execution::blocking;
    if (may_call_) return blocking.possibly;
    return blocking.never;
  }
  [[nodiscard]] turn_executor require(boost::asio::execution::blocking_t::possibly_t) const { return {strand_, true}; }
  [[nodiscard]] turn_executor require(boost::asio::execution::blocking_t::never_t) const { return {strand_, false}; }

  friend bool operator==(const turn_executor& a, const turn_executor& b) noexcept {
    return a.strand_ == b.strand_ && a.may_call_ == b.may_call_;
  }

 private:
  turn_executor(std::shared_ptr<turn_strand> strand, bool may_call) noexcept
      : strand_(std::move(strand)), may_call_(may_call) {}

  std::shared_ptr<turn_strand> strand_;
  bool may_call_ = true;
};

}  // namespace atto::detail
