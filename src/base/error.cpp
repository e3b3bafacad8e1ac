#include <atto/error.hpp>

#include <boost/system/error_condition.hpp>

#include <string>

namespace atto {

std::string_view name(errc e) noexcept {
  switch (e) {
    case errc::concurrent_write:
      return "concurrent_write";
    case errc::unavailable:
      return "unavailable";
    case errc::outcome_unknown:
      return "outcome_unknown";
    case errc::replication_unproven:
      return "replication_unproven";
    case errc::timed_out:
      return "timed_out";
    case errc::operation_aborted:
      return "operation_aborted";
    case errc::invalid_argument:
      return "invalid_argument";
    case errc::invalid_session_id:
      return "invalid_session_id";
    case errc::invalid_document:
      return "invalid_document";
    case errc::too_large:
      return "too_large";
    case errc::closed:
      return "closed";
    case errc::schema_missing:
      return "schema_missing";
    case errc::schema_mismatch:
      return "schema_mismatch";
    case errc::storage_failure:
      return "storage_failure";
    case errc::session_backlog_full:
      return "session_backlog_full";
    case errc::runtime_stopped:
      return "runtime_stopped";
    case errc::would_deadlock:
      return "would_deadlock";
    case errc::handler_failed:
      return "handler_failed";
    case errc::claim_lost:
      return "claim_lost";
    case errc::owned_elsewhere:
      return "owned_elsewhere";
    case errc::misconfigured:
      return "misconfigured";
    case errc::unsupported:
      return "unsupported";
  }
  return "unknown atto error";
}

namespace {

next_step advice_on(errc e) noexcept {
  switch (e) {
    case errc::unavailable:
    case errc::timed_out:
      return next_step::retry;
    case errc::concurrent_write:
    case errc::outcome_unknown:
    case errc::claim_lost:
      return next_step::reload;
    case errc::closed:
    case errc::runtime_stopped:
    case errc::owned_elsewhere:
      return next_step::ask_elsewhere;
    case errc::invalid_argument:
    case errc::invalid_session_id:
    case errc::invalid_document:
    case errc::too_large:
    case errc::would_deadlock:
    case errc::unsupported:
      return next_step::fix_call;
    case errc::schema_missing:
    case errc::schema_mismatch:
    case errc::storage_failure:
    case errc::misconfigured:
      return next_step::call_operator;
    case errc::replication_unproven:
    case errc::operation_aborted:
    case errc::session_backlog_full:
    case errc::handler_failed:
      return next_step::none;
  }
  return next_step::none;
}

class category final : public boost::system::error_category {
 public:
  category() noexcept : error_category(id) {}
  [[nodiscard]] const char* name() const noexcept override { return "atto"; }
  [[nodiscard]] std::string message(int value) const override {
    return std::string(atto::name(static_cast<errc>(value)));
  }
  [[nodiscard]] boost::system::error_condition default_error_condition(int value) const noexcept override {
    namespace generic = boost::system::errc;
    if (static_cast<errc>(value) == errc::timed_out) return generic::make_error_condition(generic::timed_out);
    if (static_cast<errc>(value) == errc::operation_aborted)
      return generic::make_error_condition(generic::operation_canceled);
    return {value, *this};
  }

 private:
  /// Categories of one id are equal. So are, thereby, the codes of two shared objects that each embed the library.
  /// Drawn once; never changed.
  static constexpr boost::ulong_long_type id = 0x3e02039090f92f47;
};

}  // namespace

const boost::system::error_category& error_category() noexcept {
  static const category instance;
  return instance;
}

error_code make_error_code(errc e) noexcept {
  return {static_cast<int>(e), error_category()};
}

next_step advice(const error_code& ec) noexcept {
  return ec.category() == error_category() ? advice_on(static_cast<errc>(ec.value())) : next_step::none;
}

bool is_retryable(const error_code& ec) noexcept {
  return advice(ec) == next_step::retry;
}

}  // namespace atto
