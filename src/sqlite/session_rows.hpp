#pragma once

#include <atto/snapshot.hpp>
#include <atto/store_requests.hpp>

#include "base/result.hpp"
#include "contract/write_fate.hpp"
#include "sqlite/connection.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

/// The operations of the contract as reads and writes of rows, each inside a transaction that its caller begins, and
/// that is exclusive for a write. A failed write is to be rolled back.
namespace atto::sqlite::session_rows {

result<std::optional<snapshot>> load(connection& c, const load_request& r);
result<std::int64_t> save(connection& c, const save_request& r, std::string_view write_id);
/// `max_bytes` is what a session may count.
result<std::int64_t> append(connection& c, const append_request& r, std::string_view write_id, std::size_t max_bytes);
result<bool> remove(connection& c, const remove_request& r);
/// What is left of the write that may have made `version`.
result<write_fate::trace> find_trace(connection& c, std::string_view id, std::int64_t version);
result<session_page> list(connection& c, const list_request& r);
result<claimed_session> claim(connection& c, const claim_request& r);
failure renew(connection& c, const renew_request& r);
result<bool> release(connection& c, const release_request& r);
result<std::optional<turn_record>> find_turn(connection& c, const find_turn_request& r);
/// How many claims of absent sessions it deleted.
result<std::int64_t> sweep(connection& c);

}  // namespace atto::sqlite::session_rows
