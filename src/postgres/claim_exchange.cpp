#include "postgres/claim_exchange.hpp"

#include <atto/store_requests.hpp>

#include "contract/request_check.hpp"
#include "postgres/read_exchange.hpp"

#include <string>
#include <utility>

namespace atto::postgres {

namespace {

/// The failure of a try after one that was lost tells nothing of the lost one.
failure not_known(failure why) {
  why.code = errc::outcome_unknown;
  why.diag.message("it was sent, and whether it was done is not known; try again");
  return why;
}

}  // namespace

template <class T>
bool claim_write<T>::on_replies(std::vector<reply> replies) {
  if (failure f = first_error(replies)) return this->end(lost_ ? not_known(std::move(f)) : std::move(f));
  auto ended = on_done(replies);
  return ended && this->end(std::move(*ended));
}

template class claim_write<claimed_session>;
template class claim_write<std::monostate>;
template class claim_write<bool>;
template class claim_write<std::int64_t>;

claim_exchange::claim_exchange(std::shared_ptr<const statements> sql, claim_request r)
    : claim_write(std::move(sql)), request_(std::move(r)) {}

std::vector<statement> claim_exchange::next() {
  return refused_ ? sql().holder(request_) : sql().claim(request_);
}

std::optional<outcome<claimed_session>> claim_exchange::on_done(const std::vector<reply>& replies) {
  if (refused_) return on_holder(replies.front());
  const reply& claim = replies.front();
  if (claim.rows.empty()) {
    refused_ = true;
    return std::nullopt;
  }
  const auto epoch = read_int8(cell_at(claim.rows.front(), 0));
  if (!epoch || replies.size() < 2) return outcome<claimed_session>(unreadable_row());
  auto loaded = read_snapshot(replies[1], request_.last);
  if (loaded.error) return outcome<claimed_session>(std::move(loaded.error));
  return outcome<claimed_session>(claimed_session(*epoch, std::move(loaded.value)));
}

std::optional<outcome<claimed_session>> claim_exchange::on_holder(const reply& holder) {
  if (!holder.rows.empty()) {
    return outcome<claimed_session>(
        request_check::owned_elsewhere(std::string(cell_at(holder.rows.front(), 0).value_or(""))));
  }
  constexpr int most = 10;  // claims that come and go between our two rounds
  refused_ = false;         // it is free by now
  if (++refusals_ <= most) return std::nullopt;
  return outcome<claimed_session>(
      failure(errc::unavailable, "other owners claim the session and let it go without pause; try again"));
}

renew_exchange::renew_exchange(std::shared_ptr<const statements> sql, renew_request r)
    : claim_write(std::move(sql)), request_(std::move(r)) {}

std::optional<outcome<std::monostate>> renew_exchange::on_done(const std::vector<reply>& replies) {
  if (replies.front().affected == 0) return outcome<std::monostate>(request_check::claim_lost());
  return outcome<std::monostate>(std::monostate());
}

release_exchange::release_exchange(std::shared_ptr<const statements> sql, release_request r)
    : claim_write(std::move(sql)), request_(std::move(r)) {}

std::optional<outcome<bool>> release_exchange::on_done(const std::vector<reply>& replies) {
  return outcome<bool>(replies.front().affected > 0);
}

std::optional<outcome<std::int64_t>> sweep_claims_exchange::on_done(const std::vector<reply>& replies) {
  return outcome<std::int64_t>(replies.front().affected);
}

}  // namespace atto::postgres
