#pragma once

#include <boost/system/result.hpp>

#include <string>
#include <string_view>

/// The reversible escape of what jsonb refuses: see stored_form::dialect. Pure.
namespace atto::jsonb_escape {

/// Appends `document`, valid JSON, so that jsonb takes its strings and names.
void append(std::string& out, std::string_view document);

/// Whether undo would change anything.
[[nodiscard]] bool needs_undo(std::string_view text) noexcept;

/// Undoes append in the text of any JSON that holds what was appended; the text need not be checked yet.
/// Errors: storage_failure when U+FDD0 is followed by what append never writes.
[[nodiscard]] boost::system::result<std::string> undo(std::string_view text);

}  // namespace atto::jsonb_escape
