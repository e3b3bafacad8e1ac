#pragma once

#include <atto/snapshot.hpp>

#include <string>

namespace atto::cli {

/// The snapshot as one JSON object: `version`, `state`, `history`, and `events_before` when it is partial. The texts
/// are the stored ones, so no number changes.
[[nodiscard]] std::string to_text(const snapshot& snap);

/// The reverse of to_text. `where` names the source in errors.
/// Errors (thrown as command_error): failed, with the byte offset or the member that is wrong.
[[nodiscard]] snapshot parse_snapshot(std::string text, const std::string& where);

}  // namespace atto::cli
