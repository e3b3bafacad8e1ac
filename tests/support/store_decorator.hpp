#pragma once

#include <atto/session_store.hpp>
#include <atto/store_requests.hpp>

#include <chrono>
#include <memory>
#include <utility>

namespace atto::test {

/// A store that passes every operation on to another one; a test overrides what it wants to change. Public on purpose,
/// so that an override may call what it replaces.
class store_decorator : public session_store {
 public:
  explicit store_decorator(std::shared_ptr<session_store> inner)
      : session_store(inner->get_executor(), inner->limits()), inner_(std::move(inner)) {}

  void do_ensure_schema(request r, handler<> h) override {
    inner_->async_ensure_schema({.timeout = time_left(r), .diag = r.diag}, std::move(h));
  }
  void do_load(load_request r, handler<std::optional<snapshot>> h) override {
    inner_->async_load(r.id, {.last = r.last, .timeout = time_left(r), .diag = r.diag}, std::move(h));
  }
  void do_save(save_request r, handler<std::int64_t> h) override {
    const save_options o{.guard = r.guard,
                         .base = r.base,
                         .epoch = r.epoch,
                         .message_id = r.message_id,
                         .turn_events = r.turn_events,
                         .timeout = time_left(r),
                         .diag = r.diag};
    inner_->async_save(r.id, std::move(r.snap), o, std::move(h));
  }
  void do_append(append_request r, handler<std::int64_t> h) override {
    const append_options o{
        .epoch = r.epoch, .ttl = r.ttl, .message_id = r.message_id, .timeout = time_left(r), .diag = r.diag};
    inner_->async_append(r.id, r.base, std::move(r.turn), o, std::move(h));
  }
  void do_remove(remove_request r, handler<bool> h) override {
    const remove_options o{.base = r.base, .epoch = r.epoch, .timeout = time_left(r), .diag = r.diag};
    inner_->async_remove(r.id, o, std::move(h));
  }
  void do_claim(claim_request r, handler<claimed_session> h) override {
    const claim_options o{.address = r.address, .ttl = r.ttl, .last = r.last, .timeout = time_left(r), .diag = r.diag};
    inner_->async_claim(r.id, r.owner, o, std::move(h));
  }
  void do_renew(renew_request r, handler<> h) override {
    inner_->async_renew(r.id, r.epoch, r.ttl, {.timeout = time_left(r), .diag = r.diag}, std::move(h));
  }
  void do_release(release_request r, handler<bool> h) override {
    inner_->async_release(r.id, r.epoch, {.timeout = time_left(r), .diag = r.diag}, std::move(h));
  }
  void do_find_turn(find_turn_request r, handler<std::optional<turn_record>> h) override {
    inner_->async_find_turn(r.id, r.message_id, {.timeout = time_left(r), .diag = r.diag}, std::move(h));
  }
  void do_sweep(sweep_request r, handler<std::int64_t> h) override {
    inner_->async_sweep({.timeout = time_left(r), .diag = r.diag}, std::move(h));
  }
  void do_list(list_request r, handler<session_page> h) override {
    const list_options o{
        .prefix = r.prefix, .after = r.after, .limit = r.limit, .timeout = time_left(r), .diag = r.diag};
    inner_->async_list(o, std::move(h));
  }
  void do_close(request r, handler<> h) override {
    inner_->async_close({.timeout = time_left(r), .diag = r.diag}, std::move(h));
  }

 protected:
  [[nodiscard]] session_store& inner() noexcept { return *inner_; }

 private:
  std::shared_ptr<session_store> inner_;
};

}  // namespace atto::test
