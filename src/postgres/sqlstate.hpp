#pragma once

#include "failure.hpp"

#include "postgres/reply.hpp"

#include <string_view>

namespace atto::postgres {

/// The one table from SQLSTATE to errc (docs/errors.md). The statement was not applied in any of these cases.
[[nodiscard]] errc classify(std::string_view sqlstate) noexcept;

/// The failure that a reply with an error stands for. The reply's statement, and its whole group, was rolled back.
failure to_failure(const reply& r);

/// True when the server says that this connection leads to the wrong place or is about to end, so that it must not be
/// used again: a demoted primary, a shutdown.
[[nodiscard]] bool spoils_connection(std::string_view sqlstate) noexcept;

}  // namespace atto::postgres
