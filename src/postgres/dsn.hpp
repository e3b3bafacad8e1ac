#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace atto::postgres {

/// A connection string, taken apart and checked without touching the network. Holds the password: never print it.
class dsn {
 public:
  struct host {
    std::string name;     // as given: a name, an address, a socket directory, or empty for libpq's default
    std::string address;  // numeric address; empty when it has to be resolved or is a socket directory
    std::string port;     // empty for the default
  };

  /// Takes a URI or key=value pairs.
  /// Throws error_with_diagnostics(invalid_argument) with a fixed reason that quotes nothing of the string.
  explicit dsn(std::string_view text);

  [[nodiscard]] const std::vector<host>& hosts() const noexcept { return hosts_; }
  /// All parameters but host, hostaddr and port, with target_session_attrs=read-write and client_encoding=UTF8 added
  /// where they are due, and keepalives and tcp_user_timeout where there are none; connect_timeout is dropped.
  [[nodiscard]] const std::vector<std::pair<std::string, std::string>>& parameters() const noexcept {
    return parameters_;
  }

  /// True when the way to every host is this machine's own, or TLS that verifies whom it talks to.
  [[nodiscard]] bool is_verified() const;

  /// "db1:5432, db2:5433": safe to show.
  [[nodiscard]] std::string describe_hosts() const;

  /// `text` on one line, with the password blotted out wherever it stands.
  [[nodiscard]] std::string redact(std::string text) const;

 private:
  void read_hosts(const std::string& names, const std::string& addresses, const std::string& ports);

  std::vector<host> hosts_;
  std::vector<std::pair<std::string, std::string>> parameters_;
  std::string password_;
};

}  // namespace atto::postgres
