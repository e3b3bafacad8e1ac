#pragma once

#include <atto/history.hpp>
#include <atto/json.hpp>
#include <atto/state.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace atto::cli {

/// One line of a replay file: a session's id, and its messages in order.
struct conversation {
  conversation(std::string id, history msgs, std::size_t line);

  /// The state a replay stores with the first `turns` messages: how many there are, and who spoke last.
  [[nodiscard]] state state_after(std::size_t turns) const;

  std::string session_id;
  history messages;
  std::vector<json> roles;  // of each message; null where it has none
  std::size_t line_number;
};

/// Reads JSON lines `{"session_id": "...", "messages": [...]}`; other members and blank lines are passed over. `-` is
/// stdin. The whole file is checked before anything is returned, so that a broken line leaves nothing half-written.
///
/// Errors (thrown as command_error): failed, with the line's number and the byte within the line, for what is not such
/// a line; for an id that no store takes; and for an id that an earlier line has.
[[nodiscard]] std::vector<conversation> read_conversations(const std::string& path);

}  // namespace atto::cli
