#pragma once

#include "fuzz/byte_source.hpp"

#include "postgres/pipeline.hpp"
#include "unit/postgres/scripted_operation.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <vector>

namespace atto::fuzz {

/// What stands between callers and connections, with scripted operations and without any connection: a backlog and
/// some pipelines, driven as the pool drives them, by events that a fuzzer draws. Every event is checked; what must
/// never happen is thrown as a finding.
class pool_model {
 public:
  static constexpr std::size_t connections = 3;

  void submit(byte_source& in);
  void send(std::size_t connection);
  void reply(std::size_t connection, byte_source& in);
  void sync(std::size_t connection, byte_source& in);
  void lose(std::size_t connection);
  /// A caller gives up, wherever its operation is.
  void abandon(byte_source& in);

  /// Answers everything that is left, and expects that every operation has then ended, once, and that what waits and
  /// what is in flight is counted as nothing.
  void drain();

 private:
  using operation_ptr = std::shared_ptr<postgres::script::scripted_operation>;
  enum class place { waiting, sent, ended };

  struct caller {
    operation_ptr op;
    place at = place::waiting;
    bool told = false;       // of its end, or gave up
    std::size_t rounds = 0;  // of which its exchange has been told
  };
  struct link {
    postgres::pipeline pipe{std::chrono::milliseconds(100), false};
    std::vector<std::size_t> members{};   // places in callers_
    std::vector<std::size_t> expected{};  // whose the replies are that are still to come; `prelude` for our own
    std::map<std::size_t, std::vector<std::int64_t>> answers{};
    bool failed = false;
  };
  static constexpr std::size_t prelude = ~std::size_t{0};

  std::size_t add(operation_ptr op);
  [[nodiscard]] std::size_t place_of(const postgres::operation& op) const;
  void start(link& l, postgres::group g);
  void check_group(const postgres::group& g) const;
  void check_order(const postgres::operation& op) const;
  void check_nobody_was_told(const link& l) const;
  void check_replies(const link& l, const postgres::operation& op);
  void settle(link& l, const postgres::pipeline::step& s, bool lost);
  void end(std::size_t which, bool dropped);
  void answer_all(link& l);
  void check_counters();

  postgres::backlog backlog_{{.members = 6, .share = 2, .bytes = 1000, .slow_in_flight = 1}};
  std::array<link, connections> links_{};
  std::deque<caller> callers_{};
  std::map<const postgres::operation*, std::size_t> places_{};
  std::uint64_t arrivals_ = 0;
  std::int64_t replies_ = 0;
};

}  // namespace atto::fuzz
