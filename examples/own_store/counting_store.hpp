#pragma once

#include <atto/session_store.hpp>
#include <atto/store_requests.hpp>

#include <atomic>
#include <chrono>
#include <memory>
#include <utility>

/// A decorator: passes every operation on to another store, and counts them for stats().
class counting_store final : public atto::session_store {
 public:
  explicit counting_store(std::shared_ptr<session_store> inner)
      : session_store(inner->get_executor(), inner->limits(), inner->supported()), inner_(std::move(inner)) {}

 private:
  void do_ensure_schema(atto::request r, handler<> h) override {
    inner_->async_ensure_schema({.timeout = left(r), .diag = r.diag}, std::move(h));
  }
  void do_load(atto::load_request r, handler<std::optional<atto::snapshot>> h) override {
    inner_->async_load(r.id, {.last = r.last, .timeout = left(r), .diag = r.diag}, std::move(h));
  }
  void do_save(atto::save_request r, handler<std::int64_t> h) override {
    const atto::save_options o{r.guard, r.base, r.epoch, r.message_id, r.turn_events, left(r), r.diag};
    inner_->async_save(r.id, std::move(r.snap), o, std::move(h));
  }
  void do_append(atto::append_request r, handler<std::int64_t> h) override {
    const atto::append_options o{r.epoch, r.ttl, r.message_id, left(r), r.diag};
    inner_->async_append(r.id, r.base, std::move(r.turn), o, std::move(h));
  }
  void do_remove(atto::remove_request r, handler<bool> h) override {
    inner_->async_remove(r.id, {r.base, r.epoch, left(r), r.diag}, std::move(h));
  }
  void do_claim(atto::claim_request r, handler<atto::claimed_session> h) override {
    inner_->async_claim(r.id, r.owner, {r.address, r.ttl, r.last, left(r), r.diag}, std::move(h));
  }
  void do_renew(atto::renew_request r, handler<> h) override {
    inner_->async_renew(r.id, r.epoch, r.ttl, {left(r), r.diag}, std::move(h));
  }
  void do_release(atto::release_request r, handler<bool> h) override {
    inner_->async_release(r.id, r.epoch, {left(r), r.diag}, std::move(h));
  }
  void do_find_turn(atto::find_turn_request r, handler<std::optional<atto::turn_record>> h) override {
    inner_->async_find_turn(r.id, r.message_id, {left(r), r.diag}, std::move(h));
  }
  void do_sweep(atto::sweep_request r, handler<std::int64_t> h) override {
    inner_->async_sweep({left(r), r.diag}, std::move(h));
  }
  void do_list(atto::list_request r, handler<atto::session_page> h) override {
    inner_->async_list({r.prefix, r.after, r.limit, left(r), r.diag}, std::move(h));
  }
  void do_close(atto::request r, handler<> h) override { inner_->async_close({left(r), r.diag}, std::move(h)); }
  atto::store_stats do_stats() const override {
    atto::store_stats s = inner_->stats();
    s.operations = operations_;
    return s;
  }

  /// Counts the operation. Returns the time that is left of it.
  std::chrono::milliseconds left(const atto::request& r) {
    ++operations_;
    return atto::time_left(r);
  }

  std::shared_ptr<session_store> inner_;
  std::atomic<std::uint64_t> operations_ = 0;
};
