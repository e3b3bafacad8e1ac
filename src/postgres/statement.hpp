#pragma once

#include <atto/history.hpp>
#include <atto/message_id.hpp>
#include <atto/state.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// SQL and its parameters. Pure.
namespace atto::postgres {

/// A parameter in binary format, with its type's oid.
struct parameter {
  enum class type : unsigned { int8 = 20, text = 25, uuid = 2950, jsonb = 3802 };
  parameter(type t, std::string b) : oid(t), bytes(std::move(b)) {}

  type oid;
  std::string bytes;
};

/// Values as parameters.
namespace binary {

[[nodiscard]] parameter text(std::string_view value);
[[nodiscard]] parameter int8(std::int64_t value);
[[nodiscard]] parameter int8(std::size_t value);
[[nodiscard]] parameter int8(std::chrono::milliseconds value);
/// `bytes`: 16 of them.
[[nodiscard]] parameter uuid(std::string bytes);
[[nodiscard]] parameter uuid(const message_id& message);
[[nodiscard]] parameter jsonb(const state& s);
[[nodiscard]] parameter jsonb(const history& events);

}  // namespace binary

/// SQL with its hash: each time it is sent a connection looks it up among what it has prepared.
struct sql_text {
  sql_text() = default;
  explicit sql_text(std::string t) : text(std::move(t)), hash(std::hash<std::string>()(text)) {}

  std::string text;
  std::size_t hash = 0;
};

struct statement {
  explicit statement(const sql_text& text) : sql(&text) {}

  const sql_text* sql;  // must live until the statement was sent
  std::vector<parameter> parameters;
};

/// The statements of one round. (A braced list would copy them.)
template <class... Statement>
[[nodiscard]] std::vector<statement> round_of(Statement... s) {
  std::vector<statement> all;
  all.reserve(sizeof...(s));
  (all.push_back(std::move(s)), ...);
  return all;
}

/// What `{name}` stands for in the SQL of one store: a relation, qualified and quoted, or a literal.
using sql_names = std::vector<std::pair<std::string_view, std::string>>;

/// The text that is sent to the server. `{name}` becomes what `names` has for it. `$name` becomes the number of that
/// parameter: 1 for the first of `parameters`, and so on. Literals in single quotes stay as they are; outside of them,
/// any run of white space becomes one blank.
/// Throws std::logic_error when a name is unknown, or a parameter does not occur.
[[nodiscard]] std::string compose_sql(std::string_view sql, const sql_names& names,
                                      std::span<const std::string_view> parameters);

/// One parameter of a statement: its name in the SQL, and how its value is taken from a Source.
template <class Source>
struct binding {
  std::string_view name;  // of static lifetime
  parameter (*value)(const Source& s);
};

/// In the order of the parameters.
template <class Source>
using bindings = std::vector<binding<Source>>;

template <class Source>
[[nodiscard]] bindings<Source> operator+(bindings<Source> some, const bindings<Source>& more) {
  some.insert(some.end(), more.begin(), more.end());
  return some;
}

/// A statement without its values: the SQL, written with names, beside what binds them. Built once per store.
/// Immutable, so any thread may use it.
template <class Source>
class statement_template {
 public:
  /// Throws std::logic_error, as compose_sql does.
  statement_template(const sql_names& names, std::string_view sql, bindings<Source> b = {}) : bindings_(std::move(b)) {
    std::vector<std::string_view> parameters;
    for (const binding<Source>& each : bindings_) parameters.push_back(each.name);
    sql_ = sql_text(compose_sql(sql, names, parameters));
  }

  /// The statement with the values of `s`. It points into this template.
  [[nodiscard]] statement bind(const Source& s) const {
    statement bound(sql_);
    bound.parameters.reserve(bindings_.size());
    for (const binding<Source>& each : bindings_) bound.parameters.push_back(each.value(s));
    return bound;
  }

 private:
  sql_text sql_;
  bindings<Source> bindings_;
};

}  // namespace atto::postgres
