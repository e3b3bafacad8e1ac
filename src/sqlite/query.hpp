#pragma once

#include <atto/failure.hpp>

#include "sqlite/connection.hpp"
#include "sqlite/statements.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace atto::sqlite {

/// One run of a prepared statement. The first error sticks: the calls after it do nothing, and error() tells it.
class query {
 public:
  query(connection& c, statement_id s) noexcept;
  /// Of a literal, which stands beside what binds it.
  query(connection& c, std::string_view sql);
  query(const query&) = delete;
  query& operator=(const query&) = delete;
  /// Ends the run, so that it holds no lock.
  ~query();

  /// Binds the next parameter. Text and blobs are not copied: they must live as long as this object.
  query& text(std::string_view value) noexcept;
  query& blob(std::string_view value) noexcept;
  query& integer(std::int64_t value) noexcept;
  query& null() noexcept;

  /// True while there is a row.
  [[nodiscard]] bool step() noexcept;
  /// For statements without rows: runs it and tells the error.
  failure run();
  failure error() const;
  /// Rows that the last run changed.
  [[nodiscard]] std::int64_t changed() const noexcept;

  /// Of the current row, from 0. Text and blobs are valid until the next step.
  [[nodiscard]] std::int64_t integer_at(int column) const noexcept;
  [[nodiscard]] std::string_view text_at(int column) const noexcept;
  [[nodiscard]] std::string_view blob_at(int column) const noexcept;

 private:
  void keep(int rc) noexcept;

  connection& connection_;
  sqlite3_stmt* statement_;
  int next_ = 1;
  int rc_ = 0;
};

}  // namespace atto::sqlite
