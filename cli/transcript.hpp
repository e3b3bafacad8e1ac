#pragma once

#include <atto/snapshot.hpp>

#include <string>

namespace atto::cli {

/// Prints a session for people: a head line, the state, then each event; chat messages by role, content and tool calls,
/// other events as JSON. What a session holds is untrusted: it can neither reach the terminal nor look like our lines.
void print_transcript(const std::string& id, const snapshot& snap);

}  // namespace atto::cli
