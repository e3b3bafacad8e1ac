#include <atto/session_store.hpp>

#include "base/complete.hpp"
#include "base/deadline.hpp"
#include "contract/request_check.hpp"

#include <utility>

namespace atto {

namespace {

request make_request(std::chrono::milliseconds timeout, diagnostics* diag, const store_limits& limits) {
  return {deadline_after(timeout.count() == 0 ? limits.timeout : timeout), diag};
}

failure first_of(failure a, failure b) {
  return a ? std::move(a) : std::move(b);
}

}  // namespace

session_store::session_store(executor_type executor, store_limits limits)
    : executor_(std::move(executor)), limits_(limits) {
  if (failure f = request_check::limits(limits_)) f.raise();
}

session_store::~session_store() = default;

store_stats session_store::do_stats() const {
  return {};
}

/// Clears the diagnostics, then posts the refusal or lets the implementation go on.
template <class Handler, class Start>
static void refuse_or(failure f, diagnostics* diag, const boost::asio::any_io_executor& executor, Handler h,
                      Start start) {
  if (diag != nullptr) *diag = diagnostics();
  if (!f) return start(std::move(h));
  [&]<class... T>(session_store::handler<T...> refused) {
    completion<T...>(std::move(refused), executor, diag).fail(std::move(f));
  }(std::move(h));
}

void session_store::start_ensure_schema(operation_options o, handler<> h) {
  refuse_or(request_check::timeout(o.timeout), o.diag, executor_, std::move(h), [&](handler<> accepted) {
    do_ensure_schema(make_request(o.timeout, o.diag, limits_), std::move(accepted));
  });
}

void session_store::start_load(std::string id, load_options o, handler<std::optional<snapshot>> h) {
  failure f = first_of(request_check::session_id(id), request_check::timeout(o.timeout));
  refuse_or(std::move(f), o.diag, executor_, std::move(h), [&](auto accepted) {
    do_load({make_request(o.timeout, o.diag, limits_), std::move(id), o.last}, std::move(accepted));
  });
}

void session_store::start_save(std::string id, snapshot s, save_options o, handler<std::int64_t> h) {
  failure f = first_of(request_check::session_id(id), request_check::timeout(o.timeout));
  f = first_of(std::move(f), request_check::save(s, o.guard, o.base, limits_));
  f = first_of(std::move(f), request_check::epoch(o.epoch));
  f = first_of(std::move(f), request_check::turn_events(o, s));
  refuse_or(std::move(f), o.diag, executor_, std::move(h), [&](auto accepted) {
    s.state = s.state.without_temp();
    do_save({make_request(o.timeout, o.diag, limits_), std::move(id), std::move(s), o.guard, o.base, o.epoch,
             o.message_id, o.turn_events},
            std::move(accepted));
  });
}

void session_store::start_append(std::string id, std::int64_t base, turn t, append_options o, handler<std::int64_t> h) {
  failure f = first_of(request_check::session_id(id), request_check::timeout(o.timeout));
  f = first_of(std::move(f), request_check::append(base, t, limits_));
  f = first_of(std::move(f), first_of(request_check::epoch(o.epoch), request_check::ttl(o.ttl)));
  refuse_or(std::move(f), o.diag, executor_, std::move(h), [&](auto accepted) {
    t.state = t.state.without_temp();
    do_append(
        {make_request(o.timeout, o.diag, limits_), std::move(id), base, std::move(t), o.epoch, o.ttl, o.message_id},
        std::move(accepted));
  });
}

void session_store::start_remove(std::string id, remove_options o, handler<bool> h) {
  failure f = first_of(request_check::session_id(id), request_check::timeout(o.timeout));
  f = first_of(std::move(f), first_of(request_check::remove(o), request_check::epoch(o.epoch)));
  refuse_or(std::move(f), o.diag, executor_, std::move(h), [&](auto accepted) {
    do_remove({make_request(o.timeout, o.diag, limits_), std::move(id), o.base, o.epoch}, std::move(accepted));
  });
}

void session_store::start_claim(std::string id, std::string owner, claim_options o, handler<claimed_session> h) {
  failure f = first_of(request_check::session_id(id), request_check::timeout(o.timeout));
  f = first_of(std::move(f), request_check::claim(owner, o.address));
  f = first_of(std::move(f), request_check::ttl(o.ttl));
  refuse_or(std::move(f), o.diag, executor_, std::move(h), [&](auto accepted) {
    do_claim({make_request(o.timeout, o.diag, limits_), std::move(id), std::move(owner), std::string(o.address), o.ttl,
              o.last},
             std::move(accepted));
  });
}

void session_store::start_renew(std::string id, std::int64_t epoch, std::chrono::milliseconds ttl, operation_options o,
                                handler<> h) {
  failure f = first_of(request_check::session_id(id), request_check::timeout(o.timeout));
  f = first_of(std::move(f), first_of(request_check::epoch(epoch), request_check::ttl(ttl)));
  refuse_or(std::move(f), o.diag, executor_, std::move(h), [&](handler<> accepted) {
    do_renew({make_request(o.timeout, o.diag, limits_), std::move(id), epoch, ttl}, std::move(accepted));
  });
}

void session_store::start_release(std::string id, std::int64_t epoch, operation_options o, handler<bool> h) {
  failure f = first_of(request_check::session_id(id), request_check::timeout(o.timeout));
  f = first_of(std::move(f), request_check::epoch(epoch));
  refuse_or(std::move(f), o.diag, executor_, std::move(h), [&](auto accepted) {
    do_release({make_request(o.timeout, o.diag, limits_), std::move(id), epoch}, std::move(accepted));
  });
}

void session_store::start_find_turn(std::string id, const message_id& m, operation_options o,
                                    handler<std::optional<turn_record>> h) {
  failure f = first_of(request_check::session_id(id), request_check::timeout(o.timeout));
  refuse_or(std::move(f), o.diag, executor_, std::move(h), [&](auto accepted) {
    do_find_turn({make_request(o.timeout, o.diag, limits_), std::move(id), m}, std::move(accepted));
  });
}

void session_store::start_sweep(operation_options o, handler<std::int64_t> h) {
  refuse_or(request_check::timeout(o.timeout), o.diag, executor_, std::move(h),
            [&](auto accepted) { do_sweep(make_request(o.timeout, o.diag, limits_), std::move(accepted)); });
}

void session_store::start_list(std::string prefix, std::string after, list_options o, handler<session_page> h) {
  failure f = first_of(request_check::list(prefix, after, o), request_check::timeout(o.timeout));
  refuse_or(std::move(f), o.diag, executor_, std::move(h), [&](auto accepted) {
    do_list({make_request(o.timeout, o.diag, limits_), std::move(prefix), std::move(after), o.limit},
            std::move(accepted));
  });
}

void session_store::start_close(operation_options o, handler<> h) {
  refuse_or(request_check::timeout(o.timeout), o.diag, executor_, std::move(h),
            [&](handler<> accepted) { do_close(make_request(o.timeout, o.diag, limits_), std::move(accepted)); });
}

}  // namespace atto
