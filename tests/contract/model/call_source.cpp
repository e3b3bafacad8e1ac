#include "contract/model/call.hpp"

#include "unit/json/random_document.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace atto::model {

namespace {

using namespace std::string_view_literals;

/// What some database, parser or number type would change, refuse or cut.
constexpr std::array poison = {R"("\u0000")"sv,
                               R"("\ud83d")"sv,
                               R"("\ude00\ud83d")"sv,
                               R"("\ud83d\ude00")"sv,
                               R"("\ufdd0")"sv,
                               "\"\xEF\xB7\x90"
                               "0000\""sv,
                               R"("\\u0000\ufdd00000")"sv,
                               R"({"\u0000":{"\ud83d":1,"":2},"\ufdd0":[]})"sv,
                               R"({"a":1,"a":{"b":2,"b":3}})"sv,
                               R"({"bb":1,"a":2,"B":3})"sv,
                               R"({"temp:x":1})"sv,
                               "-0"sv,
                               "-0.0"sv,
                               "-0e5"sv,
                               "1.0"sv,
                               "1.50"sv,
                               "1e0"sv,
                               "1e2"sv,
                               "1e400"sv,
                               "-1e998"sv,
                               "1e-997"sv,
                               "0e9999999999"sv,
                               "1.7976931348623157e308"sv,
                               "5e-324"sv,
                               "18446744073709551615"sv,
                               "123456789012345678901234567890"sv,
                               "0.1234567890123456789012345678901"sv,
                               "null"sv,
                               "[]"sv,
                               "{}"sv,
                               R"("")"sv,
                               " [ 1 , { \"a\" : null } ] "sv,
                               "\"\xF4\x8F\xBF\xBF\x7F\""sv};

constexpr std::array ids = {"a"sv,        "b"sv,     "ab"sv, "a_b"sv,    "a%"sv,           "A"sv,
                            "\xC3\xA9"sv, "'; --"sv, " "sv,  "\x01\n"sv, "\xEF\xB7\x90"sv, "\xF4\x8F\xBF\xBF"sv,
                            "\\u0000"sv};
constexpr std::array names = {"a"sv, "b"sv, ""sv, "\0x"sv, "\xEF\xB7\x90"sv, "\xED\xA0\xBD"sv, "temp:a"sv, "\"\\"sv};

std::string nested(std::size_t depth) {
  return std::string(depth, '[') + std::string(depth, ']');
}

}  // namespace

std::string call_source::id() {
  switch (below(40)) {
    case 0:
      return "";
    case 1:
      return {'a', '\0'};
    case 2:
      return "a\xFF";
    case 3:
      return "\xED\xA0\x80";
    case 4:
      return std::string(512, 'i');
    case 5:
      return std::string(513, 'i');
    default:
      return std::string(ids[below(one_in(3) ? ids.size() : 4)]);
  }
}

std::string call_source::name() {
  return std::string(names[below(names.size())]);
}

json call_source::document() {
  switch (below(12)) {
    case 0:
      return json(nested(one_in(2) ? json::max_depth : 1 + below(100)));
    case 1:
      return json::string(std::string(below(max_session_bytes), 'x'));
    case 2:
    case 3:
    case 4:
      return json(std::string(poison[below(poison.size())]));
    default:
      return json(test::spell(test::random_document(random_, 2), random_));
  }
}

/// Sometimes as large as a session may be, to the byte, or one more.
void call_source::fill(snapshot& s) {
  for (std::size_t n = below(4); n > 0; --n) s.state.set(name(), document());
  for (std::size_t n = below(5); n > 0; --n) s.history.push_back(document());
  const std::size_t size = s.state.bytes() + s.history.bytes();
  if (!one_in(12) || size + 20 > max_session_bytes) return;
  const std::size_t left = max_session_bytes - size + below(3) - 1;
  s.history.push_back(json::string(std::string(left - 2, 'f')));
}

void call_source::draw_save(call& c, std::int64_t stored) {
  fill(c.snap);
  const auto near = static_cast<std::int64_t>(below(4)) - 1;
  const auto low = std::min(stored, max_version - 3);
  c.snap.version = one_in(30) ? max_version : low + near + (one_in(3) ? 0 : 1);
  if (one_in(40)) c.snap.events_before = one_in(2) ? 1 : -1;
  if (one_in(3)) {
    c.guard = guard::exact;
    c.base = one_in(4) ? low + near : stored;
  } else if (one_in(40)) {
    c.base = 1;
  }
}

void call_source::draw_list(call& c) {
  if (one_in(2)) c.prefix = id();
  if (one_in(2)) c.after = id();
  constexpr std::array<std::size_t, 6> limits = {0, 1, 2, 5, list_options::max_limit, list_options::max_limit + 1};
  if (one_in(2)) c.limit = limits[below(limits.size())];
}

atto::message_id call_source::message() {
  constexpr std::array messages = {"m1"sv, "m2"sv, "m3"sv};
  return atto::message_id(messages[below(messages.size())]);
}

/// Without end, as far as a test can tell, or over at once.
std::chrono::milliseconds call_source::ttl() {
  using namespace std::chrono_literals;
  if (one_in(40)) return one_in(2) ? std::chrono::milliseconds(-1) : 24h + 1ms;
  return one_in(4) ? 0ms : 1h;
}

std::int64_t call_source::claim_of(const standing& s) {
  if (one_in(40)) return -1;
  if (s.claims.empty() || one_in(12)) return 0;
  return one_in(5) ? s.claims[below(s.claims.size())] : s.claims.back();
}

void call_source::draw_owner(call& c) {
  constexpr std::array owners = {"n1"sv, "n2"sv, "\xC3\xA9"sv};
  c.owner = one_in(40) ? id() : owners[below(owners.size())];
  if (one_in(2)) c.address = one_in(20) ? std::string(513, 'a') : "host:" + c.owner;
}

call call_source::next(const standings& stored) {
  call c;
  c.id = id();
  const auto found = stored.find(c.id);
  const standing s = found == stored.end() ? standing() : found->second;
  constexpr std::array kinds = {call::kind::load,   call::kind::load,    call::kind::save,      call::kind::save,
                                call::kind::append, call::kind::append,  call::kind::append,    call::kind::append,
                                call::kind::remove, call::kind::list,    call::kind::claim,     call::kind::claim,
                                call::kind::renew,  call::kind::release, call::kind::find_turn, call::kind::sweep};
  c.what = kinds[below(kinds.size())];
  c.ttl = ttl();
  if (one_in(2)) c.last = below(6);
  if (one_in(3)) c.claim = claim_of(s);
  if (one_in(2)) c.message = message();
  switch (c.what) {
    case call::kind::save:
      draw_save(c, s.version);
      if (c.message || one_in(40)) c.turn_events = below(c.snap.history.size() + 1);
      if (one_in(40)) c.turn_events = c.snap.history.size() + 1;
      break;
    case call::kind::append:
      fill(c.snap);
      c.base = one_in(8) ? s.version - static_cast<std::int64_t>(below(3)) : s.version;
      break;
    case call::kind::remove:
      if (one_in(2)) c.removed_base = s.version + (one_in(4) ? -1 : 0);
      break;
    case call::kind::list:
      draw_list(c);
      break;
    case call::kind::claim:
      draw_owner(c);
      break;
    case call::kind::renew:
    case call::kind::release:
      c.claim = claim_of(s);
      break;
    case call::kind::find_turn:
      c.message = message();
      break;
    case call::kind::load:
    case call::kind::sweep:
      break;
  }
  if (one_in(60)) c.timeout = std::chrono::milliseconds(-1);
  return c;
}

}  // namespace atto::model
