#pragma once

#include "postgres/dsn.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace atto::postgres {

/// The hosts of one attempt to connect: which is tried next, which names are waited for, and among how many the time
/// is to be shared. Decides only. What is available is tried in the order of the connection string.
class host_queue {
 public:
  host_queue() = default;
  explicit host_queue(const std::vector<dsn::host>& hosts);

  /// What is to be resolved: the host's number, and its name.
  [[nodiscard]] std::vector<std::pair<std::size_t, std::string>> names() const;
  /// The addresses of such a name; none when it is not known. One that comes late is taken as well.
  void on_resolved(std::size_t number, const std::vector<std::string>& addresses);
  /// The first name that is waited for has had its share of the time: it is not waited for any more.
  void on_late();

  /// True when there is a host to be tried.
  [[nodiscard]] bool has_ready() const noexcept;
  /// True when a name is waited for that stands before that host.
  [[nodiscard]] bool awaits_earlier() const noexcept;
  /// Takes it out. Precondition: has_ready().
  [[nodiscard]] dsn::host take();
  /// Addresses to be tried, and names that are waited for.
  [[nodiscard]] std::size_t left() const noexcept;

  /// What went wrong with the first name that could not be resolved, and what to do; empty when there is none.
  [[nodiscard]] std::string complaint() const;

 private:
  enum class stage { pending, late, unknown, known };
  struct entry {
    dsn::host host;
    stage at = stage::known;
    std::vector<std::string> addresses;  // to be tried, in reverse order; "" for a socket
  };
  /// npos when there is none.
  [[nodiscard]] std::size_t first_ready() const noexcept;
  [[nodiscard]] std::size_t first_pending() const noexcept;

  std::vector<entry> entries_;
};

}  // namespace atto::postgres
