#include <atto/failure.hpp>
#include <atto/message_id.hpp>

#include <fmt/format.h>
#include <boost/uuid/name_generator_sha1.hpp>
#include <boost/uuid/uuid.hpp>

#include <algorithm>

namespace atto {

namespace {

constexpr boost::uuids::uuid name_space{
    {0x6f, 0x2b, 0x1c, 0x7e, 0x52, 0xd5, 0x4a, 0x0e, 0x9d, 0x0b, 0x3f, 0x5c, 0x1f, 0x6a, 0x7f, 0x11}};

}  // namespace

message_id::message_id(std::string_view text) : bytes_{} {
  if (text.empty() || text.size() > max_text_bytes) {
    failure(errc::invalid_argument, fmt::format("a message id is made of 1 to {} bytes of text", max_text_bytes))
        .raise();
  }
  const boost::uuids::uuid made = boost::uuids::name_generator_sha1(name_space)(text.data(), text.size());
  std::copy(made.begin(), made.end(), bytes_.begin());
}

}  // namespace atto
