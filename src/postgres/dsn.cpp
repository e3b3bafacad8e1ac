#include "postgres/dsn.hpp"

#include <atto/failure.hpp>

#include <boost/algorithm/string/classification.hpp>
#include <boost/algorithm/string/replace.hpp>
#include <boost/algorithm/string/split.hpp>
#include <boost/asio/ip/address.hpp>

#include <libpq-fe.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <memory>

namespace atto::postgres {

namespace {

struct free_options {
  void operator()(PQconninfoOption* o) const noexcept { PQconninfoFree(o); }
};
using options_ptr = std::unique_ptr<PQconninfoOption, free_options>;
using values = std::map<std::string, std::string, std::less<>>;

values collect(const PQconninfoOption* option) {
  values found;
  for (; option != nullptr && option->keyword != nullptr; ++option) {
    if (option->val != nullptr) found[option->keyword] = option->val;
  }
  return found;
}

/// An unescaped `@` or `/` in a password would move its end into the host or the database's name, and from there into
/// libpq's messages. In a URI an `@` may only end the user's part.
void check_uri(std::string_view text) {
  const std::string_view rest = text.substr(text.find("://") + 3);
  const std::string_view before_query = rest.substr(0, rest.find('?'));
  const auto first = before_query.find('@');
  if (first == before_query.npos) return;
  if (before_query.find('@', first + 1) != before_query.npos ||
      before_query.substr(0, first).find('/') != before_query.npos) {
    refuse(errc::invalid_argument,
           "an @ or a / inside the user or the password of the connection URI must be written %40 or %2F");
  }
}

values parse(std::string_view text) {
  if (text.find('\0') != text.npos) refuse(errc::invalid_argument, "the connection string holds a NUL byte");
  const bool uri = text.starts_with("postgres://") || text.starts_with("postgresql://");
  if (uri) check_uri(text);
  char* words = nullptr;  // libpq's own message: it may quote a password, so it is not looked at
  const options_ptr options(PQconninfoParse(std::string(text).c_str(), &words));
  PQfreemem(words);
  if (options == nullptr) {
    refuse(errc::invalid_argument,
           "libpq does not take the connection string; check its keywords, quotes and percent-encoding");
  }
  return collect(options.get());
}

template <std::size_t N>
void check_choice(const values& v, std::string_view keyword, const std::array<std::string_view, N>& choices) {
  const auto it = v.find(keyword);
  if (it != v.end() && std::find(choices.begin(), choices.end(), it->second) == choices.end()) {
    refuse(errc::invalid_argument,
           std::string("the connection string's ") + std::string(keyword) + " is not one of libpq's");
  }
}

void check_choices(const values& v) {
  constexpr std::array<std::string_view, 7> sslmodes{"disable",   "allow",       "prefer", "require",
                                                     "verify-ca", "verify-full", ""};
  constexpr std::array<std::string_view, 7> targets{"any",     "read-write",     "read-only", "primary",
                                                    "standby", "prefer-standby", ""};
  constexpr std::array<std::string_view, 4> wishes{"disable", "prefer", "require", ""};
  check_choice(v, "sslmode", sslmodes);
  check_choice(v, "channel_binding", wishes);  // libpq quotes these when it refuses them
  check_choice(v, "gssencmode", wishes);
  check_choice(v, "target_session_attrs", targets);
}

std::vector<std::string> split(const std::string& list) {
  std::vector<std::string> parts;
  if (!list.empty()) boost::algorithm::split(parts, list, boost::algorithm::is_any_of(","));
  return parts;
}

void check_port(const std::string& port) {
  if (port.empty()) return;
  int number = 0;
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), number);
  if (error != std::errc() || end != port.data() + port.size() || number < 1 || number > 65535) {
    refuse(errc::invalid_argument, "a port in the connection string is not a number from 1 to 65535");
  }
}

/// With an unescaped `/` and a `?` after it in a password, its end would become a setting of libpq's: the host's name
/// perhaps, which we show. An `@` begins the name of a socket; inside a name it is what stood before a host.
void check_name(const std::string& host) {
  if (host.find('@', 1) == host.npos) return;
  refuse(errc::invalid_argument,
         "a host's name in the connection string holds an @; a / inside a password must be written %2F");
}

bool is_address(const std::string& name) {
  boost::system::error_code ec;
  boost::asio::ip::make_address(name, ec);
  return !ec;
}

