#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace atto {

/// Text, and what keeps it alive: a string, or a driver's reply, of which documents become parts without a copy.
struct shared_text {
  shared_text() = default;
  shared_text(std::shared_ptr<const void> o, std::string_view t) noexcept : owner(std::move(o)), text(t) {}
  shared_text(std::string t) {  // NOLINT(google-explicit-constructor): a string owns itself
    auto kept = std::make_shared<const std::string>(std::move(t));
    text = *kept;
    owner = std::move(kept);
  }

  std::shared_ptr<const void> owner;
  std::string_view text;
};

}  // namespace atto
