#pragma once

#include <atto/completion.hpp>
#include <atto/session_runtime.hpp>
#include <atto/store_requests.hpp>

#include "runtime/claim_releases.hpp"
#include "runtime/claim_renewals.hpp"
#include "runtime/handler_runner.hpp"
#include "runtime/live_sessions.hpp"
#include "runtime/runtime_journal.hpp"
#include "runtime/turn_storage.hpp"
#include "runtime/turn_ticket.hpp"
#include "runtime/turns_under_way.hpp"

#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <cstdint>
#include <exception>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace atto::detail {

/// The runtime: takes turns, runs them one after another for each session, and stores them. One mutex guards all of its
/// books; handlers, the store and completion handlers are never called while it is held.
class runtime_core final : public std::enable_shared_from_this<runtime_core>,
                           public turn_storage::listener,
                           public handler_listener {
 public:
  runtime_core(boost::asio::any_io_executor executor, std::shared_ptr<session_store> store,
               std::unique_ptr<handler_runner> runner, runtime_options o);

  [[nodiscard]] const boost::asio::any_io_executor& executor() const noexcept { return executor_; }
  [[nodiscard]] std::chrono::milliseconds turn_timeout() const noexcept { return options_.turn_timeout; }
  [[nodiscard]] std::size_t live_count() const;
  [[nodiscard]] runtime_stats stats() const;

  /// Takes a turn for the session, or refuses it. `slot` is the caller's.
  void submit(const std::string& id, const ticket_ptr& t, boost::asio::cancellation_slot slot);
  void read(std::string id, request r, completion<std::optional<snapshot>> done);
  void stop(std::chrono::steady_clock::time_point deadline, completion<std::vector<unfinished_turn>> done);
  /// The runtime's object is being destroyed.
  void abandon();

 private:
  /// What is to be done when the mutex has been given up.
  struct todo {
    /// The turn has its session, and goes on from the stage it has now, also when it is cut before that is done: it is
    /// found out there, and the session is not left to nobody.
    void go_on(const ticket_ptr& t) {
      next = t;
      next_stage = t->at;
    }
    [[nodiscard]] bool has_only_stored() const noexcept {
      return failed.empty() && to_stop.empty() && next == nullptr && to_release.empty() && to_renew.empty() &&
             stopped.empty();
    }

    runtime_journal::notes notes;
    std::vector<std::pair<ticket_ptr, failure>> failed;
    std::vector<ticket_ptr> to_stop;  // their handlers
    ticket_ptr next;
    turn_ticket::stage next_stage = turn_ticket::stage::waiting;
    live_sessions::departed to_release;                         // they have claims
    std::vector<std::pair<ticket_ptr, std::int64_t>> to_renew;  // with the claim's epoch
    std::vector<completion<std::vector<unfinished_turn>>> stopped;
    std::vector<unfinished_turn> cut;
    ticket_ptr stored;  // which was found out on the executor
  };

  [[nodiscard]] failure enqueue(const std::string& id, const ticket_ptr& t, todo& then);
  [[nodiscard]] failure backlog_full(const std::string& id, std::string reason, todo& then);
  void cancel(const ticket_ptr& t);
  void give_up(const ticket_ptr& t, failure why, todo& then);
  /// Takes a turn off the books. No failure: it is stored.
  void end(const ticket_ptr& t, failure why, todo& then);
  void take_next(const actor_ptr& a, todo& then);
  /// The session has no other turn on its way.
  void take(const ticket_ptr& t, todo& then);
  void carry_out(todo& then);

  void begin(const ticket_ptr& t, turn_ticket::stage at);
  void hydrate(const ticket_ptr& t);
  void on_hydrated(const ticket_ptr& t, error_code ec, std::optional<snapshot> s, session_claim c) override;
  void end_unhydrated(const ticket_ptr& t, error_code ec, todo& then);
  [[nodiscard]] turn_ticket::stage stage_when_live(const turn_ticket& t, bool just_loaded) const;
  void ask(const ticket_ptr& t);
  void on_asked(const ticket_ptr& t, error_code ec, std::optional<turn_record> found) override;
  void run(const ticket_ptr& t);
  void on_handled(const ticket_ptr& t, std::exception_ptr e) override;
  void store(const ticket_ptr& t);
  void on_stored(const ticket_ptr& t, error_code ec, std::int64_t version, session_claim::time_point sent) override;
  void keep(session_actor& a, turn_core& turn, std::int64_t version);
  void on_lost_race(const ticket_ptr& t, todo& then);

  [[nodiscard]] bool is_ours(const session_actor& a) const;
  void let_go(const live_sessions::departed& gone, bool evicted, todo& then);
  void let_go_of_claim(const actor_ptr& a, const session_claim& c, todo& then);
  void release(const live_sessions::departed_session& gone);
  void release_next(todo& then);
  void on_released() override;
  void renew(const ticket_ptr& t, std::int64_t epoch);
  void on_renewed(const ticket_ptr& t, std::int64_t epoch, session_claim::time_point sent, error_code ec) override;
  void lose_claim(const actor_ptr& a, todo& then);

  void conclude(todo& then);
  void arm();
  void on_timer();
  void advance_stop(todo& then);
  void cut_turns(todo& then);

  const boost::asio::any_io_executor executor_;
  const posting_executor<> posting_;  // the same
  const std::unique_ptr<handler_runner> runner_;
  const runtime_options options_;
  turn_storage storage_;

  mutable std::mutex mutex_;
  live_sessions sessions_;
  runtime_journal journal_;
  turns_under_way turns_;
  claim_renewals renewals_;
  claim_releases releases_;
  boost::asio::steady_timer timer_;  // for the earliest of the deadlines, the idle sessions and the end of stop
  std::chrono::steady_clock::time_point armed_for_ = std::chrono::steady_clock::time_point::max();
  bool armed_for_idle_ = false;
  bool stopping_ = false;
  std::chrono::steady_clock::time_point stop_at_ = std::chrono::steady_clock::time_point::max();
  std::chrono::steady_clock::time_point release_until_{};   // of a stop
  std::chrono::steady_clock::time_point handlers_until_{};  // may end late, once it has cut their turns
  bool cut_ = false;                                        // its time was over
  bool waits_for_handlers_ = false;                         // the stop does, until then
  std::vector<unfinished_turn> cut_turns_;
  std::vector<completion<std::vector<unfinished_turn>>> stops_;
};

}  // namespace atto::detail
