#pragma once

#include <atto/failure.hpp>
#include <atto/postgres_pool.hpp>

#include "contract/store_journal.hpp"

#include "postgres/backlog.hpp"
#include "postgres/reply.hpp"
#include "postgres/ticket.hpp"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace atto::postgres {

/// What a pool tells of itself: the journal of a store, in terms of groups and tickets, and what it has in hand.
/// Written on the pool's strand alone, read on any thread.
class pool_journal {
 public:
  using clock = store_journal::clock;

  /// `hosts` are named in the words for the observer, who may be null.
  pool_journal(std::shared_ptr<store_observer> observer, std::string hosts)
      : all_(std::move(observer)), hosts_(std::move(hosts)) {}

  /// A ticket begins to wait.
  static void on_arrival(ticket& t) { t.waits_since = clock::now(); }
  /// A group is sent.
  void on_sent(const group& g, clock::time_point now) noexcept;
  void on_connected() noexcept { all_.on_connected(); }
  void on_attempt_failed(const failure& why) noexcept { all_.on_attempt_failed(trouble_of(why)); }
  /// A connection is gone: what became of it ("broke"), what the server said last on it, and the operations that were
  /// in flight on it and will be sent again.
  void on_lost(std::string_view how, const reply& last_error = {},
               const std::vector<operation_ptr>& again = {}) noexcept;

  /// What the pool has in hand.
  void publish(std::size_t open, std::size_t busy, std::size_t leased, std::size_t waiting) noexcept;

  [[nodiscard]] pool_stats read() const noexcept;

 private:
  using number = std::atomic<std::size_t>;

  store_journal all_;
  std::string hosts_;
  number open_ = 0, busy_ = 0, leased_ = 0, waiting_ = 0;
};

}  // namespace atto::postgres
