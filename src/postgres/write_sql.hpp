#pragma once

#include <atto/store_requests.hpp>

#include "postgres/statement.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The SQL of what writes sessions. Immutable; any thread. Pure. A statement points into the class that bound it.
namespace atto::postgres {

/// A write, and the same for a turn with a message id, whose row in the tail is kept.
template <class Source>
struct write_template {
  statement_template<Source> plain;
  statement_template<Source> kept;

  [[nodiscard]] statement bind(const std::optional<message_id>& m, const Source& s) const {
    return (m ? kept : plain).bind(s);
  }
};

class save_sql {
 public:
  explicit save_sql(const sql_names& names);
  [[nodiscard]] std::vector<statement> bind(const save_request& r, const std::string& write_id) const;

  struct values {
    const save_request& request;
    const std::string& write_id;
  };

 private:
  [[nodiscard]] const write_template<values>& choose(const save_request& r) const noexcept;

  write_template<values> newer_;
  write_template<values> first_;  // exact, of an absent session
  write_template<values> exact_;
  write_template<values> newer_claimed_;
  write_template<values> exact_claimed_;
};

class append_sql {
 public:
  explicit append_sql(const sql_names& names);
  [[nodiscard]] std::vector<statement> bind(const append_request& r, const std::string& write_id,
                                            std::size_t max_session_bytes) const;

  struct values {
    const append_request& request;
    const std::string& write_id;
    std::size_t max_session_bytes;
  };

 private:
  write_template<values> first_;  // of an absent session
  write_template<values> first_claimed_;
  write_template<values> next_;
  write_template<values> next_claimed_;
};

class remove_sql {
 public:
  explicit remove_sql(const sql_names& names);
  /// Always of one version: a copy that a dead client has sent and the server runs later takes nothing newer.
  [[nodiscard]] std::vector<statement> bind(const remove_request& r, std::int64_t version) const;

  struct values {
    const remove_request& request;
    std::int64_t version;
  };

 private:
  statement_template<values> session_;
  statement_template<values> session_claimed_;
  statement_template<values> tail_;
};

/// The SQL of the writes of one store, and of what they ask afterwards.
class write_sql {
 public:
  explicit write_sql(const sql_names& names);

  save_sql save;
  append_sql append;
  remove_sql remove;

  /// Deletes the turns that a whole save of the session has replaced, but not those with a message id.
  [[nodiscard]] std::vector<statement> delete_replaced_turns(std::string_view id) const;
  /// version, bytes and epoch of one session: why a guarded write found no row.
  [[nodiscard]] std::vector<statement> inspect(std::string_view id) const;
  /// What is left of a write that was lost. First version, bytes, epoch, history_version and write_id of the session,
  /// once no one else writes it; then the write id of the turn that made `version`.
  [[nodiscard]] std::vector<statement> trace(std::string_view id, std::int64_t version) const;

 private:
  struct traced {
    std::string_view id;
    std::int64_t version;
  };

  statement_template<std::string_view> delete_replaced_turns_;
  statement_template<std::string_view> inspect_;
  statement_template<traced> trace_session_;
  statement_template<traced> trace_turn_;
};

}  // namespace atto::postgres
