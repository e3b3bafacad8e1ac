#include "write_id.hpp"

#include <boost/uuid/random_generator.hpp>
#include <boost/uuid/uuid.hpp>

namespace atto {

std::string make_write_id() {
  const boost::uuids::uuid id = boost::uuids::random_generator()();
  return {id.begin(), id.end()};
}

}  // namespace atto
