#pragma once

#include "postgres/dsn.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <functional>
#include <memory>
#include <vector>

namespace atto::postgres {

/// Turns the names of a connection string into addresses off the loop: libpq would block in getaddrinfo.
/// Runs on the executor it is given; destroying it drops the callback.
class host_resolver {
 public:
  /// Called with the hosts that have an address or need none, in order, a host with two addresses twice. A name that
  /// could not be resolved is left out.
  using callback = std::function<void(std::vector<dsn::host>)>;

  explicit host_resolver(const boost::asio::any_io_executor& strand) : resolver_(strand) {}

  /// `done` may run before this returns, when there is nothing to resolve.
  void start(std::vector<dsn::host> hosts, callback done);

 private:
  void next();

  boost::asio::ip::tcp::resolver resolver_;
  std::vector<dsn::host> left_;  // in reverse order
  std::vector<dsn::host> found_;
  callback done_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // a result may be queued when this object ends
};

}  // namespace atto::postgres
