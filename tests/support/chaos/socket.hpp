#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace atto::test::chaos {

/// Where a server listens.
struct endpoint {
  /// A numeric IPv4 address and a port.
  [[nodiscard]] static endpoint tcp(std::string host, std::uint16_t port) { return {std::move(host), port}; }
  /// The path of a Unix socket.
  [[nodiscard]] static endpoint local(std::string path) { return {std::move(path), 0}; }

  std::string host;
  std::uint16_t port;  // 0: `host` is a path
};

/// What became of an attempt to read or to write.
enum class io { done, later, end, broken };

/// A stream socket and its descriptor. Except where it says so, nothing blocks and nothing throws.
class socket {
 public:
  socket() = default;
  explicit socket(int fd) noexcept : fd_(fd) {}
  socket(socket&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  socket& operator=(socket&& other) noexcept;
  ~socket() { close(); }

  [[nodiscard]] int fd() const noexcept { return fd_; }
  explicit operator bool() const noexcept { return fd_ >= 0; }

  /// Replaces `bytes` with what is there, at most 64 KiB.
  [[nodiscard]] io receive(std::string& bytes) const;
  /// Sends some of `bytes`; `count` is how many.
  [[nodiscard]] io send(std::string_view bytes, std::size_t& count) const;

  /// Sends FIN after all that was sent.
  void shut_down_sending() const;
  /// Sends RST and closes; what the peer's window had no room for is lost.
  void reset();
  void close() noexcept;

  /// Bytes that have not left yet, for want of room at the peer's. A reset would drop them.
  [[nodiscard]] std::size_t unsent() const;
  /// From now on it counts as writable only when nothing is unsent.
  void be_writable_when_sent() const;

 private:
  int fd_ = -1;
};

/// All of these throw std::system_error. `buffer`: bytes of the kernel's buffers, of either direction; 0 for its
/// default. A port of 127.0.0.1 that nobody else gets, and that `listen_on` can take again and again while this socket
/// lives.
[[nodiscard]] socket reserve_port(std::uint16_t& port);
[[nodiscard]] socket listen_on(std::uint16_t port, int buffer = 0);
/// Empty when nobody waits.
[[nodiscard]] socket accept_from(const socket& listener);
/// Begins to connect: a failure may show later, as a broken read.
[[nodiscard]] socket connect_to(const endpoint& where, int buffer = 0);

}  // namespace atto::test::chaos
