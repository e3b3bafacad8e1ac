#include "postgres/table_name.hpp"

#include "base/utf8.hpp"

#include <fmt/format.h>

namespace atto::postgres {

namespace {

failure refused(std::string_view part, std::string_view reason) {
  return {errc::invalid_argument, fmt::format("the {} name {}; choose another", part, reason)};
}

failure check(std::string_view part, std::string_view name, std::size_t max_bytes) {
  if (name.empty()) return refused(part, "is empty");
  if (name.size() > max_bytes) {
    failure f = refused(part, fmt::format("has {} bytes, {} are allowed", name.size(), max_bytes));
    f.diag.limit(max_bytes, name.size());
    return f;
  }
  if (name.find('\0') != name.npos) return refused(part, "holds U+0000");
  if (name.find('.') != name.npos) return refused(part, "holds a dot (write at most schema.table)");
  if (utf8::first_invalid(name)) return refused(part, "is not UTF-8");
  return {};
}

}  // namespace

table_name::table_name(std::string_view name) {
  const auto dot = name.find('.');
  schema_ = dot == name.npos ? "public" : std::string(name.substr(0, dot));
  table_ = dot == name.npos ? std::string(name) : std::string(name.substr(dot + 1));
  if (failure f = check("schema", schema_, max_identifier_bytes)) f.raise();
  if (failure f = check("table", table_, max_identifier_bytes - longest_suffix.size())) f.raise();
}

std::string table_name::quoted(std::string_view name) {
  std::string out = "\"";
  for (const char c : name) {
    if (c == '"') out += '"';
    out += c;
  }
  return out += '"';
}

std::string table_name::qualified(std::string_view relation) const {
  return quoted(schema_) + '.' + quoted(relation);
}

}  // namespace atto::postgres
