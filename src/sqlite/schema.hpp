#pragma once

#include <atto/failure.hpp>

#include "sqlite/connection.hpp"

namespace atto::sqlite::schema {

/// What the file holds: all of ours; or a part of it or nothing at all, or what an older release made, both of which
/// create() would complete.
enum class standing { current, missing, outdated };

/// Errors: schema_mismatch for another application's tables, or ours of a newer release.
failure look(connection& c, standing& found);

/// Makes what is missing, brings what is older up to date and stamps the file; inside a write transaction.
failure create(connection& c);

/// The failure of an operation that needs tables where there are none, or older ones; none when all is in order.
failure refusal(standing found);

}  // namespace atto::sqlite::schema
