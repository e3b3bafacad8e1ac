#pragma once

#include "postgres/exchange.hpp"

#include <memory>
#include <vector>

namespace atto::postgres {

/// Order on one connection: which operation's round is in flight, what has been heard of it, and what a sync or a loss
/// means for it. It takes events and returns what to do; it knows no socket and no clock.
///
/// One group of statements, closed by one sync, is in flight at a time. An operation that is abandoned keeps its place
/// until its sync, so that its late replies are dropped and the connection stays in step.
template <class Ticket>
class pipeline {
 public:
  using ticket = std::shared_ptr<Ticket>;

  /// What has to be done after an event.
  struct step {
    std::vector<statement> send;  // then a sync; empty: nothing to send
    ticket ended;                 // its exchange has its outcome; null: none has ended
  };

  [[nodiscard]] bool idle() const noexcept { return current_ == nullptr; }
  /// The operation whose round is in flight, abandoned or not; null when idle.
  [[nodiscard]] const ticket& current() const noexcept { return current_; }
  [[nodiscard]] bool abandoned() const noexcept { return abandoned_; }

  /// Takes an operation. Precondition: idle().
  [[nodiscard]] std::vector<statement> start(ticket t) {
    current_ = std::move(t);
    abandoned_ = false;
    replies_.clear();
    return current_->exchange().next();
  }

  /// A statement of the round in flight was answered.
  void on_reply(reply r) {
    if (!abandoned_) replies_.push_back(std::move(r));
  }

  /// The sync of the round in flight arrived: only now what its replies say is committed.
  [[nodiscard]] step on_sync() {
    auto replies = std::exchange(replies_, {});
    if (abandoned_) {
      current_.reset();
      return {};
    }
    if (current_->exchange().on_replies(std::move(replies))) return {{}, std::exchange(current_, nullptr)};
    return {current_->exchange().next(), nullptr};
  }

  /// The caller no longer waits; what still comes is dropped. Precondition: !idle().
  void abandon() {
    abandoned_ = true;
    replies_.clear();
  }

  /// The connection is gone. Returns the operation that was in flight and still waits, or null.
  [[nodiscard]] ticket on_lost() {
    replies_.clear();
    ticket lost = std::exchange(current_, nullptr);
    return abandoned_ ? nullptr : lost;
  }

 private:
  ticket current_;
  std::vector<reply> replies_;
  bool abandoned_ = false;
};

}  // namespace atto::postgres
