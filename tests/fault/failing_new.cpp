#include "fault/failing_new.hpp"

#include "fault/nth_call.hpp"

#include <cstdlib>
#include <new>

namespace {

struct plan {
  atto::test::nth_call which;
  int windows = 0;
  std::size_t calls = 0;  // in windows
};

thread_local plan mine;

bool must_fail() noexcept {
  if (mine.windows == 0) return false;
  ++mine.calls;
  return mine.which.fails();
}

void* allocate(std::size_t size) noexcept {
  return must_fail() ? nullptr : std::malloc(size == 0 ? 1 : size);
}

void* allocate(std::size_t size, std::align_val_t alignment) noexcept {
  const auto a = static_cast<std::size_t>(alignment);
  return must_fail() ? nullptr : std::aligned_alloc(a, (size + a - 1) / a * a);
}

void* or_throw(void* p) {
  if (p == nullptr) throw std::bad_alloc();
  return p;
}

}  // namespace

void* operator new(std::size_t size) {
  return or_throw(allocate(size));
}
void* operator new[](std::size_t size) {
  return or_throw(allocate(size));
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return allocate(size);
}
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept {
  return allocate(size);
}
void* operator new(std::size_t size, std::align_val_t a) {
  return or_throw(allocate(size, a));
}
void* operator new[](std::size_t size, std::align_val_t a) {
  return or_throw(allocate(size, a));
}
void operator delete(void* p) noexcept {
  std::free(p);
}
void operator delete[](void* p) noexcept {
  std::free(p);
}
void operator delete(void* p, std::size_t) noexcept {
  std::free(p);
}
void operator delete[](void* p, std::size_t) noexcept {
  std::free(p);
}
void operator delete(void* p, const std::nothrow_t&) noexcept {
  std::free(p);
}
void operator delete[](void* p, const std::nothrow_t&) noexcept {
  std::free(p);
}
void operator delete(void* p, std::align_val_t) noexcept {
  std::free(p);
}
void operator delete[](void* p, std::align_val_t) noexcept {
  std::free(p);
}
void operator delete(void* p, std::size_t, std::align_val_t) noexcept {
  std::free(p);
}
void operator delete[](void* p, std::size_t, std::align_val_t) noexcept {
  std::free(p);
}

namespace atto::test {

void failing_new::arm(std::size_t n, how h) noexcept {
  mine.which.arm(n, h == how::from_then_on);
}

bool failing_new::disarm() noexcept {
  return mine.which.disarm();
}

failing_new::window::window() noexcept : before_(mine.calls) {
  ++mine.windows;
}

failing_new::window::~window() {
  --mine.windows;
}

std::size_t failing_new::window::allocations() const noexcept {
  return mine.calls - before_;
}

}  // namespace atto::test
