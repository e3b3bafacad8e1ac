#pragma once

#include "support/chaos_proxy.hpp"
#include "support/test_postgres.hpp"

#include <string>

namespace atto::test {

/// A chaos_proxy in front of the server of a connection string. Over its Unix socket, as by default, the server cannot
/// be sent a reset: it sees an end of file instead.
class postgres_proxy : public chaos_proxy {
 public:
  explicit postgres_proxy(const std::string& dsn = test_postgres::dsn(), int buffer = 0);

  /// The same server and database, through this proxy.
  [[nodiscard]] std::string dsn() const;

 private:
  std::string direct_;
};

}  // namespace atto::test
