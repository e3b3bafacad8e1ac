#pragma once

#include <atto/failure.hpp>

#include "base/result.hpp"

#include "postgres/reply.hpp"
#include "postgres/statement.hpp"
#include "postgres/store_context.hpp"

#include <atomic>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace atto::postgres {

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

/// What one operation sends to the server, and what it makes of the replies: rounds of statements. A round shares one
/// sync, and so one transaction, with the rounds of other operations of its kind: a group. Decisions only: no socket,
/// no clock. Driven by `backlog` and `pipeline`; a script can drive it as well.
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

  /// True when what was sent may have changed data and no reply says so yet: giving up now leaves the outcome unknown.
  [[nodiscard]] virtual bool in_doubt() const noexcept = 0;

  /// The round in flight was lost with its connection, before its sync. True: the next round, on another connection,
  /// goes on, and finds out what became of it. False: that cannot be found out, or is not needed.
  [[nodiscard]] virtual bool on_lost() = 0;

  /// Asked once, after a success: work that this exchange leaves behind and no one waits for. Null: none.
  [[nodiscard]] virtual std::unique_ptr<exchange> errand() { return nullptr; }
};

/// Whether the tables under a store's names are atto's and of this release is checked before the first operation of the
/// store: a foreign, a newer or an older table is not even read. The check is a round of its own.
/// Missing tables are left to the operation, which reports them.
class tables_check {
 public:
  /// `store` null: nothing is checked. It must outlive this.
  explicit tables_check(store_context* store) : store_(store), in_flight_(due()) {}

  /// True when the next round is the check.
  [[nodiscard]] bool due() const noexcept {
    return store_ != nullptr && !passed_ && !store_->verified.load(std::memory_order_relaxed);
  }
  /// True when the round in flight is the check. It changes nothing, so it is never in doubt.
  [[nodiscard]] bool in_flight() const noexcept { return in_flight_; }

  /// A round begins. Another exchange of the store may have passed the check meanwhile: then this one is not due.
  void start_round() noexcept { in_flight_ = due(); }
  [[nodiscard]] std::vector<statement> next() const { return store_->schema.find_relations(); }
  /// The reply to the check. Errors: schema_mismatch, and what a reply says.
  [[nodiscard]] failure on_replies(const std::vector<reply>& replies);

 private:
  store_context* store_;
  bool passed_ = false;
  bool in_flight_;
};

/// An exchange of a store that yields a T. After on_replies has returned true, take() gives how it ended, once.
///
/// The public functions check the tables first and then ask the do_ functions, which see nothing of the check.
template <class T>
class exchange_of : public exchange {
 public:
  using value_type = T;

  [[nodiscard]] round_kind kind() const noexcept final { return check_.due() ? round_kind::read : do_kind(); }
  [[nodiscard]] std::size_t bytes() const noexcept final { return check_.due() ? 0 : do_bytes(); }
  [[nodiscard]] std::vector<statement> next() final {
    check_.start_round();
    return check_.in_flight() ? check_.next() : do_next();
  }
  [[nodiscard]] bool on_replies(std::vector<reply> replies) final {
    if (!check_.in_flight()) return do_on_replies(std::move(replies));
    // The check ends the exchange, or the round after it is the exchange's first.
    failure f = check_.on_replies(replies);
    return f && end(std::move(f));
  }
  [[nodiscard]] bool in_doubt() const noexcept final { return !check_.in_flight() && do_in_doubt(); }
  [[nodiscard]] bool on_lost() final { return check_.in_flight() || do_on_lost(); }

  [[nodiscard]] result<T> take() { return *std::exchange(result_, std::nullopt); }

 protected:
  enum class tables { checked_first, not_checked };

  explicit exchange_of(store_context_ptr store, tables t = tables::checked_first)
      : store_(std::move(store)), check_(t == tables::checked_first ? store_.get() : nullptr) {}

  [[nodiscard]] const store_context& store() const noexcept { return *store_; }
  [[nodiscard]] const store_context_ptr& shared_store() const noexcept { return store_; }

  /// Ends the exchange: `return end(...)` from do_on_replies.
  bool end(result<T> r) {
    result_.emplace(std::move(r));
    return true;
  }
  bool end(failure f) { return end(result<T>(std::move(f))); }

 private:
  // As the public functions, without the check.
  [[nodiscard]] virtual round_kind do_kind() const noexcept = 0;
  [[nodiscard]] virtual std::size_t do_bytes() const noexcept { return 0; }
  [[nodiscard]] virtual std::vector<statement> do_next() = 0;
  [[nodiscard]] virtual bool do_on_replies(std::vector<reply> replies) = 0;
  [[nodiscard]] virtual bool do_in_doubt() const noexcept = 0;
  [[nodiscard]] virtual bool do_on_lost() = 0;

  store_context_ptr store_;
  tables_check check_;
  std::optional<result<T>> result_;
};

/// The first reply with an error, as a failure; an empty failure when all succeeded. PostgreSQL reports the statement
/// that failed and skips the others of its round, so there is one at most. No reply at all is a failure as well.
failure first_error(const std::vector<reply>& replies);

/// What a failure `why` says of a write that was sent before and lost: nothing. The outcome stays unknown.
failure outcome_unknown(failure why, std::string message);

/// The failure of a reply whose row is not what its statement asks for.
failure unreadable_row();

}  // namespace atto::postgres
