#include <atto/completion.hpp>
#include <atto/session_store.hpp>
#include <atto/store_requests.hpp>

#include "base/deadline.hpp"
#include "contract/request_check.hpp"

#include <type_traits>
#include <utility>

namespace atto {

namespace {

/// Whether success of the operation gives exactly what its request names as its result.
template <class Request, class... T>
constexpr bool gives = sizeof...(T) == 0 ? std::is_void_v<typename Request::result>
                                         : (...&& std::is_same_v<typename Request::result, T>);

template <class Request, class... Others>
constexpr bool is_any_of = (... || std::is_same_v<Request, Others>);

template <class Request>
bool needs_claims(const Request& r) {
  if constexpr (requires { r.epoch.has_value(); }) return r.epoch.has_value();
  return is_any_of<Request, claim_request, renew_request, release_request, sweep_request>;
}

template <class Request>
bool needs_message_ids(const Request& r) {
  if constexpr (requires { r.message_id.has_value(); }) return r.message_id.has_value();
  return is_any_of<Request, find_turn_request>;
}

failure without_claims() {
  return {errc::unsupported, "this store has no claims; use one that has, or do without"};
}

failure without_message_ids() {
  return {errc::unsupported, "this store has no message ids; use one that has, or do without"};
}

}  // namespace

session_store::session_store(executor_type executor, store_limits limits)
    : session_store(std::move(executor), limits, features()) {}

session_store::session_store(executor_type executor, store_limits limits, features supported)
    : executor_(std::move(executor)), limits_(limits), features_(supported) {
  if (failure f = request_check::limits(limits_)) f.raise();
}

session_store::~session_store() = default;

store_stats session_store::do_stats() const {
  return {};
}

void session_store::do_claim(claim_request r, handler<claimed_session> h) {
  completion<claimed_session>(std::move(h), executor_, r.diag).fail(without_claims());
}

void session_store::do_renew(renew_request r, handler<> h) {
  completion<>(std::move(h), executor_, r.diag).fail(without_claims());
}

void session_store::do_release(release_request r, handler<bool> h) {
  completion<bool>(std::move(h), executor_, r.diag).fail(without_claims());
}

void session_store::do_sweep(sweep_request r, handler<std::int64_t> h) {
  completion<std::int64_t>(std::move(h), executor_, r.diag).fail(without_claims());
}

void session_store::do_find_turn(find_turn_request r, handler<std::optional<turn_record>> h) {
  completion<std::optional<turn_record>>(std::move(h), executor_, r.diag).fail(without_message_ids());
}

template <class Request, class Options, class... T>
void session_store::check_and_start(void (session_store::*implementation)(Request, handler<T...>), Request r,
                                    const Options& o, handler<T...> h) {
  static_assert(gives<Request, T...>);
  if (o.diag != nullptr) *o.diag = diagnostics();
  failure f = request_check::first_broken(r, o.timeout, limits_);
  if (!f && !features_.claims && needs_claims(r)) f = without_claims();
  if (!f && !features_.message_ids && needs_message_ids(r)) f = without_message_ids();
  if (f) return completion<T...>(std::move(h), executor_, o.diag).fail(std::move(f));
  r.deadline = deadline_after(o.timeout.count() == 0 ? limits_.timeout : o.timeout);
  r.diag = o.diag;
  if constexpr (requires { r.snap; }) r.snap.state = r.snap.state.without_temp();
  if constexpr (requires { r.turn; }) r.turn.state = r.turn.state.without_temp();
  (this->*implementation)(std::move(r), std::move(h));
}

void session_store::start_ensure_schema(handler<> h, operation_options o) {
  check_and_start(&session_store::do_ensure_schema, request(), o, std::move(h));
}

void session_store::start_load(handler<std::optional<snapshot>> h, std::string id, load_options o) {
  check_and_start(&session_store::do_load, load_request{{}, std::move(id), o.last}, o, std::move(h));
}

void session_store::start_save(handler<std::int64_t> h, std::string id, snapshot s, save_options o) {
  save_request r{{}, std::move(id), std::move(s), o.guard, o.base, o.epoch, o.message_id, o.turn_events};
  check_and_start(&session_store::do_save, std::move(r), o, std::move(h));
}

void session_store::start_append(handler<std::int64_t> h, std::string id, std::int64_t base, turn t, append_options o) {
  append_request r{{}, std::move(id), base, std::move(t), o.epoch, o.ttl, o.message_id};
  check_and_start(&session_store::do_append, std::move(r), o, std::move(h));
}

void session_store::start_remove(handler<bool> h, std::string id, remove_options o) {
  check_and_start(&session_store::do_remove, remove_request{{}, std::move(id), o.base, o.epoch}, o, std::move(h));
}

void session_store::start_claim(handler<claimed_session> h, std::string id, std::string owner, std::string address,
                                claim_options o) {
  claim_request r{{}, std::move(id), std::move(owner), std::move(address), o.ttl, o.last};
  check_and_start(&session_store::do_claim, std::move(r), o, std::move(h));
}

void session_store::start_renew(handler<> h, std::string id, std::int64_t epoch, std::chrono::milliseconds ttl,
                                operation_options o) {
  check_and_start(&session_store::do_renew, renew_request{{}, std::move(id), epoch, ttl}, o, std::move(h));
}

void session_store::start_release(handler<bool> h, std::string id, std::int64_t epoch, operation_options o) {
  check_and_start(&session_store::do_release, release_request{{}, std::move(id), epoch}, o, std::move(h));
}

void session_store::start_find_turn(handler<std::optional<turn_record>> h, std::string id, message_id m,
                                    operation_options o) {
  check_and_start(&session_store::do_find_turn, find_turn_request{{}, std::move(id), m}, o, std::move(h));
}

void session_store::start_sweep(handler<std::int64_t> h, operation_options o) {
  check_and_start(&session_store::do_sweep, sweep_request(), o, std::move(h));
}

void session_store::start_list(handler<session_page> h, std::string prefix, std::string after, list_options o) {
  check_and_start(&session_store::do_list, list_request{{}, std::move(prefix), std::move(after), o.limit}, o,
                  std::move(h));
}

void session_store::start_close(handler<> h, operation_options o) {
  check_and_start(&session_store::do_close, request(), o, std::move(h));
}

}  // namespace atto
