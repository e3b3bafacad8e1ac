#pragma once

#include "support/chaos/faults.hpp"
#include "support/chaos/link.hpp"
#include "support/chaos/socket.hpp"

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <future>
#include <list>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace atto::test {

/// A TCP proxy on 127.0.0.1, on a thread of its own, between clients and one server. It passes everything on unharmed
/// until a test tells it otherwise. What a function tells it holds when the function returns: not a byte more, or less,
/// is delivered than by then. Any thread may call anything.
///
/// The length of an exchange, and then a cut at each of its bytes. An exchange is longer where a connection sees it for
/// the first time, for its statements are prepared then; so each one is warmed with the same operation:
///
///     store.save("s", …);
///     proxy.arm();
///     store.save("s", …);
///     const auto length = proxy.now().replies.passed;
///     for (std::uint64_t n = 0; n <= length; ++n) {
///       store.save("s", …);
///       proxy.arm(chaos::cut{.in = chaos::direction::replies, .after = n});
///       store.save("s", …);  // fails, but for the last n
///     }
class chaos_proxy {
 public:
  /// `buffer`: bytes of the kernel's buffers at the proxy's sockets, in either direction; small ones are full soon. 0:
  /// the kernel's default. Throws std::system_error.
  explicit chaos_proxy(chaos::endpoint server, int buffer = 0);
  chaos_proxy(const chaos_proxy&) = delete;
  chaos_proxy& operator=(const chaos_proxy&) = delete;
  /// Closes everything.
  ~chaos_proxy();

  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }

  /// Counts from here, on all connections, and forgets what was armed.
  void arm();
  void arm(const chaos::cut& what);
  void arm(const chaos::flips& what);

  /// Bytes: at least 1.
  void drip(chaos::direction d, const chaos::drip& how);
  /// What was read by now is still delivered. That the sender has gone is not noticed before `heal` resumes reading.
  void stop_reading(chaos::direction d);
  /// Keeps what comes, ends of file too, as much as it may be. For ever, unless it is released or killed.
  void hold(chaos::direction d);
  void release(chaos::direction d);

  void admit(chaos::arrivals how);
  /// Severs all connections there are; what was not delivered is dropped.
  void kill(chaos::ending client, chaos::ending server);
  void kill(chaos::ending both) { kill(both, both); }
  /// No connection there is hears anything again, and what is sent on it is swallowed; new ones are ignored.
  void blackhole();
  /// All is passed on again, and nothing is armed. Severed connections stay so.
  void heal();

  /// Whatever a client or the server has received by now is counted.
  [[nodiscard]] chaos::counters now();
  /// Waits until the counters are so; false when they were not within the limit. `condition` runs under a lock.
  [[nodiscard]] bool wait_until(const std::function<bool(const chaos::counters&)>& condition,
                                std::chrono::seconds limit = std::chrono::seconds(60));

 private:
  void tell(const std::function<void()>& action);
  void run();
  void obey();
  void step();
  void accept_all();
  void publish();
  void wait_for_more();
  void wake() const;

  const chaos::endpoint server_;
  const int buffer_;
  std::uint16_t port_ = 0;
  chaos::socket reserved_;
  chaos::socket waker_;

  // Of the thread.
  chaos::socket listener_;
  bool ignoring_ = false;
  bool stopping_ = false;
  chaos::script script_;
  std::list<chaos::link> links_;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::packaged_task<void()>> told_;
  chaos::counters published_;

  std::thread thread_;
};

}  // namespace atto::test
