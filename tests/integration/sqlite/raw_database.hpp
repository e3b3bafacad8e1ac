#pragma once

#include <cstdint>
#include <string>

struct sqlite3;

namespace atto::test {

/// A connection of another program: plain SQLite with no rules of ours. Failures throw.
class raw_database {
 public:
  /// Makes the file when it is missing.
  explicit raw_database(const std::string& path);
  raw_database(const raw_database&) = delete;
  raw_database& operator=(const raw_database&) = delete;
  ~raw_database();

  void run(const std::string& sql) const;
  /// The first column of the first row as text; empty when there is no row.
  [[nodiscard]] std::string value(const std::string& sql) const;
  /// How many commits have changed the file, whosever: the number at byte 24 of it.
  [[nodiscard]] std::uint32_t commits() const;

 private:
  sqlite3* db_ = nullptr;
};

/// The bytes of a file; empty when it cannot be read.
[[nodiscard]] std::string bytes_of(const std::string& path);

}  // namespace atto::test
