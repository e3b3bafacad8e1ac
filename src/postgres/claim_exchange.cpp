#include "postgres/claim_exchange.hpp"

#include "contract/request_check.hpp"
#include "postgres/read_exchange.hpp"

#include <string>

namespace atto::postgres {

template <class T>
bool claim_write<T>::do_on_replies(std::vector<reply> replies) {
  if (failure f = first_error(replies)) {
    if (!lost_) return this->end(std::move(f));
    return this->end(outcome_unknown(std::move(f), "it was sent, and whether it was done is not known; try again"));
  }
  auto ended = on_done(replies);
  return ended && this->end(std::move(*ended));
}

template class claim_write<claimed_session>;
template class claim_write<void>;
template class claim_write<bool>;
template class claim_write<std::int64_t>;

std::vector<statement> claim_exchange::do_next() {
  return refused_ ? store().claim.holder(request_) : store().claim.claim(request_);
}

claim_exchange::ending claim_exchange::on_done(const std::vector<reply>& replies) {
  return refused_ ? on_holder(replies.front()) : on_claim(replies);
}

/// Claiming -> ended, or -> reading the holder: another owner had the row.
claim_exchange::ending claim_exchange::on_claim(const std::vector<reply>& replies) {
  const reply& claim = replies.front();
  if (claim.rows.empty()) {
    refused_ = true;
    return std::nullopt;
  }
  const auto epoch = read_int8(cell_at(claim.rows.front(), 0));
  if (!epoch || replies.size() < 2) return unreadable_row();
  auto loaded = read_snapshot(replies[1], request_.last);
  if (loaded.has_error()) return loaded.error();
  return claimed_session(*epoch, *std::move(loaded));
}

/// Reading the holder -> ended; or -> claiming, when the holder's claim has ended between the two rounds.
claim_exchange::ending claim_exchange::on_holder(const reply& holder) {
  if (!holder.rows.empty()) {
    return request_check::owned_elsewhere(std::string(cell_at(holder.rows.front(), 0).value_or("")));
  }
  constexpr int most = 10;
  refused_ = false;
  if (++refusals_ <= most) return std::nullopt;
  return failure(errc::unavailable, "other owners claim the session and let it go without pause; try again");
}

renew_exchange::ending renew_exchange::on_done(const std::vector<reply>& replies) {
  if (replies.front().affected == 0) return request_check::claim_lost();
  return result<>();
}

release_exchange::ending release_exchange::on_done(const std::vector<reply>& replies) {
  return result<bool>(replies.front().affected > 0);
}

sweep_claims_exchange::ending sweep_claims_exchange::on_done(const std::vector<reply>& replies) {
  return result<std::int64_t>(replies.front().affected);
}

}  // namespace atto::postgres
