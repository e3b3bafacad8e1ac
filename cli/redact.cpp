#include "redact.hpp"

#include <algorithm>
#include <cctype>
#include <cstring>
#include <string_view>

namespace atto::cli {

namespace {

/// Shorter ones would tear holes into ordinary words.
constexpr std::size_t shortest_secret = 3;

/// The part between the first colon of what comes before the last @ and that @: `scheme://user:HERE@host`.
std::string_view after_user_name(std::string_view argument) {
  const std::size_t at = argument.rfind('@');
  if (at == std::string_view::npos) return {};
  const std::size_t scheme = argument.find("://");
  const std::size_t user = scheme == std::string_view::npos || scheme > at ? 0 : scheme + 3;
  const std::size_t colon = argument.find(':', user);
  if (colon == std::string_view::npos || colon > at) return {};
  return argument.substr(colon + 1, at - colon - 1);
}

/// The value that begins at `from`: quoted, or up to white space or an ampersand.
std::string_view value_at(std::string_view text, std::size_t from) {
  while (from < text.size() && text[from] == ' ') ++from;
  if (from < text.size() && text[from] == '\'') {
    const std::size_t end = text.rfind('\'');
    return text.substr(from + 1, end > from ? end - from - 1 : std::string_view::npos);
  }
  return text.substr(from, text.find_first_of(" \t\n&", from) - from);
}

/// Where the value of a member that is named like a password begins, at or after `from`; npos when there is none.
std::size_t find_password_value(std::string_view argument, std::size_t from) {
  constexpr std::string_view word = "password";
  std::string lower(argument);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  const std::size_t name = lower.find(word, from);
  if (name == std::string::npos) return std::string_view::npos;
  const std::size_t equals = argument.find('=', name);
  return equals == std::string_view::npos ? equals : equals + 1;
}

/// An id such as `team:anna@example.org` does not.
bool looks_like_connection(std::string_view argument) {
  const bool is_location = argument.find("//") != std::string_view::npos;
  return (is_location && !after_user_name(argument).empty()) ||
         find_password_value(argument, 0) != std::string_view::npos;
}

/// What follows the last @ of a URI, up to its path, or the values of host and hostaddr.
bool names_as_host(std::string_view argument, std::string_view secret) {
  std::string hosts;
  if (const std::size_t at = argument.rfind('@'); argument.find("://") < at && at != std::string_view::npos) {
    hosts = argument.substr(at + 1, argument.find_first_of("/?", at) - at - 1);
  }
  for (const std::string_view name : {"host=", "hostaddr="}) {
    for (std::size_t at = argument.find(name); at != std::string_view::npos; at = argument.find(name, at + 1)) {
      const bool is_keyword = at == 0 || std::string_view(" ?&").find(argument[at - 1]) != std::string_view::npos;
      if (is_keyword) hosts.append("\n").append(value_at(argument, at + name.size()));
    }
  }
  return hosts.find(secret) != std::string::npos;
}

}  // namespace

void redactor::learn(const std::string& argument) {
  if (!looks_like_connection(argument)) return;
  remember(argument);
  const auto remember_password = [&](std::string_view password) {
    // The library blots it out of libpq's words. Blotted out of ours, it would take the host's name with it.
    if (!names_as_host(argument, password)) remember(std::string(password));
  };
  remember_password(after_user_name(argument));
  for (std::size_t at = find_password_value(argument, 0); at != std::string_view::npos;
       at = find_password_value(argument, at)) {
    remember_password(value_at(argument, at));
  }
}

void redactor::remember(const std::string& secret) {
  if (secret.size() < shortest_secret) return;
  secrets_.push_back(secret);
  std::sort(secrets_.begin(), secrets_.end(),
            [](const std::string& a, const std::string& b) { return a.size() > b.size(); });
}

std::string redactor::clean(std::string line) const {
  for (const std::string& secret : secrets_) {
    for (std::size_t at = line.find(secret); at != std::string::npos; at = line.find(secret, at + 3)) {
      line.replace(at, secret.size(), "***");
    }
  }
  return line;
}

void hide_from_process_list(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    if (looks_like_connection(argv[i])) std::memset(argv[i], '*', std::strlen(argv[i]));
  }
}

}  // namespace atto::cli
