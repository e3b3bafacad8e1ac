#pragma once

#include <array>
#include <stdexcept>
#include <string>
#include <string_view>

/// What the fuzzers call, and what the normal test suite calls with every file of corpus/ and crashes/: each takes any
/// bytes, and returns, or throws what it has found. See docs/testing.md.
namespace atto::fuzz {

void json_reader(std::string_view input);
void reply_decoding(std::string_view input);
void pipeline_machine(std::string_view input);
void connection_string(std::string_view input);
void replay_lines(std::string_view input);
void sqlite_file(std::string_view input);

struct target {
  std::string_view name;  // of its folders in corpus/ and crashes/
  void (*run)(std::string_view input);
};

inline constexpr std::array<target, 6> targets = {{{"json_reader", json_reader},
                                                   {"reply_decoding", reply_decoding},
                                                   {"pipeline_machine", pipeline_machine},
                                                   {"connection_string", connection_string},
                                                   {"replay_lines", replay_lines},
                                                   {"sqlite_file", sqlite_file}}};

/// Something that must never happen has happened.
class finding : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

inline void require(bool holds, const char* what) {
  if (!holds) throw finding(what);
}

}  // namespace atto::fuzz
