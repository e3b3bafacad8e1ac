#pragma once

#include <atto/json.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace atto::json_text {

/// The members of a valid object, in the order of the text, duplicates included. The values share `owner`.
[[nodiscard]] std::vector<std::pair<std::string, json>> members_of(const std::shared_ptr<const void>& owner,
                                                                   std::string_view object);

}  // namespace atto::json_text
