#include "contract/mutants/lossy_link.hpp"

#include <atto/store_requests.hpp>

#include <cstddef>
#include <utility>

namespace atto::test {

lossy_link::lossy_link(std::shared_ptr<session_store> inner, unsigned seed)
    : direct_store(std::move(inner)), random_(seed) {}

answer<std::int64_t> lossy_link::save(save_request r) {
  return send<std::int64_t>(std::move(r), [this](save_request s) { return direct_store::save(std::move(s)); });
}

answer<std::int64_t> lossy_link::append(append_request r) {
  return send<std::int64_t>(std::move(r), [this](append_request a) { return direct_store::append(std::move(a)); });
}

answer<bool> lossy_link::remove(remove_request r) {
  return send<bool>(std::move(r), [this](remove_request q) { return direct_store::remove(std::move(q)); });
}

template <class T, class Request, class Write>
answer<T> lossy_link::send(Request r, Write write) {
  deliver_a_late_one();
  const fate what = next_fate();
  if (what == fate::arrives) return write(std::move(r));
  if (what == fate::unsent) return {fail(r, errc::unavailable, "the link is down; retry later")};
  const answer<T> in_doubt{fail(r, errc::outcome_unknown, "the reply was lost; load and compare")};
  r.diag = nullptr;  // its caller is told no more
  if (what == fate::late) {
    const std::lock_guard lock(mutex_);
    late_.emplace_back([write, r = std::move(r)] { static_cast<void>(write(r)); });
  } else if (what == fate::reply_lost) {
    static_cast<void>(write(std::move(r)));
  }
  return in_doubt;
}

lossy_link::fate lossy_link::next_fate() {
  const std::lock_guard lock(mutex_);
  const auto chance = random_() % 100;
  if (chance < 70) return fate::arrives;
  if (chance < 80) return fate::reply_lost;
  if (chance < 85) return fate::lost;
  return chance < 95 ? fate::late : fate::unsent;
}

void lossy_link::deliver_a_late_one() {
  std::function<void()> write;
  {
    const std::lock_guard lock(mutex_);
    if (late_.empty() || random_() % 2 == 0) return;
    const auto chosen = late_.begin() + static_cast<std::ptrdiff_t>(random_() % late_.size());
    write = std::move(*chosen);
    late_.erase(chosen);
  }
  write();
}

}  // namespace atto::test
