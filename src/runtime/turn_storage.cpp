#include "runtime/turn_storage.hpp"

#include <atto/store_requests.hpp>

#include "contract/write_id.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace atto::detail {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

namespace {

/// What is left until then, for a store: at least a millisecond.
milliseconds left_until(steady_clock::time_point deadline, steady_clock::time_point now = steady_clock::now()) {
  return std::max(std::chrono::ceil<milliseconds>(deadline - now), milliseconds(1));
}

/// Never given by another runtime, and without the bytes that an owner's name may not have.
std::string random_owner() {
  std::string name;
  for (const char c : make_write_id()) name += fmt::format("{:02x}", static_cast<unsigned char>(c));
  return name;
}

std::string owner_of(const std::optional<runtime_claim_options>& claims) {
  if (!claims) return {};
  return claims->owner.empty() ? random_owner() : claims->owner;
}

}  // namespace

turn_storage::turn_storage(const boost::asio::any_io_executor& executor, std::shared_ptr<session_store> store,
                           const runtime_options& o)
    : executor_(completion_executor(executor)),
      hydrate_last_(o.hydrate_last),
      claims_(o.claims),
      owner_(owner_of(claims_)),
      store_(std::move(store)) {}

std::shared_ptr<session_store> turn_storage::open_store() const {
  const lock held(mutex_);
  return store_;
}

void turn_storage::close() {
  std::shared_ptr<session_store> last;  // its destructor may take long
  const lock held(mutex_);
  last.swap(store_);
}

load_options turn_storage::load_of(turn_call& c) const {
  load_options o;
  o.last = hydrate_last_;
  o.timeout = left_until(c.deadline);
  o.diag = &c.diag;
  return o;
}

claim_options turn_storage::claim_of(turn_call& c, time_point now) const {
  claim_options o;
  o.address = claims_->address;
  o.ttl = claims_->ttl;
  o.last = hydrate_last_;
  o.timeout = left_until(c.deadline, now);
  o.diag = &c.diag;
  return o;
}

operation_options turn_storage::find_turn_of(turn_call& c) const {
  operation_options o;
  o.timeout = left_until(c.deadline);
  o.diag = &c.diag;
  return o;
}

append_options turn_storage::append_of(turn_call& c, std::int64_t epoch, time_point now) const {
  append_options o;
  if (claims_) {
    o.epoch = epoch;
    o.ttl = claims_->ttl;
  }
  o.message_id = c.message_id;
  o.timeout = left_until(c.deadline, now);
  o.diag = &c.diag;
  return o;
}

save_options turn_storage::save_of(turn_call& c, std::int64_t epoch, time_point now) const {
  save_options o;
  if (claims_) o.epoch = epoch;
  o.message_id = c.message_id;
  if (c.message_id) o.turn_events = c.draft->emitted.size();
  o.guard = guard::exact;
  o.base = c.draft->base.version;
  o.timeout = left_until(c.deadline, now);
  o.diag = &c.diag;
  return o;
}

operation_options turn_storage::renewal() const {
  operation_options o;
  o.timeout = std::max(claims_->ttl / 3, milliseconds(1));
  return o;
}

failure turn_storage::outcome(const error_code& ec, turn_call& c) {
  return ec ? failure(static_cast<errc>(ec.value()), std::move(c.diag)) : failure();
}

failure turn_storage::claim_outcome(const error_code& ec, turn_call& c) {
  if (ec != errc::outcome_unknown) return outcome(ec, c);
  // Of the claim: that the turn was not stored is certain.
  c.diag.message("the answer to the session's claim was lost; nothing was written; ask again");
  return {errc::unavailable, std::move(c.diag)};
}

snapshot turn_storage::whole(const turn_draft& draft) {
  history all = *draft.replaced;
  all.append(draft.emitted);
  return {draft.base.version + 1, draft.state, std::move(all)};
}

failure turn_storage::check(const session_store* store, const turn_draft& draft) {
  if (store == nullptr) return {errc::runtime_stopped, diagnostics()};
  if (draft.base.version == max_version) {
    return {errc::invalid_argument, "the session has reached the highest version; copy it to a new one"};
  }
  return {};
}

void turn_storage::read(const std::string& id, request r, completion<std::optional<snapshot>> done) {
  const auto store = open_store();
  if (store == nullptr) return done.fail({errc::runtime_stopped, "the runtime was stopped"});
  load_options o;
  o.last = hydrate_last_;
  o.timeout = left_until(r.deadline);
  const auto words = std::make_shared<diagnostics>();
  o.diag = words.get();
  const auto slot = done.cancellation_slot();
  auto out = std::make_shared<completion<std::optional<snapshot>>>(std::move(done));
  auto on_end = boost::asio::bind_executor(executor_, [out, words](error_code ec, std::optional<snapshot> s) {
    ec ? out->fail({static_cast<errc>(ec.value()), std::move(*words)}) : out->succeed(std::move(s));
  });
  store->async_load(id, o, boost::asio::bind_cancellation_slot(slot, std::move(on_end)));
}

}  // namespace atto::detail
