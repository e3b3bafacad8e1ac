#pragma once

#include <atto/failure.hpp>
#include <atto/postgres_pool.hpp>

#include "contract/store_journal.hpp"

#include "postgres/pool_books.hpp"
#include "postgres/pool_steps.hpp"

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
  /// `hosts` are named in the words for the observer, who may be null.
  pool_journal(std::shared_ptr<store_observer> observer, std::string hosts)
      : all_(std::move(observer)), hosts_(std::move(hosts)) {}

  void on_sent(const pool_steps::sent_round& r) noexcept { all_.on_sent(r.operations, r.waits); }
  void on_connected() noexcept { all_.on_connected(); }
  void on_attempt_failed(const failure& why) noexcept { all_.on_attempt_failed(trouble_of(why)); }
  /// No effect when the pool itself closes the connection.
  void on_closed(const pool_steps::closed_link& l) noexcept;

  /// What the pool has in hand.
  void publish(const pool_books::counts& now) noexcept;

  [[nodiscard]] pool_stats read() const noexcept;

 private:
  using number = std::atomic<std::size_t>;

  store_journal all_;
  std::string hosts_;
  number open_ = 0, busy_ = 0, leased_ = 0, waiting_ = 0;
};

}  // namespace atto::postgres
