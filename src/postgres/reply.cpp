#include "postgres/reply.hpp"

#include <boost/endian/conversion.hpp>

namespace atto::postgres {

std::optional<std::int64_t> read_int8(const reply::cell& c) noexcept {
  if (!c || c->size() != sizeof(std::int64_t)) return std::nullopt;
  return boost::endian::load_big_s64(reinterpret_cast<const unsigned char*>(c->data()));
}

std::string write_int8(std::int64_t value) {
  std::string bytes(sizeof value, '\0');
  boost::endian::store_big_s64(reinterpret_cast<unsigned char*>(bytes.data()), value);
  return bytes;
}

}  // namespace atto::postgres
