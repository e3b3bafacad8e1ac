#pragma once

#include <atto/failure.hpp>

#include "postgres/pg_handle.hpp"
#include "postgres/reply.hpp"
#include "postgres/statement.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <cstddef>
#include <deque>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

struct pg_result;

namespace atto::postgres {

/// What a connection tells its owner; called on the strand.
class connection_events {
 public:
  virtual void on_reply(std::size_t connection, reply r) = 0;
  /// `replicated`: false when the server has said that it committed without its synchronous standby.
  virtual void on_sync(std::size_t connection, bool replicated) = 0;
  /// The connection is gone: nothing more comes from it.
  virtual void on_lost(std::size_t connection, failure why) = 0;

 protected:
  ~connection_events() = default;
};

/// libpq and its socket, after connecting: sends rounds of statements, reads replies. No decisions.
///
/// Runs on the strand it is given. It watches its socket only while a round is in flight, so that an idle connection
/// does not keep an io_context from ending; call usable() before using a connection that was idle.
class connection : public std::enable_shared_from_this<connection> {
 public:
  /// `number` is what the owner knows this connection by. `owner` is not told anything after its end.
  connection(const boost::asio::any_io_executor& strand, open_connection o, std::size_t number,
             std::weak_ptr<connection_events> owner);
  ~connection();
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;

  /// Whether an idle connection still lives: reads what the server sent meanwhile (a notice, its farewell). Does not
  /// block.
  [[nodiscard]] bool usable();

  [[nodiscard]] bool own_session() const noexcept { return own_session_; }

  /// Sends the statements and a sync. Replies come in order, one a statement (fewer after an error), then the sync.
  /// A failure to send is told by on_lost, before this returns or later.
  void send(const std::vector<statement>& round);

  /// True when any byte of the server's came since the round in flight was sent, or since listen_anew().
  [[nodiscard]] bool heard() const noexcept { return heard_; }
  void listen_anew() noexcept { heard_ = false; }

  /// Closes the connection; the owner is told nothing any more.
  void close();

  /// Gives libpq's connection away: idle, not in pipeline mode, non-blocking. Null when libpq fails.
  [[nodiscard]] pg_handle release();

 private:
  static void on_notice(void* self, const pg_result* notice);

  struct known_hash {
    std::size_t operator()(const sql_text& s) const noexcept { return s.hash; }
  };
  struct same_text {
    bool operator()(const sql_text& a, const sql_text& b) const noexcept { return a.text == b.text; }
  };

  [[nodiscard]] bool send_one(const statement& s);
  /// The name under which the statement is prepared; prepares it first when it is not. Null when that fails.
  [[nodiscard]] const std::string* prepare(const statement& s);
  /// The statement whose result this is was a preparation; `failed`: the server did not make it.
  [[nodiscard]] bool take_preparation(bool failed);

  void watch();
  void on_readable();
  void read_replies();
  void take_result(pg_result* result);
  void flush();
  void lose();

  boost::asio::posix::stream_descriptor socket_;
  pg_handle handle_;
  std::size_t number_;
  std::weak_ptr<connection_events> owner_;
  bool own_session_;
  bool prepares_;
  std::unordered_map<sql_text, std::string, known_hash, same_text> prepared_;  // to name
  std::deque<const sql_text*> results_expected_;  // the text when it is a preparation, else null
  std::size_t syncs_expected_ = 0;
  int nulls_ = 0;  // PQgetResult's in a row: more than libpq has reason for means that we are out of step
  bool heard_ = false;
  bool dismissed_ = false;  // the server has said that it ends the session
  bool unproven_ = false;   // the server has said that the commit may not have reached its synchronous standby
  bool watching_ = false;
  bool waiting_to_write_ = false;
};

}  // namespace atto::postgres
