#include "postgres/connection_attempts.hpp"

#include "postgres/strand_check.hpp"

#include <boost/asio/post.hpp>

#include <cassert>
#include <utility>

namespace atto::postgres {

connection_attempts::connection_attempts(boost::asio::any_io_executor strand, std::shared_ptr<const dsn> where,
                                         const pool_options& options, std::weak_ptr<attempt_events> owner)
    : strand_(std::move(strand)),
      where_(std::move(where)),
      options_(options),
      owner_(std::move(owner)),
      lifecycle_(options.size, options.backoff_first, options.backoff_last),
      jitter_(std::random_device()()),
      pause_(strand_),
      impatience_(strand_) {}

connection_attempts::~connection_attempts() {
  for (auto& [number, attempt] : connecting_) attempt->cancel();
  for (auto& [number, attempt] : renewing_) attempt->cancel();
  for (auto& [number, attempt] : preparing_) attempt->cancel();
}

std::shared_ptr<connector> connection_attempts::make_connector() const {
  return std::make_shared<connector>(strand_, where_, options_);
}

void connection_attempts::open(connection_lifecycle::counts now, std::uint64_t asked) {
  assert(runs_on(strand_));
  now.connecting = connecting_.size();
  for (std::size_t n = lifecycle_.to_open(now); n > 0; --n) open_one(asked);
  now.connecting = connecting_.size();
  if (lifecycle_.hangs_on_attempts(now)) open_beside(asked);
}

void connection_attempts::open_beside(std::uint64_t asked) {
  if (clock::now() >= last_attempt_ + connection_lifecycle::attempt_patience) {
    if (const auto former = connecting_.extract(beside_); !former.empty()) former.mapped()->cancel();
    open_one(asked);
    beside_ = numbers_given_;
  }
  impatience_.expires_at(last_attempt_ + connection_lifecycle::attempt_patience);
  impatience_.async_wait([weak = weak_from_this()](boost::system::error_code ec) {
    const auto self = weak.lock();
    if (ec || self == nullptr) return;
    if (const auto owner = self->owner_.lock()) owner->on_attempts_due();
  });
}

void connection_attempts::open_one(std::uint64_t asked) {
  const std::size_t attempt = ++numbers_given_;
  last_attempt_ = clock::now();
  connecting_.emplace(attempt, make_connector())
      .first->second->start(
          options_.connect_timeout, [weak = weak_from_this(), asked, attempt](open_connection o, failure why) {
            // Posted: the attempt may have failed inside open_one.
            const auto self = weak.lock();
            if (self == nullptr) return;
            boost::asio::post(self->strand_, [self, asked, attempt, o = std::move(o), f = std::move(why)]() mutable {
              self->on_ended(asked, attempt, std::move(o), f);
            });
          });
}

void connection_attempts::on_ended(std::uint64_t asked, std::size_t attempt, open_connection o, const failure& why) {
  if (connecting_.erase(attempt) == 0) return;  // it was given up when its end was on its way here
  if (connecting_.empty()) impatience_.cancel();
  const auto owner = owner_.lock();
  if (owner == nullptr) return;
  if (o.handle != nullptr) {
    lifecycle_.on_connected();
    if (std::exchange(beside_, 0) != 0) stop_connecting();
    return owner->on_opened(std::move(o));
  }
  pause();
  owner->on_refused(asked, why);
}

void connection_attempts::pause() {
  if (lifecycle_.pausing()) return;  // attempts that failed together are one failure
  constexpr double steps = 1024;
  pause_.expires_after(lifecycle_.on_failed(static_cast<double>(jitter_() % 1024) / steps));
  pause_.async_wait([weak = weak_from_this()](boost::system::error_code ec) {
    const auto self = weak.lock();
    if (ec || self == nullptr) return;
    self->lifecycle_.on_pause_over();
    if (const auto owner = self->owner_.lock()) owner->on_attempts_due();
  });
}

void connection_attempts::renew(pg_handle lent, bool own_session) {
  assert(runs_on(strand_));
  const std::size_t attempt = ++numbers_given_;
  renewing_.emplace(attempt, make_connector())
      .first->second->renew(std::move(lent), own_session, options_.connect_timeout,
                            [weak = weak_from_this(), attempt](open_connection o, const failure&) {
                              const auto self = weak.lock();
                              if (self == nullptr) return;
                              boost::asio::post(self->strand_, [self, attempt, o = std::move(o)]() mutable {
                                self->renewing_.erase(attempt);
                                if (const auto owner = self->owner_.lock()) owner->on_renewed(std::move(o));
                              });
                            });
}

void connection_attempts::prepare(std::size_t number, pg_handle idle, bool own_session,
                                  std::chrono::steady_clock::time_point deadline) {
  assert(runs_on(strand_));
  const auto done = [weak = weak_from_this(), number](open_connection o, const failure&) {
    const auto self = weak.lock();
    if (self == nullptr) return;
    boost::asio::post(self->strand_, [self, number, o = std::move(o)]() mutable {
      if (self->preparing_.erase(number) == 0) return;  // it was given up when its end was on its way here
      if (const auto owner = self->owner_.lock()) owner->on_prepared(number, std::move(o));
    });
  };
  preparing_.emplace(number, make_connector()).first->second->prepare(std::move(idle), own_session, deadline, done);
}

void connection_attempts::stop_preparing(std::size_t number) {
  assert(runs_on(strand_));
  if (const auto attempt = preparing_.extract(number); !attempt.empty()) attempt.mapped()->cancel();
}

void connection_attempts::stop_connecting() {
  for (auto& [number, attempt] : connecting_) attempt->cancel();
  connecting_.clear();
  impatience_.cancel();
}

void connection_attempts::stop() {
  assert(runs_on(strand_));
  stop_connecting();
  for (auto& [number, attempt] : renewing_) attempt->cancel();
  renewing_.clear();
  for (auto& [number, attempt] : preparing_) attempt->cancel();
  preparing_.clear();
  pause_.cancel();
}

}  // namespace atto::postgres
