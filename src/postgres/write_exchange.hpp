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
/// When a round of it is lost, no one knows whether it was done, or will be: a server goes on with what a dead client
/// has sent. Reading proves nothing. So the same write, with the same write id, is sent again: the copy that comes
/// second finds its guard broken. Then what is stored shows what became of the first (write_fate).
template <class T>
class guarded_exchange : public exchange_of<T> {
 public:
  [[nodiscard]] session_key session() const noexcept final { return {this->store().sessions, id_}; }
  [[nodiscard]] bool writes() const noexcept final { return true; }

 protected:
  using ending = std::optional<result<T>>;

  /// `bytes`: of the documents it writes.
  guarded_exchange(store_context_ptr store, std::string id, std::size_t bytes)
      : exchange_of<T>(std::move(store)), id_(std::move(id)), bytes_(bytes) {}

  /// What is stored now: version, bytes of the history, and epoch of the claim. None when there is no row; in one of
  /// version 0 the session is absent and claimed.
  struct stored {
    std::int64_t version = 0;
    std::int64_t bytes = 0;
    std::int64_t epoch = 0;
  };

  /// Begins as after a write that found no row: with reading what is stored.
  /// Another client that writes between the two rounds makes it read again, so that may come often.
  void inspect_first() noexcept {
    inspecting_ = true;
    most_ = 10'000;
  }

  [[nodiscard]] const std::string& id() const noexcept { return id_; }

 private:
  [[nodiscard]] round_kind do_kind() const noexcept final { return inspecting_ ? round_kind::read : round_kind::write; }
  [[nodiscard]] std::size_t do_bytes() const noexcept final { return inspecting_ ? 0 : bytes_; }
  [[nodiscard]] std::vector<statement> do_next() final;
  [[nodiscard]] bool do_on_replies(std::vector<reply> replies) final;
  [[nodiscard]] bool do_in_doubt() const noexcept final { return lost_ || !inspecting_; }
  [[nodiscard]] bool do_on_lost() final;

  [[nodiscard]] virtual std::vector<statement> write() = 0;
  /// The reply to the write's own statement. Nothing asks for the second round.
  [[nodiscard]] virtual ending on_written(const reply& r) = 0;
  /// What the guard says of the row as it is now. Nothing: it holds by now, for another client wrote in between.
  [[nodiscard]] virtual ending on_refused(const std::optional<stored>& now) = 0;
  /// The version that the write makes, which leads to its trace. None: it leaves none, so it is not sent again.
  [[nodiscard]] virtual std::optional<std::int64_t> traced_version() const noexcept = 0;
  [[nodiscard]] virtual write_fate::fate fate_of(const write_fate::trace& t) const = 0;

  /// What it yields when it was written.
  [[nodiscard]] virtual result<T> done() const = 0;

  [[nodiscard]] bool on_sent_again(const std::vector<reply>& replies);
  /// Ends with what the guard says of the row as it is now (version, bytes and epoch of it), or sends the write once
  /// more.
  [[nodiscard]] bool refuse(const reply& session);
  [[nodiscard]] bool send_once_more();
  [[nodiscard]] static result<std::optional<stored>> read_stored(const reply& session);

  std::string id_;
  std::size_t bytes_;
  bool inspecting_ = false;  // the next round, or the one in flight, reads what is stored; otherwise it writes
  bool lost_ = false;        // an earlier try was lost, and may have been done
  int sent_once_more_ = 0;
  int most_ = 10;  // times: more than others can be faster
};

class save_exchange final : public guarded_exchange<std::int64_t> {
 public:
  save_exchange(store_context_ptr store, save_request r, std::string write_id);
  [[nodiscard]] std::unique_ptr<exchange> errand() override;

 private:
  [[nodiscard]] std::vector<statement> write() override { return store().write.save.bind(request_, write_id_); }
  [[nodiscard]] ending on_written(const reply& r) override;
  [[nodiscard]] ending on_refused(const std::optional<stored>& now) override;
  [[nodiscard]] std::optional<std::int64_t> traced_version() const noexcept override { return request_.snap.version; }
  [[nodiscard]] write_fate::fate fate_of(const write_fate::trace& t) const override;
  [[nodiscard]] result<std::int64_t> done() const override { return request_.snap.version; }

  save_request request_;
  std::string write_id_;
  bool left_turns_ = false;  // it replaced turns in the tail, which are dead now
};

/// The errand of a save: deletes the turns that it has replaced. They are dead without it as well: it only frees their
/// space. (It is not async_sweep, which is sweep_claims_exchange.)
class delete_replaced_turns_exchange final : public exchange {
 public:
  delete_replaced_turns_exchange(store_context_ptr store, std::string id)
      : store_(std::move(store)), id_(std::move(id)) {}

  [[nodiscard]] session_key session() const noexcept override { return {store_->sessions, id_}; }
  [[nodiscard]] bool writes() const noexcept override { return true; }
  [[nodiscard]] round_kind kind() const noexcept override { return round_kind::write; }
  [[nodiscard]] std::vector<statement> next() override { return store_->write.delete_replaced_turns(id_); }
  [[nodiscard]] bool on_replies(std::vector<reply>) override { return true; }
  [[nodiscard]] bool in_doubt() const noexcept override { return true; }
  [[nodiscard]] bool on_lost() override { return false; }

 private:
  store_context_ptr store_;
  std::string id_;
};

class append_exchange final : public guarded_exchange<std::int64_t> {
 public:
  append_exchange(store_context_ptr store, append_request r, std::string write_id);

 private:
  [[nodiscard]] std::vector<statement> write() override;
  [[nodiscard]] ending on_written(const reply& r) override;
  [[nodiscard]] ending on_refused(const std::optional<stored>& now) override;
  [[nodiscard]] std::optional<std::int64_t> traced_version() const noexcept override { return request_.base + 1; }
  [[nodiscard]] write_fate::fate fate_of(const write_fate::trace& t) const override;
  [[nodiscard]] result<std::int64_t> done() const override { return request_.base + 1; }

  append_request request_;
  std::string write_id_;
};

/// A remove leaves no trace, and a second one might take what another client has begun in between: it is not sent
/// again. Nor may its first copy, if the server comes to it later, take what was written meanwhile: without a base it
/// first reads which version there is, and removes that.
class remove_exchange final : public guarded_exchange<bool> {
 public:
  remove_exchange(store_context_ptr store, remove_request r);

 private:
  [[nodiscard]] std::vector<statement> write() override { return store().write.remove.bind(request_, version_); }
  [[nodiscard]] ending on_written(const reply& r) override;
  [[nodiscard]] ending on_refused(const std::optional<stored>& now) override;
  [[nodiscard]] std::optional<std::int64_t> traced_version() const noexcept override { return std::nullopt; }
  [[nodiscard]] write_fate::fate fate_of(const write_fate::trace&) const override { return write_fate::fate::unknown; }
  [[nodiscard]] result<bool> done() const override { return true; }

  remove_request request_;
  std::int64_t version_;  // the one that it removes
};

}  // namespace atto::postgres
