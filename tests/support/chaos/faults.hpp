#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

/// What a chaos_proxy can do to the connections that pass through it, and what it counts.
namespace atto::test::chaos {

using steady = std::chrono::steady_clock;
using std::chrono::milliseconds;

/// Requests go from the client to the server, replies back.
enum class direction { requests, replies };
inline constexpr std::array directions{direction::requests, direction::replies};

/// How a socket is left. A socket on a Unix path knows no reset; its peer sees an end of file then.
enum class ending {
  fin,      // half-closed; what its peer still sends is swallowed until the peer closes, too
  reset,    // RST: the peer's next call fails with ECONNRESET
  silence,  // kept open; what its peer sends is swallowed, and it never hears anything again
};

/// Which connections something armed is meant for.
enum class connections { open, coming, all };  // open: when it is armed; coming: those accepted after

/// Cuts a connection as soon as exactly `after` bytes of one direction have been delivered since it was armed; nothing
/// more is delivered in either direction. With after == 0 that is when a first byte is there to be delivered, so a cut
/// never strikes an idle connection. A reset of the receiver waits until its buffers have had room for those bytes.
struct cut {
  direction in = direction::replies;
  std::uint64_t after = 0;
  ending client = ending::fin;
  ending server = ending::fin;
  connections of = connections::open;
  unsigned times = 1;  // how many connections it strikes; each counts its own bytes
};

/// Inverts bits of what is delivered in one direction: bit b lies in the byte b / 8 since it was armed and is worth
/// 1 << (b % 8). Each connection counts its own bytes.
struct flips {
  direction in = direction::replies;
  std::vector<std::uint64_t> bits;
  connections of = connections::open;
};

/// `count` different bits of the first `bytes` bytes, ascending; the same for the same seed.
[[nodiscard]] std::vector<std::uint64_t> random_bits(std::uint64_t seed, std::size_t count, std::uint64_t bytes);

/// At most so many bytes at a time, each time in a segment of its own, and so much time between two.
struct drip {
  std::size_t bytes = 1;
  milliseconds every{0};  // 0: tiny segments, at once
};

/// What new connections meet.
enum class arrivals {
  served,
  refused,  // the port is closed: ECONNREFUSED
  ignored,  // accepted, and never answered; the server does not hear of them
};

struct traffic {
  std::uint64_t taken = 0;   // read from the sender
  std::uint64_t passed = 0;  // delivered to the receiver
};

/// Since the start: accepted, open. Since the last `arm`: everything else, of all connections together.
struct counters {
  std::uint64_t accepted = 0;
  std::uint64_t open = 0;  // connections of which the proxy keeps a socket open
  std::uint64_t cut = 0;   // connections that an armed cut has struck
  traffic requests{};
  traffic replies{};

  [[nodiscard]] traffic& of(direction d) noexcept { return d == direction::requests ? requests : replies; }
  [[nodiscard]] const traffic& of(direction d) const noexcept { return d == direction::requests ? requests : replies; }
};

}  // namespace atto::test::chaos
