#include "postgres/name_resolver.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <memory>
#include <utility>

namespace atto::postgres {

name_resolver system_resolver(const boost::asio::any_io_executor& strand) {
  using boost::asio::ip::tcp;
  return [resolver = std::make_shared<tcp::resolver>(strand)](const std::string& name,
                                                              std::function<void(std::vector<std::string>)> done) {
    resolver->async_resolve(
        name, "", [done = std::move(done)](boost::system::error_code ec, const tcp::resolver::results_type& results) {
          if (ec == boost::asio::error::operation_aborted) return;
          std::vector<std::string> addresses;
          for (const auto& entry : results) addresses.push_back(entry.endpoint().address().to_string());
          done(std::move(addresses));
        });
  };
}

}  // namespace atto::postgres
