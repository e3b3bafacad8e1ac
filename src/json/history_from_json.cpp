#include <atto/history.hpp>

#include "base/failure.hpp"
#include "json/json_access.hpp"
#include "json/scanner.hpp"

#include <memory>
#include <vector>

namespace atto {

history::history(const json& array) {
  if (!array.is_array()) {
    failure wrong(errc::invalid_document, "a history is made of a JSON array");
    wrong.diag.offset(0).pointer("");
    wrong.raise();
  }
  std::vector<json_text::part> parts;
  // Checked when the document was made; the array may be the part of one, so no limit can be passed now.
  json_text::scan_limits limits;
  limits.depth = json_text::scan_limits::deepest;
  limits.size = json_text::scan_limits::unlimited;
  static_cast<void>(json_text::scan_parts(array.text(), limits, 1, parts));
  const auto owner = std::make_shared<const json>(array);
  reserve(parts.size());
  for (const json_text::part& element : parts) {
    push_back(detail::json_access::slice(owner, element.text, element.size));
  }
}

}  // namespace atto
