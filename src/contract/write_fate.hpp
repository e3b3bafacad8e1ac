#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// What became of a write whose answer was lost: read from what is stored now, once nothing of it can be on its way any
/// more. Pure. A write leaves its write id: a whole save, or the first write of a session, beside the base of the
/// history; an append beside its turn. (A message id is no write id: a write must not take another's turn of the same
/// message for its own.)
namespace atto::write_fate {

enum class fate { written, not_written, unknown };

/// What is stored of the session.
struct trace {
  std::int64_t version = 0;       // 0: there is no session
  std::int64_t epoch = 0;         // of its claim; 0: it was never claimed
  std::int64_t base_version = 0;  // the version whose whole save, or first write, wrote the base of the history
  std::string base_write_id;
  std::optional<std::string> turn_write_id;  // of the turn that made the version in question, if there is one
};

namespace detail {

/// Of a write that would have written the base, as version `v`. Its guard holds for no version from `fence` on.
inline fate of_base(const trace& t, std::int64_t v, std::int64_t fence, std::string_view write_id) {
  // A later whole save covers what was there before; and after a remove nothing tells of what there was.
  if (t.version == 0) return fence == 0 ? fate::not_written : fate::unknown;
  if (t.base_version > v) return fate::unknown;
  if (t.base_version == v && t.base_write_id == write_id) return fate::written;
  // The second copy came before its base was stored: the first may yet find the base there.
  return t.version < fence ? fate::unknown : fate::not_written;
}

}  // namespace detail

/// Under a claim that the session, which is there, no longer bears, nothing can be written any more: epochs only grow.
/// Then no version is needed to fence off a copy that is on its way.
inline std::int64_t fence(const trace& t, const std::optional<std::int64_t>& epoch, std::int64_t version) {
  return epoch && *epoch != t.epoch && t.version != 0 ? 0 : version;
}

/// Of a whole save of version `v`, whose guard holds for no version from `fence` on (0: no copy of it is on its way).
inline fate of_save(const trace& t, std::int64_t v, std::int64_t fence, std::string_view write_id) {
  // A turn with a message id leaves it in the tail as well, where no later save covers it.
  if (t.version != 0 && t.turn_write_id == write_id) return fate::written;
  return detail::of_base(t, v, fence, write_id);
}

/// Of an append on `base`, likewise. `turn_write_id` is that of version base + 1.
inline fate of_append(const trace& t, std::int64_t base, std::int64_t fence, std::string_view write_id) {
  if (t.version != 0 && t.turn_write_id) return *t.turn_write_id == write_id ? fate::written : fate::not_written;
  return detail::of_base(t, base + 1, fence, write_id);
}

}  // namespace atto::write_fate
