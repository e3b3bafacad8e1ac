#pragma once

#include <atto/failure.hpp>

#include <string>
#include <string_view>

namespace atto::postgres {

/// The names of a store's relations, checked once and quoted for SQL. Pure.
class table_name {
 public:
  static constexpr std::size_t max_identifier_bytes = 63;  // NAMEDATALEN - 1
  static constexpr std::string_view longest_suffix = "_tail_pkey";

  /// Takes `table` or `schema.table`; a table without a schema lies in public.
  /// Throws error_with_diagnostics(invalid_argument); the message does not quote the name.
  explicit table_name(std::string_view name);

  [[nodiscard]] const std::string& schema() const noexcept { return schema_; }
  [[nodiscard]] const std::string& table() const noexcept { return table_; }

  /// Bare names, as pg_class has them.
  [[nodiscard]] std::string tail() const { return table_ + "_tail"; }
  [[nodiscard]] std::string view() const { return table_ + "_snapshot"; }
  /// Of the tail's turns that have a message id.
  [[nodiscard]] std::string tail_index() const { return table_ + "_tail_msgs"; }
  [[nodiscard]] std::string key(std::string_view relation) const { return std::string(relation) + "_pkey"; }

  /// `"schema"."relation"`, with quotes doubled.
  [[nodiscard]] std::string qualified(std::string_view relation) const;

  /// `"name"`, with quotes doubled.
  [[nodiscard]] static std::string quoted(std::string_view name);

 private:
  std::string schema_;
  std::string table_;
};

}  // namespace atto::postgres
