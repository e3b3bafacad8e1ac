#pragma once

#include "failure.hpp"

#include "postgres/reply.hpp"

#include <string_view>

namespace atto::postgres {

/// The one table from SQLSTATE to errc (docs/errors.md). The statement was not applied in any of these cases.
[[nodiscard]] errc classify(std::string_view sqlstate) noexcept;

/// The failure that a reply with an error stands for. The reply's statement, and its whole group, was rolled back.
failure to_failure(const reply& r);

/// What to do with an operation that failed alone, before its caller is told.
enum class retry_class {
  none,
  locked,           // another client holds its row: wait for it
  yielded,          // the server chose it to give way to another transaction: send it again
  stale_statement,  // the connection's prepared statements are not what we took them for: use another connection
};
[[nodiscard]] retry_class retry_of(std::string_view sqlstate) noexcept;

/// True when the server says that this connection leads to the wrong place or is about to end, so that it must not be
/// used again: a demoted primary, a shutdown, prepared statements that are gone.
[[nodiscard]] bool spoils_connection(std::string_view sqlstate) noexcept;

}  // namespace atto::postgres
