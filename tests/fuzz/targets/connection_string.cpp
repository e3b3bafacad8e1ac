#include <atto/failure.hpp>

#include "fuzz/byte_source.hpp"
#include "fuzz/targets.hpp"

#include "postgres/dsn.hpp"
#include "postgres/store_context.hpp"
#include "postgres/table_name.hpp"

#include <fmt/format.h>

#include <optional>
#include <string>

namespace atto::fuzz {

namespace {

using postgres::dsn;
using postgres::table_name;

constexpr std::string_view canary = "cAnArY-7f3a";

bool leaks(std::string_view text) {
  return text.find(canary) != text.npos;
}

void check_refusal(const error_with_diagnostics& e) {
  require(e.code() == errc::invalid_argument, "refused with an undocumented error");
  require(!leaks(e.what()) && !leaks(e.get_diagnostics().message()), "a refusal quotes its argument");
  require(!e.get_diagnostics().message().empty(), "a refusal without words");
}

std::optional<dsn> parse(const std::string& text) {
  try {
    return dsn(text);
  } catch (const error_with_diagnostics& e) {
    check_refusal(e);
    return std::nullopt;
  }
}

void check_parsed(const dsn& parsed) {
  require(!parsed.hosts().empty(), "a connection string without a host");
  require(!parsed.describe_hosts().empty(), "hosts without words");
  static_cast<void>(parsed.is_verified());
  for (const auto& [keyword, value] : parsed.parameters()) {
    require(keyword != "host" && keyword != "hostaddr" && keyword != "port", "a host among the parameters");
  }
}

std::string password_of(const dsn& parsed) {
  for (const auto& [keyword, value] : parsed.parameters()) {
    if (keyword == "password") return value;
  }
  return {};
}

std::string percent_encoded(std::string_view text) {
  std::string out;
  for (const char c : text) out += fmt::format("%{:02x}", static_cast<unsigned char>(c));
  return out;
}

std::string in_quotes(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out += '\'';
}

/// A password that is written as it should be, whatever bytes it has, beside whatever else.
void check_password(byte_source& in) {
  const bool uri = in.flip();
  std::string password = in.text();
  std::erase(password, '\0');
  password.insert(password.size() / 2, canary);
  const std::string rest(in.rest());
  if (leaks(rest)) return;  // the canary stands somewhere else as well
  const auto parsed = parse(uri ? fmt::format("postgresql://u:{}@{}", percent_encoded(password), rest)
                                : fmt::format("password={} {}", in_quotes(password), rest));
  if (!parsed) return;
  check_parsed(*parsed);
  if (password_of(*parsed) != password) return;  // the rest names another one
  require(!leaks(parsed->describe_hosts()), "the hosts' description holds the password");
  require(!leaks(parsed->redact("failed for " + password + " and " + password)), "redact leaves the password");
}

/// A password with characters that should have been percent-encoded: nothing of it may be taken for a host.
void check_raw_password(byte_source& in) {
  std::string before = in.text(), after = in.text();
  std::erase(before, '?');
  const auto parsed = parse(fmt::format("postgresql://u:{}{}{}@db.example/app", before, canary, after));
  if (!parsed) return;
  check_parsed(*parsed);
  require(!leaks(parsed->describe_hosts()), "the hosts' description holds a part of the password");
}

/// The name that the server reads in quoted text.
std::string unquoted(std::string_view text) {
  require(text.size() >= 2 && text.front() == '"' && text.back() == '"', "a name without quotes");
  text = text.substr(1, text.size() - 2);
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"') require(++i < text.size() && text[i] == '"', "a name that ends too early");
    out += text[i];
  }
  return out;
}

void check_table(std::string_view text) {
  try {
    const table_name name(text);
    require(name.table().size() <= 53 && name.schema().size() <= 63, "a name that the server cuts");
    const std::string both = name.qualified(name.tail());
    const std::string schema = table_name::quoted(name.schema());
    require(both.starts_with(schema + "."), "a schema that is quoted in two ways");
    require(unquoted(schema) == name.schema(), "a schema that reads as another");
    require(unquoted(both.substr(schema.size() + 1)) == name.tail(), "a table that reads as another");
    static_cast<void>(postgres::store_context(name));
  } catch (const error_with_diagnostics& e) {
    check_refusal(e);
  }
}

void check_text(std::string_view text) {
  if (const auto parsed = parse(std::string(text))) {
    check_parsed(*parsed);
    static_cast<void>(parsed->redact(std::string(text)));
  }
}

}  // namespace

/// Connection strings and table names: no crash, no undocumented error, and no password in what is shown.
void connection_string(std::string_view input) {
  byte_source in(input);
  switch (in.byte()) {
    case 'p':
      return check_password(in);
    case 'r':
      return check_raw_password(in);
    case 't':
      return check_table(in.rest());
    case 'c':
      return check_table(std::string(canary) + std::string(in.rest()));
    default:
      return check_text(input);
  }
}

}  // namespace atto::fuzz
