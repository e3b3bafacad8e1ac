#include "support/postgres_proxy.hpp"

#include <fmt/format.h>
#include <libpq-fe.h>

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string_view>

namespace atto::test {

namespace {

std::string option(const PQconninfoOption* all, std::string_view keyword) {
  for (; all != nullptr && all->keyword != nullptr; ++all) {
    if (all->keyword == keyword && all->val != nullptr) return all->val;
  }
  return {};
}

chaos::endpoint server_of(const std::string& dsn) {
  const std::unique_ptr<PQconninfoOption, void (*)(PQconninfoOption*)> all(PQconninfoParse(dsn.c_str(), nullptr),
                                                                           &PQconninfoFree);
  const auto host = option(all.get(), "host"), port = option(all.get(), "port");
  if (host.empty() || port.empty()) throw std::runtime_error("the proxy needs a host and a port of the server");
  if (host.front() == '/') return chaos::endpoint::local(fmt::format("{}/.s.PGSQL.{}", host, port));
  return chaos::endpoint::tcp(host, static_cast<std::uint16_t>(std::stoul(port)));
}

}  // namespace

postgres_proxy::postgres_proxy(const std::string& dsn, int buffer)
    : chaos_proxy(server_of(dsn), buffer), direct_(dsn) {}

std::string postgres_proxy::dsn() const {
  // What stands last wins. Encrypted, no byte of the protocol would be where a test looks for it.
  return fmt::format("{} host=127.0.0.1 port={} sslmode=disable gssencmode=disable", direct_, port());
}

}  // namespace atto::test
