#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace atto::postgres {

/// What the server answered to one statement. Nothing of libpq is seen in it. Pure.
struct reply {
  using cell = std::optional<std::string_view>;  // binary format; none is NULL
  using row = std::vector<cell>;

  /// Five characters, or empty when the statement succeeded.
  std::string sqlstate;
  /// The server's primary message. Untrusted.
  std::string message;
  /// Rows inserted, updated or deleted, or returned.
  std::int64_t affected = 0;
  std::vector<row> rows;
  /// What the cells point into.
  std::shared_ptr<const void> owner;

  [[nodiscard]] bool ok() const noexcept { return sqlstate.empty(); }
};

/// The cell of a column; NULL when the row has no such column.
[[nodiscard]] inline reply::cell cell_at(const reply::row& r, std::size_t column) {
  return column < r.size() ? r[column] : reply::cell();
}

/// Reads a binary int8. Errors: none when the cell is NULL or not eight bytes.
[[nodiscard]] std::optional<std::int64_t> read_int8(const reply::cell& c) noexcept;

/// The eight bytes of a binary int8.
[[nodiscard]] std::string write_int8(std::int64_t value);

}  // namespace atto::postgres
