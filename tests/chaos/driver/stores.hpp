#pragma once

#include <atto/session_store.hpp>

#include "support/io_thread.hpp"
#include "support/postgres_proxy.hpp"

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace atto::test {

struct store_options {
  /// One store each; see open_store. `memory:` is one store for all.
  std::vector<std::string> where;
  /// Puts a proxy before the first.
  bool proxy = false;
  std::chrono::milliseconds deadline{5'000};
};

/// The stores of this process, and the thread they run on.
class stores {
 public:
  explicit stores(const store_options& o);

  [[nodiscard]] const std::vector<session_store*>& handles() const noexcept { return handles_; }
  /// Null without one.
  [[nodiscard]] chaos_proxy* proxy() noexcept { return proxy_.get(); }
  [[nodiscard]] std::chrono::milliseconds deadline() const noexcept { return deadline_; }

 private:
  std::chrono::milliseconds deadline_;
  std::unique_ptr<postgres_proxy> proxy_;
  io_thread io_;
  std::vector<std::unique_ptr<session_store>> opened_;
  std::vector<session_store*> handles_;
};

}  // namespace atto::test
