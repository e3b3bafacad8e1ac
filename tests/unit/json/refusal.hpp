#pragma once

#include <atto/json.hpp>

#include <string>
#include <utility>

namespace atto::test {

/// What a document was refused with; no code when it was accepted.
struct refusal {
  error_code code;
  diagnostics diag;
};

inline refusal refusal_of(std::string text) {
  refusal r;
  if (const auto parsed = json::parse(std::move(text), &r.diag); !parsed) r.code = parsed.error();
  return r;
}

/// What `call` throws; no code when it throws nothing.
template <class Call>
refusal thrown_by(Call call) {
  try {
    call();
  } catch (const error_with_diagnostics& e) {
    return {e.code(), e.get_diagnostics()};
  }
  return {};
}

/// `what`, `times` times.
inline std::string repeat(std::string_view what, std::size_t times) {
  std::string out;
  out.reserve(what.size() * times);
  for (std::size_t i = 0; i < times; ++i) out.append(what);
  return out;
}

}  // namespace atto::test
