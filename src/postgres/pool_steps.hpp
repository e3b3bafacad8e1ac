#pragma once

#include <atto/failure.hpp>

#include "contract/store_journal.hpp"

#include "postgres/operation.hpp"
#include "postgres/reply.hpp"
#include "postgres/statement.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace atto::postgres {

/// Why a connection is closed.
enum class closing {
  broke,            // it was lost while it was in use
  broke_idle,       // the same, found when it was about to be used
  doomed,           // the server said on it that it leads to the wrong place, or is about to end
  silent,           // the server did not answer on it in time
  beside_a_silent,  // idle, on the same way to the server as a silent one
  lease_given_up,   // its lease was given up while it was being prepared
  pool_closed,
};

/// What the pool must do after an event, in this order; see pool_books.
struct pool_steps {
  struct closed_link {
    std::size_t link = 0;
    closing why = closing::pool_closed;
    reply last_error;                   // what the server said last on it
    std::size_t writes_sent_again = 0;  // that were in flight on it
  };
  struct failed_ticket {
    ticket_ptr who;
    failure why;
  };
  struct sent_round {
    std::size_t link = 0;  // 0: nothing is sent
    std::vector<statement> statements;
    std::size_t operations = 0;
    store_journal::waits waits;
  };
  struct prepared_lease {
    std::size_t link = 0;  // 0: none
    std::chrono::steady_clock::time_point deadline{};
  };
  /// What connection_lifecycle needs to know, and the latest arrival, which a refusal brings back.
  struct demand {
    std::size_t waiting = 0, open = 0, lent = 0;
    std::uint64_t latest = 0;
  };
  enum class when { none, soon, now };

  /// Close these, wherever they are.
  std::vector<closed_link> close_links;
  /// Decode the replies of these, then report them by on_decoded().
  std::vector<operation_ptr> decode;
  /// Call the handlers of these: an outcome, an error, and close tickets that succeed. They have ended in the books.
  std::vector<operation_ptr> complete;
  std::vector<failed_ticket> failed;
  std::vector<ticket_ptr> closed;
  /// The connection that was reported gets this number; 0: it is not needed.
  std::size_t adopt = 0;
  /// Renew the connection that came back from a lease, then report it by on_renewed().
  bool renew = false;
  /// The lease ticket that gets the connection that was reported; null: none.
  ticket_ptr lend;
  /// Report by on_checked() whether a byte came on these.
  std::vector<std::size_t> check;
  /// What came on this one until now does not count at the next check; 0: none.
  std::size_t listen_anew = 0;
  sent_round send;
  /// Take this connection out of service and prepare it for a lease, then report it by on_prepared().
  prepared_lease prepare;
  /// Begin the attempts to connect that this demand asks for.
  std::optional<demand> open;
  /// Close what is left: the pool has ended.
  bool finished = false;
  /// Call dispatch(): at once, or when the strand has run what is ready by now. The callers of a group that ended come
  /// back together, and the first of them must not be sent alone.
  when dispatch = when::none;
};

}  // namespace atto::postgres
