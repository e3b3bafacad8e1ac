#include "postgres/statement.hpp"

#include "json/stored_form.hpp"
#include "postgres/reply.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <stdexcept>

namespace atto::postgres {

namespace binary {

namespace {

/// The binary format of jsonb is a version byte, then the text.
constexpr std::string_view jsonb_version = "\x01";

}  // namespace

parameter text(std::string_view value) {
  return {parameter::type::text, std::string(value)};
}

parameter int8(std::int64_t value) {
  return {parameter::type::int8, write_int8(value)};
}

parameter int8(std::size_t value) {
  return int8(static_cast<std::int64_t>(value));
}

parameter int8(std::chrono::milliseconds value) {
  return int8(std::int64_t{value.count()});
}

parameter uuid(std::string bytes) {
  return {parameter::type::uuid, std::move(bytes)};
}

parameter uuid(const message_id& message) {
  return uuid(std::string(message.bytes().begin(), message.bytes().end()));
}

parameter jsonb(const state& s) {
  return {parameter::type::jsonb, stored_form::encode(s, stored_form::dialect::jsonb, jsonb_version)};
}

parameter jsonb(const history& events) {
  return {parameter::type::jsonb, stored_form::encode(events, stored_form::dialect::jsonb, jsonb_version)};
}

}  // namespace binary

namespace {

constexpr std::string_view white_space = " \n";
constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyz_";

/// Reads the SQL from left to right and writes what is sent.
class composer {
 public:
  composer(std::string_view sql, const sql_names& names, std::span<const std::string_view> parameters)
      : rest_(sql), names_(names), parameters_(parameters), used_(parameters.size(), false) {}

  std::string compose() {
    skip(white_space);
    while (!rest_.empty()) step();
    while (out_.ends_with(' ')) out_.pop_back();
    const auto unused = std::ranges::find(used_, false);
    if (unused != used_.end()) refuse("a parameter that does not occur", parameters_[index_of(used_, unused)]);
    return std::move(out_);
  }

 private:
  void step() {
    switch (rest_.front()) {
      case '\'':
        return copy_literal();
      case '{':
        return put_name();
      case '$':
        return put_parameter();
      case ' ':
      case '\n':
        skip(white_space);
        out_ += ' ';
        return;
      default:
        out_ += take(1);
    }
  }

  void copy_literal() {
    const auto end = rest_.find('\'', 1);
    if (end == rest_.npos) refuse("a literal without an end", rest_);
    out_ += take(end + 1);
  }

  void put_name() {
    take(1);
    const auto name = take(std::min(rest_.find_first_not_of(letters), rest_.size()));
    const auto found = std::ranges::find(names_, name, &sql_names::value_type::first);
    if (found == names_.end() || !rest_.starts_with('}')) refuse("an unknown name", name);
    take(1);
    out_ += found->second;
  }

  void put_parameter() {
    take(1);
    const auto name = take(std::min(rest_.find_first_not_of(letters), rest_.size()));
    const auto found = std::ranges::find(parameters_, name);
    if (found == parameters_.end()) refuse("an unknown parameter", name);
    const std::size_t index = index_of(parameters_, found);
    used_[index] = true;
    out_ += fmt::format("${}", index + 1);
  }

  [[noreturn]] static void refuse(std::string_view why, std::string_view what) {
    throw std::logic_error(fmt::format("the SQL has {}: {}", why, what));
  }

  template <class Range, class Iterator>
  static std::size_t index_of(const Range& range, Iterator i) {
    return static_cast<std::size_t>(i - range.begin());
  }

  std::string_view take(std::size_t n) {
    const auto taken = rest_.substr(0, n);
    rest_.remove_prefix(n);
    return taken;
  }

  void skip(std::string_view some) { take(std::min(rest_.find_first_not_of(some), rest_.size())); }

  std::string_view rest_;
  const sql_names& names_;
  std::span<const std::string_view> parameters_;
  std::vector<bool> used_;
  std::string out_;
};

}  // namespace

std::string compose_sql(std::string_view sql, const sql_names& names, std::span<const std::string_view> parameters) {
  return composer(sql, names, parameters).compose();
}

}  // namespace atto::postgres
