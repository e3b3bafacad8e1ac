#pragma once

#include "complete.hpp"
#include "sqlite/connection.hpp"
#include "sqlite/reply.hpp"
#include "sqlite/request_queue.hpp"

#include <atomic>
#include <memory>
#include <utility>

namespace atto::sqlite {

/// What the worker has to do with the database for an operation.
enum class kind { read, write, ensure_schema };

/// One operation of the store: what is to be done, and the handler that waits for it. The worker executes it, on its
/// thread, while whoever ends it may complete it on another: the two touch different members.
class operation {
 public:
  operation(kind what, request_queue::time_point deadline) noexcept : what_(what), deadline_(deadline) {}
  operation(const operation&) = delete;
  operation& operator=(const operation&) = delete;
  virtual ~operation() = default;

  [[nodiscard]] kind what() const noexcept { return what_; }
  [[nodiscard]] request_queue::time_point deadline() const noexcept { return deadline_; }

  /// Does the work inside a transaction and keeps the result.
  virtual failure execute(connection& c) = 0;
  /// Sends the handler on its way with the result kept; or with an error. One of the two, once.
  virtual void succeed() = 0;
  virtual void fail(failure f) = 0;

  /// Set when the operation ended before the worker was done with it, so that the worker stops.
  std::atomic<bool> ended = false;

 private:
  kind what_;
  request_queue::time_point deadline_;
};

/// `Work` is reply<T>(connection&).
template <class T, class Work>
class value_operation final : public operation {
 public:
  value_operation(kind what, request_queue::time_point deadline, completion<T> out, Work work)
      : operation(what, deadline), out_(std::move(out)), work_(std::move(work)) {}

  failure execute(connection& c) override {
    reply<T> result = work_(c);
    value_ = std::move(result.value);
    return std::move(result.error);
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
  plain_operation(kind what, request_queue::time_point deadline, completion<> out, Work work)
      : operation(what, deadline), out_(std::move(out)), work_(std::move(work)) {}

  failure execute(connection& c) override { return work_(c); }
  void succeed() override { out_.succeed(); }
  void fail(failure f) override { out_.fail(std::move(f)); }

 private:
  completion<> out_;
  Work work_;
};

}  // namespace atto::sqlite
