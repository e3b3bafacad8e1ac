#pragma once

#include "replay_file.hpp"

#include <atto/history.hpp>
#include <atto/json.hpp>
#include <atto/state.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace atto::cli::bench {

/// Of a small session's snapshot or turn, and of the state in it.
inline constexpr std::size_t document_bytes = 1024;
inline constexpr std::size_t state_bytes = 40;

/// An event of `bytes` bytes of text.
[[nodiscard]] json event_of(std::size_t bytes);

/// A state such as agents keep: how many turns there were, and who spoke last. About state_bytes.
[[nodiscard]] state state_of(std::size_t turns);

/// What the conversations say, in order, cut into `count` events of about 125 bytes each. Text that ends too early
/// begins again.
[[nodiscard]] std::vector<json> short_events(const std::vector<conversation>& conversations, std::size_t count);

/// The bytes of text a history holds.
[[nodiscard]] std::size_t text_bytes(const history& events);
[[nodiscard]] std::size_t text_bytes(const state& s);

}  // namespace atto::cli::bench
