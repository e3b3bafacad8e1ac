#pragma once

#include <atto/postgres_pool.hpp>

namespace atto::postgres {

/// Answers the options, or throws error_with_diagnostics(invalid_argument) when one is out of its range.
const pool_options& checked(const pool_options& o);

}  // namespace atto::postgres
