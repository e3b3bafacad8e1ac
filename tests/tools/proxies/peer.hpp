#pragma once

#include "support/chaos/socket.hpp"
#include "support/chaos_proxy.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace atto::test {

/// One end of a connection, which waits for what it is asked for. A limit of a minute turns a hang into a failure.
class peer {
 public:
  /// Connects to a port of 127.0.0.1; `error` is why not, or 0.
  explicit peer(std::uint16_t port);
  /// What was accepted.
  explicit peer(chaos::socket accepted) : socket_(std::move(accepted)) {}

  [[nodiscard]] int connect_error() const noexcept { return connect_error_; }

  /// False when the connection broke before all was sent.
  bool send(std::string_view bytes) const;
  /// Sends letters until no buffer takes more; returns what was sent.
  [[nodiscard]] std::string fill() const;
  /// That many bytes; fewer when the stream ends or breaks.
  [[nodiscard]] std::string receive(std::size_t count);
  /// Everything until the stream ends or breaks.
  [[nodiscard]] std::string receive_all() { return receive(static_cast<std::size_t>(-1)); }
  /// After all was received: 0 for an end of file, or the errno it broke with; -1 while it is open.
  [[nodiscard]] int how_it_ended() const noexcept { return ended_; }
  /// True when nothing has come and the stream is open.
  [[nodiscard]] bool hears_nothing() const;
  /// TCP segments with data that have come.
  [[nodiscard]] unsigned segments() const;

  void shut_down_sending() const { socket_.shut_down_sending(); }
  void close() { socket_.close(); }
  void reset() { socket_.reset(); }

 private:
  chaos::socket socket_;
  int connect_error_ = 0;
  int ended_ = -1;
};

/// Text that repeats itself every 89 letters.
[[nodiscard]] std::string letters(std::size_t count, std::size_t from = 0);

/// A server on TCP of which a test plays every part.
class peer_listener {
 public:
  peer_listener() : reserved_(chaos::reserve_port(port_)), listener_(chaos::listen_on(port_)) {}

  [[nodiscard]] chaos::endpoint where() const { return chaos::endpoint::tcp("127.0.0.1", port_); }
  [[nodiscard]] peer accept() const;
  /// True when a connection has come that was not accepted yet.
  [[nodiscard]] bool has_caller() const;

 private:
  std::uint16_t port_ = 0;
  chaos::socket reserved_;
  chaos::socket listener_;
};

/// A client and a server with a proxy between them.
struct proxied {
  explicit proxied(int buffer = 0) : proxy(listener.where(), buffer) {}

  /// The end that a direction leads from, and the one it leads to.
  [[nodiscard]] peer& sender(chaos::direction d) { return d == chaos::direction::requests ? client : server; }
  [[nodiscard]] peer& receiver(chaos::direction d) { return d == chaos::direction::requests ? server : client; }
  /// Waits until so many bytes of a direction have been taken since it was armed.
  [[nodiscard]] bool taken(chaos::direction d, std::uint64_t count);

  peer_listener listener;
  chaos_proxy proxy;
  peer client{proxy.port()};
  peer server = listener.accept();
};

}  // namespace atto::test