/// What stands there is shown, and may be a piece of a password as well.
void check_address(const std::string& address) {
  if (!address.empty() && !is_address(address))
    refuse(errc::invalid_argument, "a hostaddr in the connection string is not an address");
}

/// The default host is a socket's.
bool is_local(const dsn::host& h) {
  const std::string& name = h.address.empty() ? h.name : h.address;
  if (name.empty() || name == "localhost" || name.front() == '/' || name.front() == '@') return true;
  boost::system::error_code ec;
  const auto address = boost::asio::ip::make_address(name, ec);
  return !ec && address.is_loopback();
}

/// A peer that vanished is noticed after some 25 s by an idle connection, after 10 s by one that sends.
void add_liveness(values& v) {
  v.try_emplace("keepalives_idle", "10");
  v.try_emplace("keepalives_interval", "5");
  v.try_emplace("keepalives_count", "3");
  v.try_emplace("tcp_user_timeout", "10000");
}

std::string take(values& v, std::string_view keyword) {
  const auto it = v.find(keyword);
  if (it == v.end()) return {};
  return v.extract(it).mapped();
}

/// What libpq would take from the environment, so that a host named there is resolved like any other.
void add_environment(values& v) {
  if (v.contains("service")) return;
  const options_ptr defaults(PQconndefaults());
  values known = collect(defaults.get());
  for (const char* keyword : {"host", "hostaddr", "port"}) {
    if (const auto it = known.find(keyword); it != known.end()) v.try_emplace(keyword, it->second);
  }
}

}  // namespace

dsn::dsn(std::string_view text) {
  values v = parse(text);
  check_choices(v);
  add_environment(v);
  if (const auto it = v.find("dbname"); it != v.end() && it->second.find_first_of("=/") != std::string::npos) {
    refuse(errc::invalid_argument, "the database's name holds a = or a /, as if it were a connection string itself");
  }
  const std::string names = take(v, "host"), addresses = take(v, "hostaddr"), ports = take(v, "port");
  read_hosts(names, addresses, ports);
  take(v, "connect_timeout");
  if (const auto it = v.find("password"); it != v.end()) password_ = it->second;
  v["client_encoding"] = "UTF8";
  v.try_emplace("target_session_attrs", "read-write");
  v.try_emplace("fallback_application_name", "atto");
  add_liveness(v);
  parameters_.assign(v.begin(), v.end());
}

bool dsn::is_verified() const {
  for (const auto& [keyword, value] : parameters_) {
    if (keyword == "sslmode" && value == "verify-full") return true;
    if (keyword == "service") return true;  // its file is libpq's to read: nobody knows here what it says
  }
  return std::ranges::all_of(hosts_, is_local);
}

void dsn::read_hosts(const std::string& names, const std::string& addresses, const std::string& ports) {
  const auto name = split(names), address = split(addresses), port = split(ports);
  const std::size_t count = std::max({name.size(), address.size(), std::size_t{1}});
  if ((!name.empty() && name.size() != count) || (!address.empty() && address.size() != count)) {
    refuse(errc::invalid_argument, "the connection string names as many hosts as hostaddrs, or only one of both");
  }
  if (port.size() > 1 && port.size() != count)
    refuse(errc::invalid_argument, "the connection string names one port, or one for each host");
  for (std::size_t i = 0; i < count; ++i) {
    host h;
    if (!name.empty()) h.name = name[i];
    if (!address.empty()) h.address = address[i];
    if (!port.empty()) h.port = port.size() == 1 ? port[0] : port[i];
    check_name(h.name);
    check_address(h.address);
    check_port(h.port);
    if (h.address.empty() && is_address(h.name)) h.address = h.name;
    hosts_.push_back(std::move(h));
  }
}

std::string dsn::describe_hosts() const {
  std::string out;
  for (const host& h : hosts_) {
    if (!out.empty()) out += ", ";
    const std::string& shown = h.name.empty() ? h.address : h.name;
    out += shown.empty() ? "the default host" : shown;
    out += ':';
    out += h.port.empty() ? "5432" : h.port;
  }
  return out;
}

std::string dsn::redact(std::string text) const {
  if (!password_.empty()) boost::algorithm::replace_all(text, password_, "***");
  while (!text.empty() && text.back() == '\n') text.pop_back();
  std::replace_if(
      text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
  return text;
}

}  // namespace atto::postgres
