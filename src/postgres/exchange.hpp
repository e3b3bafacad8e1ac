#pragma once

#include <atto/failure.hpp>

#include "postgres/reply.hpp"
#include "postgres/statements.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
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

/// What a round may share its sync with.
enum class round_kind {
  read,   // other reads
  write,  // other writes, of other sessions
  alone,  // nothing
};

/// The row an operation works on. Views into the exchange that gave it.
struct session_key {
  std::string_view table;  // qualified and quoted
  std::string_view id;     // empty: the operation is not about one session

  [[nodiscard]] bool none() const noexcept { return id.empty(); }
  friend auto operator<=>(const session_key&,
                          const session_key&) = default;  // NOLINT(modernize-use-nullptr): no pointer
};

/// What one operation says to the server and makes of the answers: rounds of statements. A round shares one sync, and
/// so one transaction, with the rounds of other operations of its kind: a group.
/// Decisions only: no socket, no clock. Driven by `backlog` and `pipeline`; a script can drive it as well.
class exchange {
 public:
  exchange() = default;
  exchange(const exchange&) = delete;
  exchange& operator=(const exchange&) = delete;
  virtual ~exchange() = default;

  [[nodiscard]] virtual session_key session() const noexcept = 0;
  /// False when no round of it changes its session, so that others may read it at the same time.
  [[nodiscard]] virtual bool writes() const noexcept = 0;

  /// Of the next round.
  [[nodiscard]] virtual round_kind kind() const noexcept = 0;
  /// About how many bytes of documents the next round sends.
  [[nodiscard]] virtual std::size_t bytes() const noexcept { return 0; }

  /// The statements of the next round. Called once before each sending; a round whose group failed is sent again.
  [[nodiscard]] virtual std::vector<statement> next() = 0;

  /// The replies of the round, complete and in order; its sync has arrived, so what they say is committed. Or they end
  /// with an error, and nothing of the round was done.
  /// True when the operation has ended; false asks for another round.
  [[nodiscard]] virtual bool on_replies(std::vector<reply> replies) = 0;

  /// True when what was sent may have changed data and nobody knows yet: giving up now leaves the outcome unknown.
  [[nodiscard]] virtual bool in_doubt() const noexcept = 0;

  /// The round in flight was lost with its connection, before its sync. True: the next round, on another connection,
  /// goes on, and finds out what became of it. False: nobody can find out, or nobody needs it.
  [[nodiscard]] virtual bool on_lost() = 0;

  /// Asked once, after a success: work that this exchange leaves behind and nobody waits for. Null: none.
  [[nodiscard]] virtual std::unique_ptr<exchange> errand() { return nullptr; }
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

/// The failure of a reply whose row is not what its statement asks for.
failure unreadable_row();

}  // namespace atto::postgres
