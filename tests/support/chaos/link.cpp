#include "support/chaos/link.hpp"

#include <algorithm>
#include <utility>

namespace atto::test::chaos {

namespace {

/// A lane that holds this much reads no more, so that a slow receiver slows its sender; unless it is held.
constexpr std::size_t enough = 256 * 1024;

}  // namespace

link::link(socket client, socket server, script& s)
    : script_(s), ends_{end{.sock = std::move(client)}, end{.sock = std::move(server)}}, severed_(!ends_[1].sock) {}

void link::step(steady::time_point now) {
  for (const auto d : directions) {
    if (!severed_) read(d);
  }
  for (const auto d : directions) {
    if (!severed_) deliver(d, now);
  }
  for (const auto d : directions) {
    if (severed_) swallow(d);
  }
  if (!severed_ && ends_[0].told_all && ends_[1].told_all) {
    for (auto& e : ends_) e.sock.close();
  }
}

bool link::reads(direction d) const {
  const rules& r = script_.lanes[index(d)];
  return !ends_[index(d)].heard_all && r.reading && (r.held || lanes_[index(d)].size() < enough);
}

void link::read(direction d) {
  if (!reads(d)) return;
  std::string bytes;
  const io got = sender(d).sock.receive(bytes);
  if (got == io::later) return;
  if (got == io::done) {
    script_.counted.of(d).taken += bytes.size();
    return lanes_[index(d)].take(bytes);
  }
  sender(d).heard_all = true;
  lanes_[index(d)].end(got == io::end ? ending::fin : ending::reset);
}

bool link::meant(connections which) const noexcept {
  return which == connections::all || (which == connections::coming) == coming_;
}

std::optional<std::uint64_t> link::left_before_cut(direction d) const {
  const auto& c = script_.armed;
  if (!c || c->in != d || !meant(c->of)) return std::nullopt;
  return c->after - std::min(c->after, passed_[index(d)]);
}

void link::deliver(direction d, steady::time_point now) {
  receiver(d).full = false;
  while (!severed_) {
    auto bytes = lanes_[index(d)].front(now, script_.of(d));
    const auto left = left_before_cut(d);
    if (left == 0 && !(passed_[index(d)] == 0 && bytes.empty())) return strike();
    if (bytes.empty()) break;
    if (left) bytes = bytes.substr(0, *left);
    if (!send_some(d, now, bytes)) break;
  }
  pass_on_end(d);
}

bool link::send_some(direction d, steady::time_point now, std::string_view bytes) {
  std::string changed(bytes);
  const auto& f = script_.flipped;
  if (f && f->in == d && meant(f->of)) flip(changed, passed_[index(d)], f->bits);
  std::size_t count = 0;
  const io sent = receiver(d).sock.send(changed, count);
  receiver(d).full = sent == io::later;
  if (sent == io::broken) lanes_[index(d)].give_up();  // the other direction may still have its last words
  if (sent != io::done) return false;
  lanes_[index(d)].passed(count, now, script_.of(d));
  passed_[index(d)] += count;
  script_.counted.of(d).passed += count;
  return true;
}

void link::pass_on_end(direction d) {
  if (lanes_[index(d)].given_up()) receiver(d).told_all = true;
  const auto how = lanes_[index(d)].ended(script_.of(d));
  if (!how || receiver(d).told_all) return;
  if (*how == ending::fin) {
    receiver(d).told_all = true;
    return receiver(d).sock.shut_down_sending();
  }
  sever();
  sender(d).sock.close();
  leave(receiver(d), ending::reset, true);
}

void link::sever() {
  severed_ = true;
  for (auto& l : lanes_) l.give_up();
}

void link::strike() {
  cut& c = *script_.armed;
  sever();
  leave(ends_[0], c.client, c.in == direction::replies);
  leave(ends_[1], c.server, c.in == direction::requests);
  ++script_.counted.cut;
  if (--c.times == 0) script_.armed.reset();
}

void link::kill(ending client, ending server) {
  sever();
  leave(ends_[0], client, false);
  leave(ends_[1], server, false);
}

/// `delivered_first`: a reset waits until nothing is unsent, for it would drop that.
void link::leave(end& e, ending how, bool delivered_first) {
  if (!e.sock || how == ending::silence) return;
  if (how == ending::fin) return e.sock.shut_down_sending();
  e.resetting = delivered_first && e.sock.unsent() > 0;
  if (e.resetting) return e.sock.be_writable_when_sent();
  e.sock.reset();
}

void link::swallow(direction d) {
  end& e = sender(d);
  if (e.resetting && e.sock.unsent() == 0) e.sock.reset();
  if (!e.sock) return;
  std::string bytes;
  const io got = e.sock.receive(bytes);
  if (got == io::end || got == io::broken) e.sock.close();
  script_.counted.of(d).taken += bytes.size();
}

void link::arm() noexcept {
  passed_ = {};
  coming_ = false;
}

/// What the sender of `d` has to be watched for.
short link::events_of(direction d) const {
  const end& e = ends_[index(d)];
  const bool in = severed_ || reads(d);
  const bool out = severed_ ? e.resetting : e.full;
  return static_cast<short>((in ? POLLIN : 0) | (out ? POLLOUT : 0));
}

void link::wait_for(std::vector<pollfd>& events, std::optional<steady::time_point>& wake) const {
  for (const auto d : directions) {
    const end& e = ends_[index(d)];
    const short wanted = events_of(d);
    // One that waits for nothing is left out: it would be reported for as long as its peer is gone.
    if (e.sock && wanted != 0) events.push_back({.fd = e.sock.fd(), .events = wanted, .revents = 0});
    if (severed_ || ends_[1 - index(d)].full) continue;
    const auto due = lanes_[index(d)].wakes(script_.lanes[index(d)]);
    if (due && (!wake || *due < *wake)) wake = due;
  }
}

}  // namespace atto::test::chaos
