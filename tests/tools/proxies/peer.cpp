#include "tools/proxies/peer.hpp"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <stdexcept>
#include <system_error>

namespace atto::test {

namespace {

constexpr int limit = 60'000;  // milliseconds

bool ready(const chaos::socket& s, short events, int wait) {
  pollfd one{.fd = s.fd(), .events = events, .revents = 0};
  return ::poll(&one, 1, wait) == 1;
}

void wait_for(const chaos::socket& s, short events) {
  if (!ready(s, events, limit)) throw std::runtime_error("nothing happened within a minute");
}

/// What broke a connection. Asking clears it.
int error_of(const chaos::socket& s) {
  int error = 0;
  socklen_t size = sizeof error;
  ::getsockopt(s.fd(), SOL_SOCKET, SO_ERROR, &error, &size);
  return error;
}

}  // namespace

std::string letters(std::size_t count, std::size_t from) {
  std::string all(count, ' ');
  for (std::size_t i = 0; i < count; ++i) all[i] = static_cast<char>('!' + (from + i) % 89);
  return all;
}

bool proxied::taken(chaos::direction d, std::uint64_t count) {
  return proxy.wait_until([&](const chaos::counters& c) { return c.of(d).taken == count; });
}

peer::peer(std::uint16_t port) {
  try {
    socket_ = chaos::connect_to(chaos::endpoint::tcp("127.0.0.1", port));
    wait_for(socket_, POLLOUT);
    connect_error_ = error_of(socket_);
  } catch (const std::system_error& e) {
    connect_error_ = e.code().value();
  }
  if (connect_error_ != 0) ended_ = connect_error_;  // a reset right after the start may show here, and then only here
}

bool peer::send(std::string_view bytes) const {
  while (!bytes.empty()) {
    wait_for(socket_, POLLOUT);
    std::size_t count = 0;
    if (socket_.send(bytes, count) == chaos::io::broken) return false;
    bytes.remove_prefix(count);
  }
  return true;
}

std::string peer::fill() const {
  std::string all;
  for (;;) {
    const auto more = letters(8192, all.size());
    std::size_t count = 0;
    if (socket_.send(more, count) != chaos::io::done) return all;
    all.append(more, 0, count);
  }
}

std::string peer::receive(std::size_t count) {
  std::string all;
  while (all.size() < count && ended_ < 0) {
    wait_for(socket_, POLLIN);
    std::string bytes(std::min<std::size_t>(count - all.size(), 65536), '\0');
    const auto got = ::recv(socket_.fd(), bytes.data(), bytes.size(), 0);
    if (got > 0) {
      all.append(bytes, 0, static_cast<std::size_t>(got));
    } else if (got == 0 || errno != EAGAIN) {
      ended_ = got == 0 ? 0 : errno;
    }
  }
  return all;
}

bool peer::hears_nothing() const {
  return !ready(socket_, POLLIN, 0);
}

unsigned peer::segments() const {
  tcp_info info{};
  socklen_t size = sizeof info;
  ::getsockopt(socket_.fd(), IPPROTO_TCP, TCP_INFO, &info, &size);
  return info.tcpi_data_segs_in;
}

peer peer_listener::accept() const {
  wait_for(listener_, POLLIN);
  return peer(chaos::accept_from(listener_));
}

bool peer_listener::has_caller() const {
  return ready(listener_, POLLIN, 0);
}

}  // namespace atto::test
