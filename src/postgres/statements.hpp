#pragma once

#include <atto/store_requests.hpp>

#include "postgres/table_name.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace atto::postgres {

/// A parameter in binary format, with its type's oid.
struct parameter {
  enum class type : unsigned { int8 = 20, text = 25, uuid = 2950, jsonb = 3802 };
  parameter(type t, std::string b) : oid(t), bytes(std::move(b)) {}

  type oid;
  std::string bytes;
};

/// SQL with its hash: each time it is sent a connection looks it up among what it has prepared.
struct sql_text {
  sql_text() = default;
  explicit sql_text(std::string t) : text(std::move(t)), hash(std::hash<std::string>()(text)) {}
  sql_text& operator=(std::string t) { return *this = sql_text(std::move(t)); }

  std::string text;
  std::size_t hash = 0;
};

struct statement {
  explicit statement(const sql_text& text) : sql(&text) {}

  const sql_text* sql;  // owned by `statements`, which the operation keeps
  std::vector<parameter> parameters;
};

/// The SQL of one store: requests to statements. Built once per store; every name in it is qualified and quoted, and
/// every value travels as a parameter. Immutable, so it may be used from any thread. Pure.
///
/// Statements of one vector go before one sync: one implicit transaction.
class statements {
 public:
  explicit statements(table_name name);

  [[nodiscard]] const table_name& name() const noexcept { return name_; }
  /// The table of sessions, qualified and quoted.
  [[nodiscard]] const std::string& sessions() const noexcept { return sessions_; }

  [[nodiscard]] std::vector<statement> load(const load_request& r) const;
  [[nodiscard]] std::vector<statement> save(const save_request& r, const std::string& write_id) const;
  [[nodiscard]] std::vector<statement> append(const append_request& r, const std::string& write_id,
                                              std::size_t max_session_bytes) const;
  [[nodiscard]] std::vector<statement> remove(const remove_request& r, std::int64_t version) const;
  [[nodiscard]] std::vector<statement> list(const list_request& r) const;
  /// Deletes the turns that a whole save of the session has replaced, but for those with a message id.
  [[nodiscard]] std::vector<statement> sweep(std::string_view id) const;
  /// Claims the session, when that is allowed, and loads it, when it was claimed: epoch; and as load.
  [[nodiscard]] std::vector<statement> claim(const claim_request& r) const;
  /// The address of the other owner who holds a claim of the session, if one does.
  [[nodiscard]] std::vector<statement> holder(const claim_request& r) const;
  [[nodiscard]] std::vector<statement> renew(const renew_request& r) const;
  [[nodiscard]] std::vector<statement> release(const release_request& r) const;
  /// version and events of the turns with a message id, in any order.
  [[nodiscard]] std::vector<statement> find_turn(const find_turn_request& r) const;
  /// Deletes the rows of dead claims of absent sessions.
  [[nodiscard]] std::vector<statement> sweep_claims() const;
  /// version, bytes and epoch of one session: why a guarded write found no row.
  [[nodiscard]] std::vector<statement> inspect(std::string_view id) const;
  /// What is left of a write that was lost: version, bytes, epoch, history_version and write_id of the session, once
  /// nobody else writes it; and the write id of the turn that made `version`.
  [[nodiscard]] std::vector<statement> trace(std::string_view id, std::int64_t version) const;

  /// What exists under our names: name, kind and comment of each, the server's encoding, and the columns of each, one a
  /// line, as schema_columns writes them.
  [[nodiscard]] std::vector<statement> look() const;

  /// SQL for DDL, one statement each.
  [[nodiscard]] const sql_text& lock() const noexcept { return lock_; }
  [[nodiscard]] const sql_text& create_sessions() const noexcept { return create_sessions_; }
  [[nodiscard]] const sql_text& stamp_sessions() const noexcept { return stamp_sessions_; }
  [[nodiscard]] const sql_text& create_tail() const noexcept { return create_tail_; }
  [[nodiscard]] const sql_text& stamp_tail() const noexcept { return stamp_tail_; }
  [[nodiscard]] const sql_text& create_view() const noexcept { return create_view_; }
  [[nodiscard]] const sql_text& create_tail_index() const noexcept { return create_tail_index_; }
  [[nodiscard]] const sql_text& stamp_view() const noexcept { return stamp_view_; }
  /// What brings a relation of schema 1 up to date. Safe to repeat.
  [[nodiscard]] const sql_text& upgrade_sessions() const noexcept { return upgrade_sessions_; }
  [[nodiscard]] const sql_text& upgrade_tail() const noexcept { return upgrade_tail_; }
  [[nodiscard]] const sql_text& upgrade_view() const noexcept { return upgrade_view_; }

 private:
  /// A write, and the same for a turn with a message id, whose row in the tail is kept.
  struct variants {
    sql_text plain, kept;
    [[nodiscard]] const sql_text& of(const std::optional<message_id>& m) const noexcept { return m ? kept : plain; }
  };
  [[nodiscard]] variants whole(const std::string& write, int events, int message) const;
  [[nodiscard]] variants turn_on(std::string_view set, std::string_view guard, int message) const;
  void build_loads();
  void build_reads();
  void build_writes();
  void build_claimed_writes();
  void build_claims();
  void build_ddl();

  table_name name_;
  std::string sessions_;  // qualified and quoted
  std::string tail_;
  std::string view_;

  sql_text load_all_, load_last_, claimed_all_, claimed_last_, list_, list_from_, list_range_, inspect_, trace_,
      trace_turn_, look_;
  variants save_newer_, save_first_, save_exact_, append_, append_first_;
  variants save_newer_claimed_, save_exact_claimed_, append_claimed_, append_first_claimed_;
  sql_text sweep_, find_turn_;
  sql_text remove_, remove_claimed_, remove_tail_;
  sql_text claim_, holder_, renew_, release_, sweep_claims_;
  sql_text lock_, create_sessions_, stamp_sessions_, create_tail_, stamp_tail_, create_tail_index_, create_view_;
  sql_text stamp_view_, upgrade_sessions_, upgrade_tail_, upgrade_view_;
};

}  // namespace atto::postgres
