#pragma once

#include "failure.hpp"
#include "sqlite/connection.hpp"

namespace atto::sqlite::schema {

/// What the file holds: all of ours, or a part of it or nothing at all, which create() would complete.
enum class standing { current, missing };

/// Errors: schema_mismatch for another application's tables, or ours of a newer release.
failure look(connection& c, standing& found);

/// Makes what is missing and stamps the file; inside a write transaction.
failure create(connection& c);

/// The failure of an operation that needs tables where there are none.
failure missing();

}  // namespace atto::sqlite::schema
