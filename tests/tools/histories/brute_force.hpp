#pragma once

#include "support/recorded_history.hpp"

#include <vector>

namespace atto::test {

/// What is stored, for tests of the checker: they share no model with it.
struct plain_session {
  std::int64_t version = 0;
  write_name name = 0;
  std::vector<write_name> events{};
};

/// Whether the operation's guard holds.
[[nodiscard]] bool plain_guard(const recorded_operation& o, const plain_session& s);

/// Does a write or remove whose guard holds.
void plain_do(const recorded_operation& o, plain_session& s);

/// Tries every order of all operations, with every choice of the unknown ones, each order from its beginning.
/// For a handful of operations.
[[nodiscard]] bool some_order_explains(const recorded_history& h);

}  // namespace atto::test
