#pragma once

#include "support/chaos/faults.hpp"
#include "support/chaos/lane.hpp"
#include "support/chaos/socket.hpp"

#include <poll.h>

#include <array>
#include <optional>
#include <string>
#include <vector>

namespace atto::test::chaos {

/// All that a test has told a proxy, and what the proxy has counted.
struct script {
  std::array<rules, 2> lanes;
  std::optional<cut> armed;
  std::optional<flips> flipped;
  counters counted;

  [[nodiscard]] rules& of(direction d) { return lanes[static_cast<std::size_t>(d)]; }
};

/// One connection: the client's socket, the server's, and a lane each way. Ends in one of two ways: both lanes pass on
/// their sender's end, or the link is severed. From then on nothing is passed, and each socket that is still open
/// swallows what comes until its peer closes.
class link {
 public:
  /// Without a server's socket the link is severed from the start.
  link(socket client, socket server, script& s);

  /// Does all that can be done now.
  void step(steady::time_point now);
  /// Adds what has to happen before another step makes sense.
  void wait_for(std::vector<pollfd>& events, std::optional<steady::time_point>& wake) const;
  [[nodiscard]] bool over() const noexcept { return !ends_[0].sock && !ends_[1].sock; }

  /// Counts from here; it is `open` to what is armed now.
  void arm() noexcept;
  /// Severs the link at once.
  void kill(ending client, ending server);

 private:
  struct end {
    socket sock;
    bool heard_all = false;  // its peer has ended
    bool told_all = false;   // what its peer can be told has been
    bool full = false;       // takes nothing more at the moment
    bool resetting = false;  // once nothing is unsent
  };

  [[nodiscard]] static std::size_t index(direction d) noexcept { return static_cast<std::size_t>(d); }
  [[nodiscard]] end& sender(direction d) noexcept { return ends_[index(d)]; }
  [[nodiscard]] end& receiver(direction d) noexcept { return ends_[1 - index(d)]; }

  void read(direction d);
  void deliver(direction d, steady::time_point now);
  [[nodiscard]] bool send_some(direction d, steady::time_point now, std::string_view bytes);
  void pass_on_end(direction d);
  void swallow(direction d);
  void sever();
  void strike();
  static void leave(end& e, ending how, bool delivered_first);

  [[nodiscard]] bool reads(direction d) const;
  [[nodiscard]] bool meant(connections which) const noexcept;
  [[nodiscard]] std::optional<std::uint64_t> left_before_cut(direction d) const;
  [[nodiscard]] short events_of(direction d) const;

  script& script_;
  std::array<end, 2> ends_;    // the client's, the server's
  std::array<lane, 2> lanes_;  // requests, replies
  std::array<std::uint64_t, 2> passed_{};
  bool coming_ = true;
  bool severed_;
};

}  // namespace atto::test::chaos
