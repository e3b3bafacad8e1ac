#pragma once

#include <atto/snapshot.hpp>
#include <atto/store_requests.hpp>

#include "postgres/exchange.hpp"

#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

namespace atto::postgres {

/// Reads the reply to read_sql::load: nothing when the session is absent.
/// Errors: storage_failure for a row that atto could not have written.
[[nodiscard]] result<std::optional<snapshot>> read_snapshot(const reply& r, std::size_t last);

/// An exchange of one round that only reads: nothing of it is ever in doubt. A lost round is sent again.
template <class T, class Request>
class one_read : public exchange_of<T> {
 public:
  one_read(store_context_ptr store, Request r) : exchange_of<T>(std::move(store)), request_(std::move(r)) {}
  [[nodiscard]] bool writes() const noexcept final { return false; }

 protected:
  [[nodiscard]] const Request& request() const noexcept { return request_; }

 private:
  [[nodiscard]] round_kind do_kind() const noexcept final { return round_kind::read; }
  [[nodiscard]] bool do_in_doubt() const noexcept final { return false; }
  [[nodiscard]] bool do_on_lost() final { return true; }
  [[nodiscard]] bool do_on_replies(std::vector<reply> replies) final {
    if (failure f = first_error(replies)) return this->end(std::move(f));
    return this->end(read(replies.front()));
  }
  /// What the reply, which is no error, says.
  [[nodiscard]] virtual result<T> read(const reply& r) const = 0;

  Request request_;
};

/// One session, or the newest events of it.
class load_exchange final : public one_read<std::optional<snapshot>, load_request> {
 public:
  using one_read::one_read;
  [[nodiscard]] session_key session() const noexcept override { return {store().sessions, request().id}; }

 private:
  [[nodiscard]] std::vector<statement> do_next() override { return store().read.load(request()); }
  [[nodiscard]] result<std::optional<snapshot>> read(const reply& r) const override {
    return read_snapshot(r, request().last);
  }
};

/// The turn of a message.
class find_turn_exchange final : public one_read<std::optional<turn_record>, find_turn_request> {
 public:
  using one_read::one_read;
  [[nodiscard]] session_key session() const noexcept override { return {store().sessions, request().id}; }

 private:
  [[nodiscard]] std::vector<statement> do_next() override { return store().read.find_turn(request()); }
  [[nodiscard]] result<std::optional<turn_record>> read(const reply& r) const override;
};

/// A page of sessions.
class list_exchange final : public one_read<session_page, list_request> {
 public:
  using one_read::one_read;
  [[nodiscard]] session_key session() const noexcept override { return {}; }

 private:
  [[nodiscard]] std::vector<statement> do_next() override { return store().read.list(request()); }
  [[nodiscard]] result<session_page> read(const reply& r) const override;
};

}  // namespace atto::postgres
