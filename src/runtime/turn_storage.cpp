#include "runtime/turn_storage.hpp"

#include <atto/store_requests.hpp>

#include "contract/write_id.hpp"
#include "runtime/session_actor.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace atto::detail {

using boost::asio::bind_executor;
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

turn_storage::turn_storage(boost::asio::any_io_executor executor, std::shared_ptr<session_store> store,
                           const runtime_options& o)
    : executor_(completion_executor(executor)),
      hydrate_last_(o.hydrate_last),
      claims_(o.claims),
      owner_(owner_of(claims_)),
      store_(std::move(store)) {}

milliseconds turn_storage::ttl() const noexcept {
  return claims_ ? claims_->ttl : milliseconds(0);
}

std::shared_ptr<session_store> turn_storage::open_store() const {
  const std::lock_guard lock(mutex_);
  return store_;
}

void turn_storage::close() {
  std::shared_ptr<session_store> last;  // its destructor may take long
  const std::lock_guard lock(mutex_);
  last.swap(store_);
}

void turn_storage::hydrate(const ticket_ptr& t, listener_ptr l) {
  const auto store = open_store();
  if (store == nullptr) return;
  claims_ ? claim(*store, t, std::move(l)) : load(*store, t, std::move(l));
}

void turn_storage::load(session_store& store, const ticket_ptr& t, listener_ptr l) {
  load_options o;
  o.last = hydrate_last_;
  o.timeout = left_until(t->deadline);
  o.diag = &t->diag;
  store.async_load(t->actor->id, o,
                   bind_executor(executor_, [l = std::move(l), t](error_code ec, std::optional<snapshot> s) {
                     l->on_hydrated(t, ec, std::move(s), {});
                   }));
}

void turn_storage::claim(session_store& store, const ticket_ptr& t, listener_ptr l) {
  const auto now = steady_clock::now();
  claim_options o;
  o.address = claims_->address;
  o.ttl = claims_->ttl;
  o.last = hydrate_last_;
  o.timeout = left_until(t->deadline, now);
  o.diag = &t->diag;
  store.async_claim(
      t->actor->id, owner_, o,
      bind_executor(executor_, [l = std::move(l), t, until = now + o.ttl](error_code ec, claimed_session c) {
        if (ec == errc::outcome_unknown) {  // of the claim: the turn is certain
          ec = errc::unavailable;
          t->diag.message("the answer to the session's claim was lost; nothing was written; ask again");
        }
        l->on_hydrated(t, ec, std::move(c.snap), {c.epoch, until});
      }));
}

void turn_storage::find_turn(const ticket_ptr& t, listener_ptr l) {
  const auto store = open_store();
  if (store == nullptr) return;
  operation_options o;
  o.timeout = left_until(t->deadline);
  o.diag = &t->diag;
  store->async_find_turn(
      t->actor->id, *t->message_id, o,
      bind_executor(executor_, [l = std::move(l), t](error_code ec, std::optional<turn_record> found) {
        l->on_asked(t, ec, std::move(found));
      }));
}

void turn_storage::store(const ticket_ptr& t, listener_ptr l) {
  const turn_core& turn = *t->turn;
  const auto store = open_store();
  if (store == nullptr) return l->on_stored(t, errc::runtime_stopped, 0, {});
  if (turn.base.version == max_version) {
    t->diag.message("the session has reached the highest version; copy it to a new one");
    return l->on_stored(t, errc::invalid_argument, 0, {});
  }
  const auto now = steady_clock::now();
  auto on_end = bind_executor(executor_, [l = std::move(l), t, now](error_code ec, std::int64_t version) {
    l->on_stored(t, ec, version, now);
  });
  const auto epoch = claims_ ? std::optional(t->epoch) : std::nullopt;
  if (!turn.replaced) {
    append_options o;
    o.epoch = epoch;
    o.message_id = t->message_id;
    if (claims_) o.ttl = claims_->ttl;
    o.timeout = left_until(t->deadline, now);
    o.diag = &t->diag;
    return store->async_append(turn.session_id, turn.base.version, atto::turn(turn.state, turn.emitted), o,
                               std::move(on_end));
  }
  save_options o;
  o.epoch = epoch;
  o.message_id = t->message_id;
  if (t->message_id) o.turn_events = turn.emitted.size();
  o.guard = guard::exact;
  o.base = turn.base.version;
  o.timeout = left_until(t->deadline, now);
  o.diag = &t->diag;
  history whole = *turn.replaced;
  whole.append(turn.emitted);
  store->async_save(turn.session_id, snapshot(turn.base.version + 1, turn.state, std::move(whole)), o,
                    std::move(on_end));
}

void turn_storage::renew(const ticket_ptr& t, std::int64_t epoch, listener_ptr l) {
  const auto store = open_store();
  if (store == nullptr) return;
  operation_options o;
  o.timeout = std::max(ttl() / 3, milliseconds(1));
  store->async_renew(t->actor->id, epoch, ttl(), o,
                     bind_executor(executor_, [l = std::move(l), t, epoch, sent = steady_clock::now()](error_code ec) {
                       l->on_renewed(t, epoch, sent, ec);
                     }));
}

void turn_storage::release(const std::string& id, const session_claim& claim, listener_ptr l) {
  const auto store = open_store();
  if (store == nullptr) return;
  operation_options o;
  o.timeout = release_patience;
  store->async_release(id, claim.epoch, o,
                       bind_executor(executor_, [l = std::move(l)](error_code, bool) { l->on_released(); }));
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
  auto on_end = bind_executor(executor_, [out, words](error_code ec, std::optional<snapshot> s) {
    ec ? out->fail({static_cast<errc>(ec.value()), std::move(*words)}) : out->succeed(std::move(s));
  });
  store->async_load(id, o, boost::asio::bind_cancellation_slot(slot, std::move(on_end)));
}

}  // namespace atto::detail
