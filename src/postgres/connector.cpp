#include "postgres/connector.hpp"

#include "base/deadline.hpp"

#include "postgres/refusal.hpp"
#include "postgres/sqlstate.hpp"
#include "postgres/strand_check.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <fmt/format.h>
#include <libpq-fe.h>

#include <algorithm>
#include <cassert>
#include <string>
#include <utility>
#include <vector>

namespace atto::postgres {

using boost::asio::posix::stream_descriptor;

name_resolver system_resolver(const boost::asio::any_io_executor& strand) {
  using boost::asio::ip::tcp;
  return [resolver = std::make_shared<tcp::resolver>(strand)](const std::string& name,
                                                              std::function<void(std::vector<std::string>)> done) {
    resolver->async_resolve(
        name, "", [done = std::move(done)](boost::system::error_code ec, const tcp::resolver::results_type& results) {
          if (ec == boost::asio::error::operation_aborted) return;
          std::vector<std::string> addresses;
          for (const auto& entry : results) addresses.push_back(entry.endpoint().address().to_string());
          done(std::move(addresses));
        });
  };
}

namespace {

pg_handle begin_connecting(const dsn& where, const dsn::host& host) {
  std::vector<const char*> keywords, values;
  const auto add = [&](const char* keyword, const std::string& value) {
    if (value.empty()) return;  // libpq's default
    keywords.push_back(keyword);
    values.push_back(value.c_str());
  };
  for (const auto& [keyword, value] : where.parameters()) add(keyword.c_str(), value);
  add("host", host.name);
  add("hostaddr", host.address);
  add("port", host.port);
  keywords.push_back(nullptr);
  values.push_back(nullptr);
  return pg_handle(PQconnectStartParams(keywords.data(), values.data(), 0));
}

/// A name that is resolved as fast as names are as a rule keeps its place before what needs no resolving.
constexpr std::chrono::milliseconds names_first{50};
constexpr std::string_view slow_answer = "it did not answer in time";
constexpr std::string_view no_login_now =
    "the server lets nobody in now, or not us; see its message, and try again later";
constexpr std::string_view no_tls = "the TLS handshake was refused; check sslmode, certificates and the host's name";
constexpr std::string_view unreachable =
    "is the server up and reachable, and of the kind the connection string asks for?";

}  // namespace

connector::connector(boost::asio::any_io_executor strand, std::shared_ptr<const dsn> where, pool_options options,
                     name_resolver resolve)
    : strand_(std::move(strand)),
      where_(std::move(where)),
      options_(std::move(options)),
      resolve_(resolve ? std::move(resolve) : system_resolver(strand_)),
      limit_(strand_),
      socket_(strand_) {}

connector::~connector() = default;

void connector::start(std::chrono::milliseconds limit, callback done) {
  assert(runs_on(strand_));
  done_ = std::move(done);
  deadline_ = deadline_after(limit);
  names_first_until_ = std::min(deadline_, std::chrono::steady_clock::now() + names_first);
  hosts_ = host_queue(where_->hosts());
  for (const auto& [number, name] : hosts_.names()) {
    resolve_(name, [weak = weak_from_this(), i = number](const std::vector<std::string>& addresses) {
      if (const auto self = weak.lock()) self->on_resolved(i, addresses);
    });
  }
  go_on();
}

void connector::renew(pg_handle lent, bool own_session, std::chrono::milliseconds limit, callback done) {
  assert(runs_on(strand_));
  done_ = std::move(done);
  deadline_ = deadline_after(limit);
  connection_ = std::move(lent);
  arm(deadline_, slow_answer);
  const bool idle = PQstatus(connection_.get()) == CONNECTION_OK &&
                    PQpipelineStatus(connection_.get()) == PQ_PIPELINE_OFF &&
                    PQtransactionStatus(connection_.get()) == PQTRANS_IDLE;
  if (!idle) return fail("it was not given back idle");
  silence(connection_.get());
  pooled_ = !own_session;
  if (!pooled_) return settle(setting::discard);
  if (PQsetnonblocking(connection_.get(), 1) != 0) return fail("libpq failed");
  become_ready();
}

void connector::prepare(pg_handle idle, bool own_session, std::chrono::steady_clock::time_point deadline,
                        callback done) {
  assert(runs_on(strand_));
  done_ = std::move(done);
  deadline_ = deadline;
  connection_ = std::move(idle);
  pooled_ = !own_session;
  arm(deadline_, slow_answer);
  settle(pooled_ ? setting::done_with_lease : setting::lock_timeout_of_lease);  // behind a pooler nothing was set
}

/// The current try fails with `reason` when it has not ended by then.
void connector::arm(std::chrono::steady_clock::time_point when, std::string_view reason) {
  limit_.expires_at(when);
  limit_.async_wait([weak = weak_from_this(), reason, current = ++tries_](boost::system::error_code ec) {
    const auto self = weak.lock();
    if (!ec && self != nullptr && self->tries_ == current) self->fail(reason);
  });
}

void connector::cancel() {
  done_ = nullptr;
  end({}, {});
}

void connector::on_resolved(std::size_t number, const std::vector<std::string>& addresses) {
  if (done_ == nullptr) return;
  hosts_.on_resolved(number, addresses);
  if (waits_for_names_) go_on();
}

void connector::go_on() {
  waits_for_names_ = false;
  if (hosts_.left() == 0) {
    // A host that was only out of reach, or whose name was not resolved, may come back and let us in.
    const bool hopeless = all_misconfigured_ && !reason_.empty() && hosts_.complaint().empty();
    return give_up(last_words(), hopeless ? errc::misconfigured : errc::unavailable);
  }
  const auto now = std::chrono::steady_clock::now();
  if (!hosts_.has_ready()) return wait_for_names(now + (deadline_ - now) / shares());
  if (hosts_.awaits_earlier() && now < names_first_until_) return wait_for_names(names_first_until_);
  try_next();
}

/// A name is late when by then there is still no host to be tried.
void connector::wait_for_names(std::chrono::steady_clock::time_point when) {
  waits_for_names_ = true;
  limit_.expires_at(when);
  limit_.async_wait([weak = weak_from_this(), current = ++tries_](boost::system::error_code ec) {
    const auto self = weak.lock();
    if (ec || self == nullptr || self->tries_ != current) return;
    if (!self->hosts_.has_ready()) self->hosts_.on_late();
    self->go_on();
  });
}

/// Why no host did, and what is wrong with their names.
std::string connector::last_words() const {
  const std::string complaint = hosts_.complaint();
  if (reason_.empty() || complaint.empty()) return reason_.empty() ? complaint : std::string(reason_);
  return fmt::format("{}; {}", reason_, complaint);
}

std::chrono::steady_clock::rep connector::shares() const noexcept {
  return static_cast<std::chrono::steady_clock::rep>(hosts_.left());
}

void connector::try_next() {
  const auto now = std::chrono::steady_clock::now();
  arm(now + (deadline_ - now) / shares(), slow_answer);
  connection_ = begin_connecting(*where_, hosts_.take());
  if (connection_ == nullptr) return give_up("out of memory");
  PQsetErrorVerbosity(connection_.get(), PQERRORS_VERBOSE);  // with the SQLSTATE of a refusal
  if (PQstatus(connection_.get()) == CONNECTION_BAD) return fail(unreachable);
  silence(connection_.get());
  // libpq: behave as if PQconnectPoll had returned PGRES_POLLING_WRITING.
  wait_for_socket(stream_descriptor::wait_write, &connector::poll);
}

void connector::poll() {
  switch (PQconnectPoll(connection_.get())) {
    case PGRES_POLLING_READING:
      return wait_for_socket(stream_descriptor::wait_read, &connector::poll);
    case PGRES_POLLING_WRITING:
      return wait_for_socket(stream_descriptor::wait_write, &connector::poll);
    case PGRES_POLLING_OK:
      return settle(setting::backend);
    case PGRES_POLLING_ACTIVE:
    case PGRES_POLLING_FAILED:
      break;
  }
  if (PQconnectionNeedsPassword(connection_.get()) != 0) {
    return give_up("the server asks for a password; give one, best in PGPASSFILE", errc::misconfigured);
  }
  // A server tells its version once it has let us in; what fails later is the kind of server, not the login.
  if (PQparameterStatus(connection_.get(), "server_version") != nullptr) return fail(unreachable);
  const refusal why = read_refusal(PQerrorMessage(connection_.get()));
  const bool silent = why.sqlstate.empty() && PQconnectionUsedPassword(connection_.get()) != 0;
  if (silent || refuses_login(why.sqlstate)) {
    // Without a SQLSTATE the connection may just have broken while the password was checked.
    return give_up("the server did not let us in; check user, password and database",
                   silent ? errc::unavailable : errc::misconfigured);
  }
  if (why.sqlstate.empty() && refuses_tls(why.message)) return fail(no_tls, errc::misconfigured);
  fail(why.sqlstate.empty() ? unreachable : no_login_now);
}

void connector::settle(setting s) {
  std::string sql;
  switch (s) {
    case setting::discard:
      sql = "DISCARD ALL";
      break;
    case setting::backend:
      sql = "SELECT pg_catalog.pg_backend_pid()";
      break;
    case setting::timeouts:
      sql = set_timeouts();
      if (sql.empty()) return become_ready();
      break;
    case setting::loss_of_client:
      sql = "SET client_connection_check_interval = 1000";
      break;
    case setting::done:
      return become_ready();
    case setting::lock_timeout_of_lease:
      sql = "RESET lock_timeout";
      break;
    case setting::done_with_lease:
      return become_lendable();
  }
  in_question_ = s;
  if (PQsetnonblocking(connection_.get(), 1) != 0 || PQsendQuery(connection_.get(), sql.c_str()) != 1) {
    return fail("the connection broke at once");
  }
  read_answer();
}

/// What would outlive a transaction may not be set where the next transaction is another client's.
std::string connector::set_timeouts() const {
  if (pooled_) return {};
  std::string sql = fmt::format("SET lock_timeout = {}", options_.lock_timeout.count());
  if (options_.statement_timeout.count() > 0) {
    sql += fmt::format("; SET statement_timeout = {}", options_.statement_timeout.count());
  }
  return sql;
}

void connector::read_answer() {
  pg_conn* c = connection_.get();
  if (PQflush(c) < 0 || PQconsumeInput(c) != 1) return fail("the connection broke at once");
  while (PQisBusy(c) == 0) {
    PGresult* result = PQgetResult(c);
    if (result == nullptr) return settle(static_cast<setting>(static_cast<int>(in_question_) + 1));
    const ExecStatusType status = PQresultStatus(result);
    take_answer(result);
    PQclear(result);
    const bool done = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
    if (in_question_ == setting::loss_of_client) {
      notices_loss_ = done;  // a server on another system than Linux refuses it
    } else if (!done) {
      return give_up("the server refused a setting or a question about its session");
    }
  }
  wait_for_socket(stream_descriptor::wait_read, &connector::read_answer);
}

void connector::take_answer(const pg_result* answer) {
  // A pooler tells its clients process numbers of its own making: only it knows which backend comes next.
  if (in_question_ != setting::backend || PQntuples(answer) != 1) return;
  pooled_ = std::to_string(PQbackendPID(connection_.get())) != PQgetvalue(answer, 0, 0);
}

void connector::become_ready() {
  PQsetErrorVerbosity(connection_.get(), PQERRORS_DEFAULT);
  if (PQenterPipelineMode(connection_.get()) != 1) return fail("libpq failed to enter pipeline mode");
  const bool prepares =
      options_.names == statement_names::named || (options_.names == statement_names::automatic && !pooled_);
  end({std::move(connection_), !pooled_, prepares, notices_loss_}, {});
}

void connector::become_lendable() {
  if (PQsetnonblocking(connection_.get(), 0) != 0) return fail("libpq failed");
  end({std::move(connection_), !pooled_, false, false}, {});
}

void connector::wait_for_socket(stream_descriptor::wait_type what, void (connector::*then)()) {
  boost::system::error_code ec;
  socket_.close(ec);
  socket_.assign(duplicate_socket(connection_.get()), ec);
  if (ec) return fail("its socket cannot be watched");
  socket_.async_wait(what, [self = shared_from_this(), then, current = tries_](boost::system::error_code failed) {
    if (failed || self->done_ == nullptr || self->tries_ != current) return;
    (self.get()->*then)();
  });
}

void connector::fail(std::string_view reason, errc code) {
  if (done_ == nullptr) return;
  reason_ = reason;
  all_misconfigured_ = all_misconfigured_ && code == errc::misconfigured;
  if (std::chrono::steady_clock::now() >= deadline_) return give_up(last_words());
  boost::system::error_code ignored;
  socket_.close(ignored);
  go_on();
}

void connector::give_up(std::string_view reason, errc code) {
  if (done_ == nullptr) return;
  diagnostics diag;
  diag.message(fmt::format("no connection to {}: {}", where_->describe_hosts(), reason));
  if (connection_ != nullptr) {
    refusal why = read_refusal(PQerrorMessage(connection_.get()));
    diag.code(std::move(why.sqlstate)).server_message(where_->redact(std::move(why.message)));
  }
  end({}, {code, std::move(diag)});
}

void connector::end(open_connection o, failure f) {
  boost::system::error_code ignored;
  socket_.close(ignored);
  limit_.cancel();
  ++tries_;
  connection_.reset();
  if (const auto done = std::exchange(done_, nullptr)) done(std::move(o), std::move(f));
}

}  // namespace atto::postgres
