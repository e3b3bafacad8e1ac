#pragma once

#include <mutex>
#include <utility>

// Clang checks these (-Wthread-safety); std::mutex has no such attributes under libstdc++.
#if defined(__clang__)
#define ATTO_THREAD_SAFETY(...) __attribute__((__VA_ARGS__))
#else
#define ATTO_THREAD_SAFETY(...)
#endif
/// Of a member: it is touched only while `m` is held.
#define ATTO_GUARDED_BY(m) ATTO_THREAD_SAFETY(guarded_by(m))
/// Of a function: it is called only while `m` is held.
#define ATTO_REQUIRES(m) ATTO_THREAD_SAFETY(requires_capability(m))
/// Of a function: it takes `m` itself, so it is called while `m` is not held.
#define ATTO_EXCLUDES(m) ATTO_THREAD_SAFETY(locks_excluded(m))

namespace atto {

/// std::mutex, with which the compiler checks what it guards.
class ATTO_THREAD_SAFETY(capability("mutex")) mutex {
 public:
  mutex() = default;
  mutex(const mutex&) = delete;
  mutex& operator=(const mutex&) = delete;
  ~mutex() = default;

  void lock() ATTO_THREAD_SAFETY(acquire_capability()) { mutex_.lock(); }
  void unlock() ATTO_THREAD_SAFETY(release_capability()) { mutex_.unlock(); }

 private:
  std::mutex mutex_;
};

/// Holds a mutex until the end of its scope.
class ATTO_THREAD_SAFETY(scoped_lockable) lock {
 public:
  explicit lock(mutex& m) ATTO_THREAD_SAFETY(acquire_capability(m)) : mutex_(m) { mutex_.lock(); }
  ~lock() ATTO_THREAD_SAFETY(release_capability()) { mutex_.unlock(); }
  lock(const lock&) = delete;
  lock& operator=(const lock&) = delete;

 private:
  mutex& mutex_;
};

/// A value that can only be reached while its mutex is held.
template <class T>
class guarded {
 public:
  template <class... Argument>
  explicit guarded(Argument&&... argument) : value_(std::forward<Argument>(argument)...) {}

  /// Calls `f(value)` with the mutex held, and returns what it returns. `f` must not keep a reference to the value, nor
  /// call anything foreign: a handler, a store, an observer.
  template <class Function>
  decltype(auto) with(Function&& f) {
    const lock held(mutex_);
    return std::forward<Function>(f)(value_);
  }
  template <class Function>
  decltype(auto) with(Function&& f) const {
    const lock held(mutex_);
    return std::forward<Function>(f)(value_);
  }

 private:
  mutable mutex mutex_;
  T value_ ATTO_GUARDED_BY(mutex_);
};

}  // namespace atto
