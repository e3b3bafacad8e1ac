#include "driver/stores.hpp"

#include <atto/open_store.hpp>

namespace atto::test {

stores::stores(const store_options& o) : deadline_(o.deadline) {
  for (auto where : o.where) {
    if (o.proxy && opened_.empty()) {
      proxy_ = std::make_unique<postgres_proxy>(where);
      where = proxy_->dsn();
    }
    if (where != "memory:" || opened_.empty()) {
      opened_.push_back(open_store(io_.executor(), where, {.timeout = o.deadline}));
    }
    handles_.push_back(opened_.back().get());
  }
}

}  // namespace atto::test
