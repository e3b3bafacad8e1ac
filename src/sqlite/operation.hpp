#pragma once

#include <atto/completion.hpp>

#include "base/result.hpp"
#include "contract/store_journal.hpp"
#include "contract/write_fate.hpp"
#include "sqlite/connection.hpp"
#include "sqlite/request_queue.hpp"

#include <atomic>
#include <memory>
#include <utility>
#include <vector>

namespace atto::sqlite {

/// One operation of the store: what is to be done, and the handler that waits for it. The worker executes it, on its
/// thread, while whoever ends it may complete it on another: the two touch different members.
class operation {
 public:
  explicit operation(const request_queue::descriptor& d) noexcept : descriptor_(d) {}
  operation(const operation&) = delete;
  operation& operator=(const operation&) = delete;
  virtual ~operation() = default;

  [[nodiscard]] const request_queue::descriptor& described() const noexcept { return descriptor_; }
  [[nodiscard]] request_queue::time_point deadline() const noexcept { return descriptor_.deadline; }

  /// Does the work inside a transaction and keeps the result. Again in another one when that came to nothing.
  virtual failure execute(connection& c) = 0;
  /// Whether the transaction it was part of is in the database, after its commit ended in doubt.
  [[nodiscard]] virtual write_fate::fate fate(connection&) const { return write_fate::fate::unknown; }
  /// Sends the handler on its way with the result kept; or with an error. One of the two, once.
  virtual void succeed() = 0;
  virtual void fail(failure f) = 0;

  /// Set when the operation ended before the worker was done with it, so that the worker stops.
  std::atomic<bool> ended = false;
  /// Since when it waits; zero: it was executed. Written before it is submitted, then by the worker.
  store_journal::clock::time_point waits_since{};

 private:
  request_queue::descriptor descriptor_;
};

/// An operation in a group that runs.
struct group_member {
  request_queue::operation_id id = 0;
  std::shared_ptr<operation> op{};
  failure result{};
  bool open = true;  // false: it has ended before the worker was done with it
};
using group_members = std::vector<group_member>;

/// `Work` is result<T>(connection&), and may have a fate(connection&).
template <class T, class Work>
class value_operation final : public operation {
 public:
  value_operation(const request_queue::descriptor& d, completion<T> out, Work work)
      : operation(d), out_(std::move(out)), work_(std::move(work)) {}

  failure execute(connection& c) override {
    result<T> done = work_(c);
    if (!done) return std::move(done).error();
    value_ = *std::move(done);
    return {};
  }
  [[nodiscard]] write_fate::fate fate(connection& c) const override {
    if constexpr (requires { work_.fate(c); }) return work_.fate(c);
    return write_fate::fate::unknown;
  }
  void succeed() override { out_.succeed(std::move(value_)); }
  void fail(failure f) override { out_.fail(std::move(f)); }

 private:
  completion<T> out_;
  Work work_;
  T value_{};
};

/// An operation without a value: ensure_schema, and close, which no worker executes. `Work` is failure(connection&).
template <class Work>
class plain_operation final : public operation {
 public:
  plain_operation(const request_queue::descriptor& d, completion<> out, Work work)
      : operation(d), out_(std::move(out)), work_(std::move(work)) {}

  failure execute(connection& c) override { return work_(c); }
  void succeed() override { out_.succeed(); }
  void fail(failure f) override { out_.fail(std::move(f)); }

 private:
  completion<> out_;
  Work work_;
};

}  // namespace atto::sqlite
