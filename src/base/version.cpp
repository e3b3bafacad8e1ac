#include <atto/version.hpp>

namespace atto {

int version() noexcept {
  return ATTO_VERSION;
}

}  // namespace atto
