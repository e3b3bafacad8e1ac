#include "support/chaos/socket.hpp"

#include <arpa/inet.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <system_error>

namespace atto::test::chaos {

namespace {

constexpr std::size_t most_at_once = 64 * 1024;

[[noreturn]] void fail(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

void set(int fd, int level, int option, int value) {
  if (::setsockopt(fd, level, option, &value, sizeof value) != 0) fail("setsockopt");
}

void set_buffers(int fd, int buffer) {
  if (buffer == 0) return;
  set(fd, SOL_SOCKET, SO_RCVBUF, buffer);
  set(fd, SOL_SOCKET, SO_SNDBUF, buffer);
}

socket make(int family) {
  socket made(::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!made) fail("socket");
  return made;
}

sockaddr_in address_of(const std::string& host, std::uint16_t port) {
  sockaddr_in a{};
  a.sin_family = AF_INET;
  a.sin_port = htons(port);
  if (::inet_pton(AF_INET, host.c_str(), &a.sin_addr) != 1) throw std::invalid_argument("no IPv4 address: " + host);
  return a;
}

sockaddr_un address_of(const std::string& path) {
  sockaddr_un a{};
  a.sun_family = AF_UNIX;
  if (path.size() >= sizeof a.sun_path) throw std::invalid_argument("too long for a Unix socket: " + path);
  std::memcpy(a.sun_path, path.c_str(), path.size() + 1);
  return a;
}

template <class Address>
const sockaddr* generic(const Address& a) {
  return static_cast<const sockaddr*>(static_cast<const void*>(&a));
}

socket bound_to(std::uint16_t port) {
  auto made = make(AF_INET);
  set(made.fd(), SOL_SOCKET, SO_REUSEADDR, 1);
  const auto a = address_of("127.0.0.1", port);
  if (::bind(made.fd(), generic(a), sizeof a) != 0) fail("bind");
  return made;
}

template <class Address>
void begin_connecting(const socket& s, const Address& a) {
  if (::connect(s.fd(), generic(a), sizeof a) != 0 && errno != EINPROGRESS) fail("connect");
}

}  // namespace

socket& socket::operator=(socket&& other) noexcept {
  if (this != &other) {
    close();
    fd_ = std::exchange(other.fd_, -1);
  }
  return *this;
}

io socket::receive(std::string& bytes) const {
  bytes.resize(most_at_once);
  const auto count = ::recv(fd_, bytes.data(), bytes.size(), 0);
  const int why = errno;
  bytes.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
  if (count > 0) return io::done;
  if (count == 0) return io::end;
  return why == EAGAIN || why == EINTR ? io::later : io::broken;
}

io socket::send(std::string_view bytes, std::size_t& count) const {
  const auto sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  count = sent > 0 ? static_cast<std::size_t>(sent) : 0;
  if (sent >= 0) return io::done;
  return errno == EAGAIN || errno == EINTR ? io::later : io::broken;
}

void socket::shut_down_sending() const {
  ::shutdown(fd_, SHUT_WR);
}

void socket::reset() {
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  close();
}

void socket::close() noexcept {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

std::size_t socket::unsent() const {
  int count = 0;
  // A Unix socket does not know this question: what was sent there is at the peer's already.
  return ::ioctl(fd_, SIOCOUTQNSD, &count) == 0 && count > 0 ? static_cast<std::size_t>(count) : 0;
}

void socket::be_writable_when_sent() const {
  const int lowest = 1;
  ::setsockopt(fd_, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &lowest, sizeof lowest);
}

socket reserve_port(std::uint16_t& port) {
  auto reserved = bound_to(0);
  sockaddr_in a{};
  socklen_t size = sizeof a;
  if (::getsockname(reserved.fd(), static_cast<sockaddr*>(static_cast<void*>(&a)), &size) != 0) fail("getsockname");
  port = ntohs(a.sin_port);
  return reserved;
}

socket listen_on(std::uint16_t port, int buffer) {
  auto listener = bound_to(port);
  set_buffers(listener.fd(), buffer);  // inherited by what it accepts
  if (::listen(listener.fd(), SOMAXCONN) != 0) fail("listen");
  return listener;
}

socket accept_from(const socket& listener) {
  socket accepted(::accept4(listener.fd(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
  const int yes = 1;
  if (accepted) ::setsockopt(accepted.fd(), IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);  // fails if it is gone again
  return accepted;
}

socket connect_to(const endpoint& where, int buffer) {
  auto made = make(where.port == 0 ? AF_UNIX : AF_INET);
  set_buffers(made.fd(), buffer);
  if (where.port == 0) {
    begin_connecting(made, address_of(where.host));
  } else {
    set(made.fd(), IPPROTO_TCP, TCP_NODELAY, 1);
    begin_connecting(made, address_of(where.host, where.port));
  }
  return made;
}

}  // namespace atto::test::chaos
