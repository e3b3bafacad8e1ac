#pragma once

#include "ack_file.hpp"
#include "latencies.hpp"
#include "progress_bar.hpp"
#include "replay_file.hpp"

#include <atto/session_store.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <cstddef>
#include <random>
#include <string>
#include <vector>

namespace atto::cli {

enum class replay_mode {
  /// Each turn writes the whole session.
  save,
  /// Each turn adds its message.
  append,
};

struct replay_plan {
  std::size_t writers = 8;
  replay_mode mode = replay_mode::append;
  /// Remove what is stored of each session first.
  bool fresh = false;
  /// Wait about so long after each turn.
  std::chrono::milliseconds pause{0};
};

/// What a replay did.
struct replay_tally {
  /// Acknowledged to this process.
  std::size_t turns = 0;
  /// Found in the store at the start and not written again.
  std::size_t resumed = 0;
  /// Turns that another process wrote first.
  std::size_t conflicts = 0;
  /// One line for each session that is not what its conversation says.
  std::vector<std::string> differences;
  /// What ended the replay early; empty when nothing did.
  std::string failure;
  /// Whether the same command would get further later.
  bool can_go_on = false;
};

/// Writes conversations to a store, a message a turn, and reads them back. Other processes may replay the same ones at
/// the same time: each turn is written once, by whoever comes first.
///
/// Runs on the thread that runs the store's context; all members but stop() run that context until they are done.
class replayer {
 public:
  /// `mine` and all else must outlive this object.
  replayer(boost::asio::io_context& context, session_store& store, const std::vector<conversation>& mine,
           const replay_plan& plan, ack_file& acks);

  /// Writes every turn that is not stored yet.
  void write_all(progress_bar& bar);
  /// Loads every session and notes the differences.
  void compare_all(progress_bar& bar);
  /// No turn begins from now on; those in flight end.
  void stop();

  [[nodiscard]] const replay_tally& tally() const noexcept { return tally_; }
  [[nodiscard]] const latencies& turn_latencies() const noexcept { return latencies_; }
  /// How long write_all took.
  [[nodiscard]] std::chrono::steady_clock::duration elapsed() const noexcept { return elapsed_; }

 private:
  boost::asio::awaitable<void> write_some(std::size_t writer, progress_bar& bar);
  boost::asio::awaitable<void> write_session(const conversation& c, std::size_t writer, progress_bar& bar);
  boost::asio::awaitable<bool> begin(const conversation& c, snapshot& at);
  boost::asio::awaitable<bool> reload(const conversation& c, snapshot& at);
  boost::asio::awaitable<bool> take_turn(const conversation& c, snapshot& at);
  boost::asio::awaitable<error_code> write(const conversation& c, const snapshot& next, diagnostics& diag);
  boost::asio::awaitable<void> pause(std::size_t writer);
  boost::asio::awaitable<void> compare_some(progress_bar& bar);
  boost::asio::awaitable<void> compare(const conversation& c);
  void differs(const conversation& c, const std::string& how);
  void fail(const conversation& c, const error_code& ec, const diagnostics& diag);

  boost::asio::io_context& context_;
  session_store& store_;
  const std::vector<conversation>& mine_;
  const replay_plan& plan_;
  ack_file& acks_;
  std::vector<boost::asio::steady_timer> pauses_;  // one a writer
  std::size_t next_ = 0;                           // of mine_, for the writer that is free first
  std::size_t compared_ = 0;
  bool stopping_ = false;
  std::vector<bool> given_up_;  // by index in mine_: a difference is noted already
  std::minstd_rand random_{std::random_device{}()};
  replay_tally tally_;
  latencies latencies_;
  std::chrono::steady_clock::duration elapsed_{};
};

}  // namespace atto::cli
