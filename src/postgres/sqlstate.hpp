#pragma once

#include <atto/failure.hpp>

#include "postgres/reply.hpp"

#include <string_view>

namespace atto::postgres {

/// Reads the one table from SQLSTATE to errc and retry_class (docs/errors.md). The statement was not applied in any of
/// these cases, but for outcome_unknown.
[[nodiscard]] errc classify(std::string_view sqlstate) noexcept;

/// The failure that a reply with an error stands for. The reply's statement, and its whole group, was rolled back.
failure to_failure(const reply& r);

/// What to do with an operation that failed alone, before its caller is told.
enum class retry_class {
  none,
  locked,     // another client holds its row: wait for it
  yielded,    // it gave way to another transaction, or met what another has just made: send it again
  elsewhere,  // this connection leads to a demoted server, or its prepared statements are not what we took them for
};
[[nodiscard]] retry_class retry_of(std::string_view sqlstate) noexcept;

/// True when the server says that this connection leads to the wrong place or is about to end, so that it must not be
/// used again: a demoted primary, a shutdown, prepared statements that are gone.
[[nodiscard]] bool spoils_connection(std::string_view sqlstate) noexcept;

/// True when a server that refuses a login for this reason refuses it again, and so do the others of its cluster: the
/// configuration must be changed (errc::misconfigured).
[[nodiscard]] bool refuses_login(std::string_view sqlstate) noexcept;

}  // namespace atto::postgres
