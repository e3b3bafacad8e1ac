#pragma once

#include <atto/history.hpp>
#include <atto/state.hpp>

#include "json/shared_text.hpp"

#include <boost/system/result.hpp>

#include <string>
#include <string_view>

/// The text in which states and events lie in a database, and back. Pure.
namespace atto::stored_form {

enum class dialect {
  /// JSON as it is.
  plain,
  /// For jsonb, which refuses U+0000 and unpaired surrogates: inside strings those, and U+FDD0 itself, are written as
  /// U+FDD0 and the four hexadecimal digits of the code unit. Reversible. See docs/storage-format.md.
  jsonb,
};

/// The object of the values; `temp:` ones are left out. It stands behind `prefix`, so that a wire format's own bytes
/// need no copy.
[[nodiscard]] std::string encode(const state& s, dialect d, std::string_view prefix = {});
/// The array of the events.
[[nodiscard]] std::string encode(const history& events, dialect d, std::string_view prefix = {});

/// The reverse of encode(state). The values share `text`; nothing is copied unless the dialect has to be undone.
/// Errors: storage_failure when `text` is not an object we could have written.
[[nodiscard]] boost::system::result<state> decode_state(shared_text text, dialect d);

/// The reverse of encode(history), as decode_state.
/// Errors: storage_failure when `text` is not an array we could have written.
[[nodiscard]] boost::system::result<history> decode_events(shared_text text, dialect d);

/// Reads an array of arrays of events (one array a turn) into one history. Errors: as decode_events.
[[nodiscard]] boost::system::result<history> decode_turns(shared_text text, dialect d);

}  // namespace atto::stored_form
