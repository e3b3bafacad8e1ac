#pragma once

#include "failure.hpp"

#include "postgres/reply.hpp"
#include "postgres/statements.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace atto::postgres {

/// How an operation ended: with a failure, or with a value.
template <class T>
struct outcome {
  outcome(failure f) : error(std::move(f)) {}  // NOLINT(google-explicit-constructor): outcomes are returned
  outcome(T v) : value(std::move(v)) {}        // NOLINT(google-explicit-constructor)

  failure error;
  T value{};
};

/// What one operation says to the server and makes of the answers: rounds of statements, each before one sync.
/// Decisions only: no socket, no clock. Driven by `pipeline`; a script can drive it as well.
class exchange {
 public:
  exchange() = default;
  exchange(const exchange&) = delete;
  exchange& operator=(const exchange&) = delete;
  virtual ~exchange() = default;

  /// The statements of the next round. Called once before each round.
  [[nodiscard]] virtual std::vector<statement> next() = 0;

  /// The replies of the round, complete and in order; its sync has arrived, so what they say is committed.
  /// True when the operation has ended; false asks for another round.
  [[nodiscard]] virtual bool on_replies(std::vector<reply> replies) = 0;

  /// True when the round in flight may change data, so that its loss leaves the outcome unknown.
  [[nodiscard]] virtual bool in_doubt() const noexcept = 0;
};

/// An exchange that yields a T. After on_replies has returned true, take() gives the outcome, once.
template <class T>
class exchange_of : public exchange {
 public:
  using value_type = T;

  [[nodiscard]] outcome<T> take() { return *std::exchange(outcome_, std::nullopt); }

 protected:
  /// Ends the exchange: `return end(...)` from on_replies.
  bool end(outcome<T> o) {
    outcome_.emplace(std::move(o));
    return true;
  }

 private:
  std::optional<outcome<T>> outcome_;
};

/// The first reply with an error, as a failure; an empty failure when all succeeded. PostgreSQL reports the statement
/// that failed and skips the others of its round, so there is one at most. No reply at all is a failure as well.
failure first_error(const std::vector<reply>& replies);

}  // namespace atto::postgres
