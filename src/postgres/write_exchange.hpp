#pragma once

#include <atto/store_requests.hpp>

#include "contract/write_fate.hpp"
#include "postgres/exchange.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace atto::postgres {

/// A guarded write: the write in one round; when it found no row, a second round reads why.
///
/// When a round of it is lost, nobody knows whether it was done, or will be: a server goes on with what a dead client
/// has sent. Reading proves nothing. So the same write, with the same write id, is sent again: whichever comes second
/// finds its guard broken. Then what is stored tells of the first (write_fate).
template <class T>
class guarded_exchange : public exchange_of<T> {
 public:
  [[nodiscard]] session_key session() const noexcept final { return {sql_->sessions(), id_}; }
  [[nodiscard]] bool writes() const noexcept final { return true; }
  [[nodiscard]] round_kind kind() const noexcept final { return written_ ? round_kind::read : round_kind::write; }
  [[nodiscard]] std::size_t bytes() const noexcept final { return written_ ? 0 : bytes_; }
  [[nodiscard]] std::vector<statement> next() final;
  [[nodiscard]] bool on_replies(std::vector<reply> replies) final;
  [[nodiscard]] bool in_doubt() const noexcept final { return lost_ || !written_; }
  [[nodiscard]] bool on_lost() final;

 protected:
  /// `bytes`: of the documents it writes.
  guarded_exchange(std::shared_ptr<const statements> sql, std::string id, std::size_t bytes)
      : sql_(std::move(sql)), id_(std::move(id)), bytes_(bytes) {}

  /// What is stored now: version, bytes of the history, and epoch of the claim. None when there is no row; in one of
  /// version 0 the session is absent and claimed.
  struct stored {
    std::int64_t version = 0;
    std::int64_t bytes = 0;
    std::int64_t epoch = 0;
  };

  /// Begins as after a write that found no row: with a look at what is stored.
  /// Whoever writes between the look and the write makes it look again, so that may come often.
  void look_first() noexcept {
    written_ = true;
    most_ = 10'000;
  }

  [[nodiscard]] const statements& sql() const noexcept { return *sql_; }
  [[nodiscard]] const std::shared_ptr<const statements>& shared_sql() const noexcept { return sql_; }
  [[nodiscard]] const std::string& id() const noexcept { return id_; }

 private:
  [[nodiscard]] virtual std::vector<statement> write() = 0;
  /// The answer to the write's own statement. Nothing asks for the second round.
  [[nodiscard]] virtual std::optional<outcome<T>> on_written(const reply& r) = 0;
  /// What the guard says of the row as it is now. Nothing: it holds by now, for another client wrote in between.
  [[nodiscard]] virtual std::optional<outcome<T>> on_refused(const std::optional<stored>& now) = 0;
  /// The version that the write makes, by which its fate can be told. None: it cannot, so it is not sent again.
  [[nodiscard]] virtual std::optional<std::int64_t> traced_version() const noexcept = 0;
  [[nodiscard]] virtual write_fate::fate fate_of(const write_fate::trace& t) const = 0;

  /// What it yields when it was written.
  [[nodiscard]] virtual outcome<T> done() const = 0;

  [[nodiscard]] bool on_sent_again(const std::vector<reply>& replies);
  /// Ends with what the guard says of the row as it is now (version, bytes and epoch of it), or sends the write once
  /// more.
  [[nodiscard]] bool refuse(const reply& session);
  [[nodiscard]] bool send_once_more();
  [[nodiscard]] static outcome<std::optional<stored>> read_stored(const reply& session);

  std::shared_ptr<const statements> sql_;
  std::string id_;
  std::size_t bytes_;
  bool written_ = false;  // the write's round is over, or has to wait for a look
  bool lost_ = false;     // an earlier try was lost, and may have been done
  int sent_once_more_ = 0;
  int most_ = 10;  // times: more than others can be faster
};

class save_exchange final : public guarded_exchange<std::int64_t> {
 public:
  save_exchange(std::shared_ptr<const statements> sql, save_request r, std::string write_id);
  [[nodiscard]] std::unique_ptr<exchange> errand() override;

 private:
  [[nodiscard]] std::vector<statement> write() override;
  [[nodiscard]] std::optional<outcome<std::int64_t>> on_written(const reply& r) override;
  [[nodiscard]] std::optional<outcome<std::int64_t>> on_refused(const std::optional<stored>& now) override;
  [[nodiscard]] std::optional<std::int64_t> traced_version() const noexcept override { return request_.snap.version; }
  [[nodiscard]] write_fate::fate fate_of(const write_fate::trace& t) const override {
    const auto guarded = request_.guard == guard::exact ? request_.base + 1 : request_.snap.version;
    const auto fence = write_fate::fence(t, request_.epoch, guarded);
    return write_fate::of_save(t, request_.snap.version, fence, write_id_);
  }
  [[nodiscard]] outcome<std::int64_t> done() const override;

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
  [[nodiscard]] bool on_lost() override { return false; }

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
  [[nodiscard]] std::optional<outcome<std::int64_t>> on_refused(const std::optional<stored>& now) override;
  [[nodiscard]] std::optional<std::int64_t> traced_version() const noexcept override { return request_.base + 1; }
  [[nodiscard]] write_fate::fate fate_of(const write_fate::trace& t) const override {
    const auto fence = write_fate::fence(t, request_.epoch, request_.base + 1);
    return write_fate::of_append(t, request_.base, fence, write_id_);
  }
  [[nodiscard]] outcome<std::int64_t> done() const override;

  append_request request_;
  std::string write_id_;
  std::size_t max_session_bytes_;
};

/// A remove leaves no trace, and a second one might take what another client has begun in between: it is not sent
/// again. Nor may its first copy, if the server comes to it later, take what was written meanwhile: without a base it
/// first looks which version there is, and removes that.
class remove_exchange final : public guarded_exchange<bool> {
 public:
  remove_exchange(std::shared_ptr<const statements> sql, remove_request r);

 private:
  [[nodiscard]] std::vector<statement> write() override;
  [[nodiscard]] std::optional<outcome<bool>> on_written(const reply& r) override;
  [[nodiscard]] std::optional<outcome<bool>> on_refused(const std::optional<stored>& now) override;
  [[nodiscard]] std::optional<std::int64_t> traced_version() const noexcept override { return std::nullopt; }
  [[nodiscard]] write_fate::fate fate_of(const write_fate::trace&) const override { return write_fate::fate::unknown; }
  [[nodiscard]] outcome<bool> done() const override { return true; }

  remove_request request_;
  std::int64_t version_;  // the one that it removes
};

}  // namespace atto::postgres
