#include "fault/failing_new.hpp"
#include "fault/nth_call.hpp"

#include <sqlite3.h>

#include <mutex>
#include <stdexcept>

namespace atto::test {

namespace {

struct plan {
  std::mutex mutex;
  nth_call which;
};

plan& the_plan() {
  static plan p;
  return p;
}

sqlite3_mem_methods& real() {
  static sqlite3_mem_methods m{};
  return m;
}

bool must_fail() {
  plan& p = the_plan();
  const std::lock_guard lock(p.mutex);
  return p.which.fails();
}

void* allocate(int size) {
  return must_fail() ? nullptr : real().xMalloc(size);
}

void* reallocate(void* p, int size) {
  return must_fail() ? nullptr : real().xRealloc(p, size);
}

}  // namespace

void failing_sqlite_memory::install() {
  static const int done = [] {
    sqlite3_config(SQLITE_CONFIG_GETMALLOC, &real());
    static sqlite3_mem_methods ours = real();
    ours.xMalloc = allocate;
    ours.xRealloc = reallocate;
    const int rc = sqlite3_config(SQLITE_CONFIG_MALLOC, &ours);
    return rc == SQLITE_OK ? sqlite3_initialize() : rc;
  }();
  if (done != SQLITE_OK) throw std::runtime_error("SQLite is in use already");
}

void failing_sqlite_memory::arm(std::size_t n, failing_new::how h) noexcept {
  plan& p = the_plan();
  const std::lock_guard lock(p.mutex);
  p.which.arm(n, h == failing_new::how::from_then_on);
}

bool failing_sqlite_memory::disarm() noexcept {
  plan& p = the_plan();
  const std::lock_guard lock(p.mutex);
  return p.which.disarm();
}

}  // namespace atto::test
