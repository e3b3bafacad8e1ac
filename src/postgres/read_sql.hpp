#pragma once

#include <atto/store_requests.hpp>

#include "postgres/statement.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace atto::postgres {

/// The SQL of a load, for those who bind `$id` and `$last`.
namespace load_sql {

/// version, events, state, history, and the turns after it (null when there are none).
/// `condition` is what must also hold for the session's row `t`: empty, or ` AND …`.
[[nodiscard]] std::string whole(std::string_view condition);
/// As whole, but only what the newest `$last` events need. Here the session's row is `s`.
[[nodiscard]] std::string newest(std::string_view condition);
/// A number of events as int8 can hold it.
[[nodiscard]] parameter last(std::size_t events);

}  // namespace load_sql

/// A page of sessions, as its SQL binds it.
struct list_range {
  const list_request& request;
  std::string_view end;  // greater than every id that begins with the prefix
};

/// The SQL of what reads one store. Immutable; any thread. Pure. A statement points into this.
class read_sql {
 public:
  explicit read_sql(const sql_names& names);

  [[nodiscard]] std::vector<statement> load(const load_request& r) const;
  /// version and events of the turns with a message id, in any order.
  [[nodiscard]] std::vector<statement> find_turn(const find_turn_request& r) const;
  [[nodiscard]] std::vector<statement> list(const list_request& r) const;

 private:
  statement_template<load_request> load_whole_;
  statement_template<load_request> load_newest_;
  statement_template<find_turn_request> find_turn_;
  statement_template<list_range> list_all_;
  statement_template<list_range> list_from_prefix_;
  statement_template<list_range> list_prefix_;
};

}  // namespace atto::postgres
