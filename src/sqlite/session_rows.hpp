#pragma once

#include <atto/session_info.hpp>
#include <atto/snapshot.hpp>
#include <atto/store_request.hpp>

#include "sqlite/connection.hpp"
#include "sqlite/reply.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>

/// The operations of the contract as reads and writes of rows, each inside a transaction that its caller begins, and
/// that is exclusive for a write. A failed write is to be rolled back.
namespace atto::sqlite::session_rows {

reply<std::optional<snapshot>> load(connection& c, const load_request& r);
reply<std::int64_t> save(connection& c, const save_request& r);
/// `max_bytes` is what a session may count.
reply<std::int64_t> append(connection& c, const append_request& r, std::size_t max_bytes);
reply<bool> remove(connection& c, const remove_request& r);
reply<session_page> list(connection& c, const list_request& r);

}  // namespace atto::sqlite::session_rows
