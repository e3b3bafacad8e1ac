#pragma once

#include "fuzz/byte_source.hpp"

#include "unit/postgres/pool_script.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <vector>

namespace atto::fuzz {

/// The books of a pool, with scripted operations and without any connection, under events that a fuzzer draws. Every
/// event is checked; what must never happen is thrown as a finding.
class pool_model {
 public:
  static constexpr std::size_t connections = 3;

  pool_model();

  // A connection is the one with that place among those that serve; no effect when there is none.
  void submit(byte_source& in);
  void dispatch();
  void reply(std::size_t connection, byte_source& in);
  void sync(std::size_t connection, byte_source& in);
  void lose(std::size_t connection);
  /// A caller gives up, wherever its operation is.
  void cancel(byte_source& in);
  /// Leases, time, connections that come and go, and the ends of clients and of the pool.
  void happen(byte_source& in);

  /// Answers everything that is left, and expects that every ticket has then ended, once, and that what waits, what is
  /// in flight and what is lent is counted as nothing.
  void drain();

 private:
  using operation_ptr = std::shared_ptr<postgres::script::scripted_operation>;

  struct caller {
    operation_ptr op;
    std::size_t rounds = 0;  // whose replies its exchange got
  };
  /// A group in flight.
  struct flight {
    std::vector<std::size_t> members{};   // places in callers_, or errand_member
    std::vector<std::size_t> expected{};  // whose the replies are that are still to come, in reverse
    std::map<std::size_t, std::vector<std::int64_t>> answers{};
    bool failed = false;
  };
  static constexpr std::size_t prelude = ~std::size_t{0};
  static constexpr std::size_t errand_member = prelude - 1;

  [[nodiscard]] operation_ptr draw_operation(byte_source& in);
  void leave_errand(operation_ptr& op);
  void add(operation_ptr op);
  /// 0 when there is none.
  [[nodiscard]] std::size_t link_at(std::size_t connection) const;
  void open(bool own_session);
  void end_something(byte_source& in);
  void on_sent(const postgres::pool_steps::sent_round& r);
  void check_group(const flight& f) const;
  void check_order(std::size_t which) const;
  void check_unheard(const flight& f) const;
  void check_replies(const flight& f);
  void check_ends() const;
  void answer_next(std::size_t link, postgres::reply r);
  void end_round(std::size_t link, bool replicated);
  void settle_all();
  void check_counters();

  std::vector<std::size_t> sending_;  // whose statements were made since the last group was sent
  std::map<std::size_t, flight> flights_;
  std::deque<caller> callers_;
  std::vector<postgres::script::pool_script::call> calls_;
  std::int64_t replies_ = 0;
  bool closed_ = false;
  postgres::script::pool_script pool_;
};

}  // namespace atto::fuzz
