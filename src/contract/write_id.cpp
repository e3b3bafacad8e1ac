#include "contract/write_id.hpp"

#include <pthread.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <system_error>

namespace atto {

namespace {

constexpr std::size_t id_size = 16;

std::atomic<unsigned> forks{0};

/// Random bytes for the next ids of a thread: asking the system for each of them took 4 % of a small append.
struct supply {
  std::array<char, 16 * id_size> bytes{};  // 256, the most that getentropy gives
  std::size_t used = sizeof bytes;
  unsigned made_after = 0;  // forks: a child must not give its parent's ids again

  void renew(unsigned now) {
    if (::getentropy(bytes.data(), bytes.size()) != 0) throw std::system_error(errno, std::generic_category());
    used = 0;
    made_after = now;
  }
};

}  // namespace

std::string make_write_id() {
  static const int watching_forks = ::pthread_atfork(nullptr, nullptr, [] { ++forks; });
  if (watching_forks != 0) throw std::system_error(watching_forks, std::generic_category());
  thread_local supply own;
  const unsigned now = forks.load(std::memory_order_relaxed);
  if (own.used == own.bytes.size() || own.made_after != now) own.renew(now);
  own.used += id_size;
  return {own.bytes.data() + own.used - id_size, id_size};
}

}  // namespace atto
