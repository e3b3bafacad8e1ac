#include "postgres/host_resolver.hpp"

#include <algorithm>
#include <utility>

namespace atto::postgres {

namespace {

bool needs_resolving(const dsn::host& h) {
  return h.address.empty() && !h.name.empty() && !h.name.starts_with('/') && !h.name.starts_with('@');
}

}  // namespace

void host_resolver::start(std::vector<dsn::host> hosts, callback done) {
  left_ = std::move(hosts);
  std::reverse(left_.begin(), left_.end());
  done_ = std::move(done);
  next();
}

void host_resolver::next() {
  while (!left_.empty() && !needs_resolving(left_.back())) {
    found_.push_back(std::move(left_.back()));
    left_.pop_back();
  }
  if (left_.empty()) return std::exchange(done_, nullptr)(std::move(found_));
  resolver_.async_resolve(left_.back().name, "",
                          [this, alive = std::weak_ptr<bool>(alive_)](boost::system::error_code, const auto& results) {
                            if (alive.expired()) return;
                            for (const auto& entry : results) {
                              dsn::host h = left_.back();
                              h.address = entry.endpoint().address().to_string();
                              found_.push_back(std::move(h));
                            }
                            left_.pop_back();
                            next();
                          });
}

}  // namespace atto::postgres
