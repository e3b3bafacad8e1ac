#pragma once

#include <atto/json.hpp>

#include <cstddef>
#include <memory>
#include <string_view>
#include <utility>

namespace atto::detail {

/// Makes a json of text that is known to be valid: a part of a document that was checked already, or of a store's
/// reply.
struct json_access {
  /// `text` is one JSON value without surrounding white space, lives as long as `owner`, and counts `size` bytes.
  [[nodiscard]] static json slice(std::shared_ptr<const void> owner, std::string_view text, std::size_t size) noexcept {
    return {std::move(owner), text, size};
  }

  /// What keeps the document's text alive; null for literals.
  [[nodiscard]] static const std::shared_ptr<const void>& owner(const json& document) noexcept {
    return document.owner_;
  }
};

}  // namespace atto::detail
