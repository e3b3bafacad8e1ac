#pragma once

#include "postgres/exchange.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace atto::postgres {

/// A guarded write: the write in one round; when it found no row, a second round reads why.
template <class T>
class guarded_exchange : public exchange_of<T> {
 public:
  [[nodiscard]] session_key session() const noexcept final { return {sql_->sessions(), id_}; }
  [[nodiscard]] bool writes() const noexcept final { return true; }
  [[nodiscard]] round_kind kind() const noexcept final { return written_ ? round_kind::read : round_kind::write; }
  [[nodiscard]] std::size_t bytes() const noexcept final { return written_ ? 0 : bytes_; }
  [[nodiscard]] std::vector<statement> next() final { return written_ ? sql_->inspect(id_) : write(); }
  [[nodiscard]] bool on_replies(std::vector<reply> replies) final;
  [[nodiscard]] bool in_doubt() const noexcept final { return !written_; }

 protected:
  /// `bytes`: of the documents it writes.
  guarded_exchange(std::shared_ptr<const statements> sql, std::string id, std::size_t bytes)
      : sql_(std::move(sql)), id_(std::move(id)), bytes_(bytes) {}

  /// What is stored now: version and bytes of the history; none when the session is absent.
  struct stored {
    std::int64_t version = 0;
    std::int64_t bytes = 0;
  };

  [[nodiscard]] const statements& sql() const noexcept { return *sql_; }
  [[nodiscard]] const std::shared_ptr<const statements>& shared_sql() const noexcept { return sql_; }
  [[nodiscard]] const std::string& id() const noexcept { return id_; }

 private:
  [[nodiscard]] virtual std::vector<statement> write() = 0;
  /// The answer to the write's own statement. Nothing asks for the second round.
  [[nodiscard]] virtual std::optional<outcome<T>> on_written(const reply& r) = 0;
  [[nodiscard]] virtual outcome<T> on_refused(const std::optional<stored>& now) = 0;

  std::shared_ptr<const statements> sql_;
  std::string id_;
  std::size_t bytes_;
  bool written_ = false;  // the write's round is over
};

class save_exchange final : public guarded_exchange<std::int64_t> {
 public:
  save_exchange(std::shared_ptr<const statements> sql, save_request r, std::string write_id);
  [[nodiscard]] std::unique_ptr<exchange> errand() override;

 private:
  [[nodiscard]] std::vector<statement> write() override;
  [[nodiscard]] std::optional<outcome<std::int64_t>> on_written(const reply& r) override;
  [[nodiscard]] outcome<std::int64_t> on_refused(const std::optional<stored>& now) override;

  save_request request_;
  std::string write_id_;
  bool left_turns_ = false;  // it replaced turns in the tail, which are dead now
};

/// Deletes the turns that a whole save has replaced. They are dead without it as well: it only frees their space.
class sweep_exchange final : public exchange {
 public:
  sweep_exchange(std::shared_ptr<const statements> sql, std::string id) : sql_(std::move(sql)), id_(std::move(id)) {}

  [[nodiscard]] session_key session() const noexcept override { return {sql_->sessions(), id_}; }
  [[nodiscard]] bool writes() const noexcept override { return true; }
  [[nodiscard]] round_kind kind() const noexcept override { return round_kind::write; }
  [[nodiscard]] std::vector<statement> next() override { return sql_->sweep(id_); }
  [[nodiscard]] bool on_replies(std::vector<reply>) override { return true; }
  [[nodiscard]] bool in_doubt() const noexcept override { return true; }

 private:
  std::shared_ptr<const statements> sql_;
  std::string id_;
};

class append_exchange final : public guarded_exchange<std::int64_t> {
 public:
  append_exchange(std::shared_ptr<const statements> sql, append_request r, std::string write_id,
                  std::size_t max_session_bytes);

 private:
  [[nodiscard]] std::vector<statement> write() override;
  [[nodiscard]] std::optional<outcome<std::int64_t>> on_written(const reply& r) override;
  [[nodiscard]] outcome<std::int64_t> on_refused(const std::optional<stored>& now) override;

  append_request request_;
  std::string write_id_;
  std::size_t max_session_bytes_;
};

class remove_exchange final : public guarded_exchange<bool> {
 public:
  remove_exchange(std::shared_ptr<const statements> sql, remove_request r);

 private:
  [[nodiscard]] std::vector<statement> write() override;
  [[nodiscard]] std::optional<outcome<bool>> on_written(const reply& r) override;
  [[nodiscard]] outcome<bool> on_refused(const std::optional<stored>& now) override;

  remove_request request_;
};

}  // namespace atto::postgres
