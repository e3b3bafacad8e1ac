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
  [[nodiscard]] std::vector<statement> next() final { return written_ ? sql_->inspect(id_) : write(); }
  [[nodiscard]] bool on_replies(std::vector<reply> replies) final;
  [[nodiscard]] bool in_doubt() const noexcept final { return !written_; }

 protected:
  guarded_exchange(std::shared_ptr<const statements> sql, std::string id) : sql_(std::move(sql)), id_(std::move(id)) {}

  /// What is stored now: version and bytes of the history; none when the session is absent.
  struct stored {
    std::int64_t version = 0;
    std::int64_t bytes = 0;
  };

  [[nodiscard]] const statements& sql() const noexcept { return *sql_; }
  [[nodiscard]] const std::string& id() const noexcept { return id_; }

 private:
  [[nodiscard]] virtual std::vector<statement> write() = 0;
  /// The write's own statement touched this many rows. Nothing asks for the second round.
  [[nodiscard]] virtual std::optional<outcome<T>> on_written(std::int64_t rows) = 0;
  [[nodiscard]] virtual outcome<T> on_refused(const std::optional<stored>& now) = 0;

  std::shared_ptr<const statements> sql_;
  std::string id_;
  bool written_ = false;  // the write's round is over
};

class save_exchange final : public guarded_exchange<std::int64_t> {
 public:
  save_exchange(std::shared_ptr<const statements> sql, save_request r, std::string write_id);

 private:
  [[nodiscard]] std::vector<statement> write() override;
  [[nodiscard]] std::optional<outcome<std::int64_t>> on_written(std::int64_t rows) override;
  [[nodiscard]] outcome<std::int64_t> on_refused(const std::optional<stored>& now) override;

  save_request request_;
  std::string write_id_;
};

class append_exchange final : public guarded_exchange<std::int64_t> {
 public:
  append_exchange(std::shared_ptr<const statements> sql, append_request r, std::string write_id,
                  std::size_t max_session_bytes);

 private:
  [[nodiscard]] std::vector<statement> write() override;
  [[nodiscard]] std::optional<outcome<std::int64_t>> on_written(std::int64_t rows) override;
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
  [[nodiscard]] std::optional<outcome<bool>> on_written(std::int64_t rows) override;
  [[nodiscard]] outcome<bool> on_refused(const std::optional<stored>& now) override;

  remove_request request_;
};

}  // namespace atto::postgres
