#pragma once

#include "options.hpp"
#include "turn_source.hpp"

#include <array>
#include <memory>
#include <string>

struct pg_conn;

namespace peers {

struct close_connection {
  void operator()(pg_conn* connection) const noexcept;
};
using connection = std::unique_ptr<pg_conn, close_connection>;

/// Connects, and prepares the statements "write" and "load" for the options' mode.
/// save: the seed's statement on the seed's table. append: what atto's append does, on tables such as atto's.
/// Errors (thrown as std::runtime_error): the server's.
[[nodiscard]] connection connect(const options& o);

/// Makes the tables and brings them to where the measured time begins; returns how many writes it made.
std::size_t prepare_tables(const options& o, turn_source& turns);

/// The parameters of "write" or "insert", as text.
class write_parameters {
 public:
  static constexpr int most = 5;
  write_parameters(const options& o, const session_write& w, bool inserting);
  [[nodiscard]] const char* const* values() const noexcept { return values_.data(); }
  [[nodiscard]] int count() const noexcept { return count_; }

 private:
  std::string version_;
  std::string events_;
  std::array<const char*, most> values_{};
  int count_ = 0;
};

/// The name of the prepared statement for `w`.
[[nodiscard]] const char* statement_for(const options& o, const session_write& w);

}  // namespace peers
