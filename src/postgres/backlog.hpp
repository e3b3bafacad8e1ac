#pragma once

#include "postgres/operation.hpp"

#include <boost/intrusive/list.hpp>
#include <boost/intrusive/set.hpp>

#include <array>
#include <cstddef>
#include <string>
#include <unordered_map>
#include <vector>

namespace atto::postgres {

/// The operations of one session that wait, by arrival, and which of them are in flight: either one that writes, or any
/// number that read.
struct session_line {
  using places = boost::intrusive::list<
      backlog_place, boost::intrusive::base_hook<boost::intrusive::list_base_hook<boost::intrusive::tag<line_tag>>>,
      boost::intrusive::constant_time_size<false>>;

  const std::string* name = nullptr;  // under which the backlog has it
  places waiting;
  std::size_t readers = 0;
  bool writer = false;
};

/// Rounds that share one sync. The sessions of a group of writes are distinct, and sorted, so that two groups never
/// wait for each other.
struct group {
  round_kind kind = round_kind::read;
  std::vector<operation_ptr> members;  // not empty
};

/// What waits for a connection: puts rounds together into groups, and keeps the order of each session, whose operations
/// take effect in the order in which they arrived. Decisions only.
class backlog {
 public:
  struct bounds {
    std::size_t members = 64;        // of a group, at most
    std::size_t share = 32;          // of a group of writes, before another connection takes the rest
    std::size_t bytes = 1U << 20U;   // of documents in a group of several
    std::size_t slow_in_flight = 1;  // rounds of large and of locked operations, so that the others keep connections
  };

  explicit backlog(bounds b) noexcept : bounds_(b) {}
  ~backlog();
  backlog(const backlog&) = delete;
  backlog& operator=(const backlog&) = delete;

  /// How many wait.
  [[nodiscard]] std::size_t size() const noexcept { return waiting_; }

  /// New to waiting. The operation has its arrival.
  void add(operation_ptr op);
  /// In flight to waiting, in its old place: it has another round, or has to be sent again.
  void put_back(operation_ptr op);
  /// Waiting to gone: its caller gave up.
  void remove(operation& op);
  /// In flight to gone: its session is free for the next.
  void release(operation& op);

  /// Waiting to in flight: the next group, for one of so many connections: when there is much to do it leaves the
  /// others an even share, else all that is to do would travel from one to the next and the others stay idle. It has no
  /// members when nothing can be sent now.
  [[nodiscard]] group take(std::size_t connections = 1);

 private:
  /// Each lane has its turn, so that none waits for the end of another.
  enum lane : std::size_t { reads, writes, singles, slow, lane_count };

  [[nodiscard]] lane lane_of(operation& op) const noexcept;
  [[nodiscard]] bool is_large(operation& op) const noexcept { return op.exchange().bytes() > bounds_.bytes; }
  [[nodiscard]] bool can_go(lane l) const noexcept;
  /// lane_count when none can go.
  [[nodiscard]] lane next_lane() const noexcept;
  void fill(group& g, lane turn, std::size_t most);
  [[nodiscard]] std::size_t most_members(lane turn, std::size_t connections) const noexcept;
  struct by_arrival {
    bool operator()(const backlog_place& a, const backlog_place& b) const noexcept {
      return a.self->arrival < b.self->arrival;
    }
  };
  using ready_places = boost::intrusive::set<
      backlog_place, boost::intrusive::base_hook<boost::intrusive::set_base_hook<boost::intrusive::tag<lane_tag>>>,
      boost::intrusive::compare<by_arrival>, boost::intrusive::constant_time_size<false>>;

  void insert(operation_ptr taken);
  void leave(operation& op);
  /// Makes the first of the line ready if it may go now.
  void advance(session_line& line);
  void make_ready(operation& op);
  void withdraw(operation& op);
  [[nodiscard]] operation_ptr depart(operation& op);
  void forget_if_empty(operation& op);

  bounds bounds_;
  std::unordered_map<std::string, session_line> lines_;
  std::array<ready_places, lane_count> ready_;  // the lines' first, and what has no line
  std::size_t last_served_ = lane_count - 1;
  std::size_t waiting_ = 0;
  std::size_t in_flight_ = 0;
  std::size_t slow_in_flight_ = 0;
};

}  // namespace atto::postgres
