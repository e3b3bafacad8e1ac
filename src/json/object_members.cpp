#include "json/object_members.hpp"

#include "json/json_access.hpp"
#include "json/scanner.hpp"
#include "json/string_token.hpp"

namespace atto::json_text {

std::vector<std::pair<std::string, json>> members_of(const std::shared_ptr<const void>& owner,
                                                     std::string_view object) {
  std::vector<part> parts;
  // Only the sizes are wanted: the object was checked, perhaps with other limits.
  (void)scan_parts(object, {scan_limits::deepest, scan_limits::unlimited}, 1, parts);
  std::vector<std::pair<std::string, json>> members;
  members.reserve(parts.size());
  for (const part& p : parts) {
    members.emplace_back(decode(p.name), detail::json_access::slice(owner, p.text, p.size));
  }
  return members;
}

}  // namespace atto::json_text
