#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/strand.hpp>

namespace atto::postgres {

/// For asserts at the doors of what runs on the pool's strand: false when `e` is a strand and another one, or none,
/// runs on this thread. Anything else than a strand is not checked.
[[nodiscard]] inline bool runs_on(const boost::asio::any_io_executor& e) noexcept {
  const auto* const strand = e.target<boost::asio::strand<boost::asio::any_io_executor>>();
  return strand == nullptr || strand->running_in_this_thread();
}

}  // namespace atto::postgres
