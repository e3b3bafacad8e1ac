#pragma once

#include <string>
#include <string_view>
#include <vector>

struct pg_conn;

namespace atto::test {

/// The throw-away server that script/test starts. ATTO_TEST_POSTGRES holds its libpq connection string.
/// Without it tests that need a server are skipped with a message; when CI is set, or ATTO_REQUIRE_POSTGRES is 1, they
/// fail.
struct test_postgres {
  [[nodiscard]] static bool available();
  /// True when an absent server is a failure.
  [[nodiscard]] static bool required();
  /// What to say when it is not available.
  [[nodiscard]] static std::string missing_message();
  /// The connection string. Throws when it is not available.
  [[nodiscard]] static std::string dsn();
  /// The same server through a PgBouncer in transaction mode; empty when there is none.
  [[nodiscard]] static std::string pgbouncer_dsn();
};

/// A connection of the test's own, blocking. For what a store must not be asked: making foreign tables, looking into
/// rows, killing backends.
class test_connection {
 public:
  /// Throws std::runtime_error with the server's words when it cannot connect.
  explicit test_connection(const std::string& dsn = test_postgres::dsn());
  test_connection(const test_connection&) = delete;
  test_connection& operator=(const test_connection&) = delete;
  ~test_connection();

  /// Runs one or several commands; throws std::runtime_error with SQLSTATE and text on an error.
  void run(const std::string& sql);
  /// The rows of one query, as text; SQL NULL is "".
  std::vector<std::vector<std::string>> rows(const std::string& sql, const std::vector<std::string>& parameters = {});
  /// The only value of a query of one row and one column.
  std::string value(const std::string& sql, const std::vector<std::string>& parameters = {});

  [[nodiscard]] pg_conn* native_handle() const noexcept { return connection_; }

 private:
  pg_conn* connection_;
};

/// A table name of this test's own. The tables and the view derived from it are dropped before and at the end.
class test_table {
 public:
  explicit test_table(std::string_view prefix = "t");
  test_table(const test_table&) = delete;
  test_table& operator=(const test_table&) = delete;
  ~test_table();

  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  void drop();

 private:
  std::string name_;
};

}  // namespace atto::test

/// Skips (or fails, see test_postgres) the running test when there is no server. In a test's body or SetUp.
#define ATTO_REQUIRE_POSTGRES_SERVER()                                                                     \
  if (!::atto::test::test_postgres::available()) {                                                         \
    if (::atto::test::test_postgres::required()) FAIL() << ::atto::test::test_postgres::missing_message(); \
    GTEST_SKIP() << ::atto::test::test_postgres::missing_message();                                        \
  }                                                                                                        \
  static_assert(true)
